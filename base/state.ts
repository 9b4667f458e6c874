/**
 * State in pages: the layout of a declared state and the handle that moves its view from row to
 * row. The fixed part of a row holds scalars, vectors and the headers of rings, tables and texts.
 */
import { type Arena, blockBytesMax, type Stage } from './arena.ts'
import { assert } from './assert.ts'
import type { RingField, StateFields, StateView, TableField, VectorField } from './state-fields.ts'
import {
  accessor,
  Block,
  Cursor,
  HEADER_BYTES,
  place,
  Ring,
  type RowLayout,
  rowClass,
  sizes,
  Table,
  Text,
  Vector,
} from './state-views.ts'

/** A declared state: its name, version and fields, and the layout that follows from them. */
export class StateSchema<F extends StateFields = StateFields> {
  readonly name: string
  readonly version: number
  readonly fields: F
  readonly layout: RowLayout

  constructor(name: string, version: number, fields: F) {
    this.name = name
    this.version = version
    this.fields = fields
    this.layout = place(
      Object.entries(fields).map(([key, f]) => {
        if (f.field === 'scalar') return { name: key, bytes: sizes[f.type], align: sizes[f.type] }
        if (f.field === 'vector') {
          const bytes = sizes[f.of.type]
          return { name: key, bytes: bytes * f.length, align: bytes }
        }
        return { name: key, bytes: HEADER_BYTES, align: 4 }
      }),
    )
    assert(this.layout.bytes <= blockBytesMax, 'the fixed part fits in a page')
  }

  /** A view that `move` places on a row. */
  view(arena: Arena, stage: Stage): StateHandle<F> {
    return new StateHandle(this, arena, stage)
  }
}

/** Declares a state. Raise `version` whenever `fields` change. */
export function stateSchema<F extends StateFields>(
  name: string,
  version: number,
  fields: F,
): StateSchema<F> {
  return new StateSchema(name, version, fields)
}

type Part = {
  readonly at: number
  readonly part: Cursor
  readonly unit: number
}

/** One movable view of a schema's rows, and what the host does with rows. */
export class StateHandle<F extends StateFields = StateFields> {
  readonly schema: StateSchema<F>
  readonly state: StateView<F>
  readonly #arena: Arena
  readonly #root: Cursor
  readonly #parts: Part[] = []
  #address = 0

  constructor(schema: StateSchema<F>, arena: Arena, stage: Stage) {
    this.schema = schema
    this.#arena = arena
    class View extends Cursor {}
    this.#root = new View(arena, stage)
    for (const { name, at } of schema.layout.fields) this.#define(View.prototype, name, at, stage)
    this.state = this.#root as unknown as StateView<F>
  }

  /** A state without fields still has a place. */
  get #rowBytes(): number {
    return Math.max(8, this.schema.layout.bytes)
  }

  /** A zeroed row. */
  allocate(): number {
    return this.#arena.allocate(this.#rowBytes)
  }

  /** Places the view on row `address`. */
  move(address: number): StateView<F> {
    this.#address = address
    const page = this.#arena.page(address)
    const byte = this.#arena.offset(address)
    this.#root.page = page
    this.#root.byte = byte
    const parts = this.#parts
    for (let i = 0; i < parts.length; i++) {
      const { part, at } = parts[i]!
      part.page = page
      part.byte = byte + at
    }
    return this.state
  }

  /** Gives the row under the view, and its blocks, back to the arena. */
  release(): void {
    for (const { part, unit } of this.#parts) if (part instanceof Block) part.release(unit)
    this.#arena.free(this.#address, this.#rowBytes)
  }

  #define(prototype: object, name: string, at: number, stage: Stage): void {
    const field = this.schema.fields[name]!
    const arena = this.#arena
    if (field.field === 'scalar') {
      Object.defineProperty(prototype, name, accessor(field.type, at))
      return
    }
    if (field.field === 'text') {
      const part = new Text(arena, stage, field.bytesMax)
      this.#parts.push({ at, part, unit: 1 })
      const set = (value: string) => part.write(value)
      Object.defineProperty(prototype, name, { get: () => part.read(), set })
      return
    }
    const { part, unit } = this.#rows(field, stage)
    this.#parts.push({ at, part, unit })
    Object.defineProperty(prototype, name, { get: () => part })
  }

  #rows(field: VectorField | RingField | TableField, stage: Stage) {
    const arena = this.#arena
    if (field.field === 'vector') {
      const { View } = rowClass({ value: field.of })
      const unit = sizes[field.of.type]
      return {
        part: new Vector(arena, stage, new View(arena, stage), unit, field.length),
        unit,
      }
    }
    const { layout, View } = rowClass(field.row)
    const row = new View(arena, stage)
    const unit = layout.bytes
    const part =
      field.field === 'ring'
        ? new Ring(arena, stage, row, unit, field.capacity)
        : new Table(arena, stage, row, unit, field)
    return { part, unit }
  }
}
