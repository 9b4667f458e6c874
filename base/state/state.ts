/**
 * A declared state, and the handle that moves its views from row to row.
 */
import { assert } from '../assert.ts'
import type { Arena } from './arena.ts'
import type { StateFields, StateView } from './fields.ts'
import { ROW_HEADER_WORDS, type StateLayout, stateLayout } from './layout.ts'
import { Page, Place } from './page.ts'
import { Ring, Table } from './pooled.ts'
import type { RowPages } from './row-pages.ts'
import { Stage } from './stage.ts'
import { Trail } from './trail.ts'
import { type Image, imageOf, type PooledPart, type StateRoot, viewsOf } from './views.ts'

/** A state as plain data: numbers, texts, and lists of them; refs are numbers of this host. */
export type PlainState = Readonly<Record<string, unknown>>

/** How a state of the version before becomes one of this. */
export type Migration = {
  readonly from: StateSchema
  readonly migrate: (old: PlainState) => PlainState
}

/** Its name, version and fields, and the layout that follows from them. */
export class StateSchema<F extends StateFields = StateFields> {
  readonly name: string
  readonly version: number
  readonly fields: F
  readonly layout: StateLayout
  readonly migration: Migration | undefined
  #image: Image | undefined

  constructor(name: string, version: number, fields: F, migration?: Migration) {
    this.name = name
    this.version = version
    this.fields = fields
    this.layout = stateLayout(fields)
    this.migration = migration
  }

  get image(): Image {
    this.#image ??= imageOf(this.layout)
    return this.#image
  }

  /** The schema of an earlier version, if it can still be read. */
  past(version: number): StateSchema | undefined {
    const from = this.migration?.from
    return from === undefined || from.version === version ? from : from.past(version)
  }
}

/**
 * Declares a state. Raise `version` whenever `fields` change, and say how the version before is
 * read: states in stores outlive programs.
 */
export function stateSchema<F extends StateFields>(
  name: string,
  version: number,
  fields: F,
  migration?: Migration,
): StateSchema<F> {
  return new StateSchema(name, version, fields, migration)
}

/**
 * Where the row of a whole state lies now, for turns that are taken a million times a second: they
 * read the columns once instead of one view a word. Only what `imageOffset` gives may be changed
 * there, in write turns.
 */
export function placeOf<F extends StateFields>(state: StateView<F>): Place {
  return state as unknown as Place
}

/** Bytes from a row's beginning to a field of its image, which turns may change without a note. */
export function imageOffset({ layout }: StateSchema, name: string): number {
  const field = layout.fields.find((each) => each.name === name)
  assert(field !== undefined && field.at < 4 * layout.imageEnd, 'the field is part of the image')
  return field.at
}

export class StateHandle<F extends StateFields = StateFields> {
  readonly schema: StateSchema<F>
  readonly arena: Arena
  readonly stage: Stage
  /** Where the views look. */
  readonly place = new Place()
  /** For write turns. */
  readonly state: StateView<F>
  /** For reads: setters refuse. */
  readonly reading: StateView<F>
  /** Rings, tables, texts and optional rows in order of declaration, with their headers' words. */
  readonly pooledFields: readonly { readonly at: number; readonly part: PooledPart }[]
  readonly #appended = new Map<
    string,
    { readonly at: number; readonly part: Ring | Trail | Table }
  >()
  /** Where loads go that nobody needs. */
  readonly #loads = { seen: 0 }
  readonly #writing: StateRoot
  readonly #read: StateRoot
  readonly #image: Uint32Array
  readonly #nowhere: Page
  readonly #copies: Image

  constructor(schema: StateSchema<F>, arena: Arena) {
    this.schema = schema
    this.arena = arena
    this.stage = new Stage(arena)
    const { fields, layout } = schema
    const options = { fields, layout, place: this.place, arena, stage: this.stage }
    const writing = viewsOf({ ...options, isWritable: true })
    this.#writing = writing.state
    this.#read = viewsOf({ ...options, isWritable: false }).state
    this.state = this.#writing as unknown as StateView<F>
    this.reading = this.#read as unknown as StateView<F>
    this.pooledFields = writing.parts
    for (const { name, at } of layout.fields) {
      const part = writing.parts.find((each) => each.at === at >>> 2)?.part
      if (part instanceof Ring || part instanceof Trail || part instanceof Table)
        this.#appended.set(name, { at: at >>> 2, part })
    }
    this.#nowhere = new Page(new ArrayBuffer(layout.bytes))
    this.#image = new Uint32Array(layout.imageEnd - ROW_HEADER_WORDS)
    this.#copies = schema.image
  }

  /** Places the views on the row at `word` of `page`. */
  move(page: Page, word: number): void {
    this.place.page = page
    this.place.word = word
    this.#writing.page = page
    this.#writing.word = word
    this.#read.page = page
    this.#read.word = word
  }

  /** The same for a write turn alone, which sees no other view. */
  moveWriting(page: Page, word: number): void {
    this.place.page = page
    this.place.word = word
    this.#writing.page = page
    this.#writing.word = word
  }

  /**
   * Loads what turns on these rows append to, or look a key up in: each is a miss of the cache, and
   * misses that do not wait for each other overlap.
   */
  lookAhead(
    name: string,
    { pages, shift, mask, rowWords }: RowPages,
    slots: Uint32Array,
    count: number,
  ): void {
    const { arena } = this
    const { at, part } = this.#appended.get(name)!
    let seen = 0
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!
      const { u32 } = pages[slot >>> shift]!
      const word = Math.imul(slot & mask, rowWords) + at
      const block = u32[word]!
      if (block === 0) continue
      // Its last word is there where the next may not be.
      const end = Math.max(1, part.endOf(u32[word + 1]!)) - 1
      seen |= arena.page(block).u32[arena.word(block) + end]!
    }
    this.#loads.seen = seen
  }

  /** Ends writing: what an actor does with the view after its turn reaches nobody. */
  park(): void {
    this.moveWriting(this.#nowhere, 0)
  }

  /** Starts a write turn on the row under the views; `stage` must be open. */
  begin(): void {
    const { page, word } = this.#writing
    this.#copies.keep(page.u32, word, this.#image)
  }

  commit(): void {
    if (this.stage.hasNotes) this.stage.commit()
  }

  /** Undoes the turn, to the byte. */
  rollback(): void {
    if (this.stage.hasNotes) this.stage.rollback()
    const { page, word } = this.place
    this.#copies.restore(page.u32, word, this.#image)
  }

  /** Bytes of the row's blocks in the arena. */
  get pooledBytes(): number {
    let bytes = 0
    for (const { part } of this.pooledFields) bytes += part.pooledBytes
    return bytes
  }

  /** Frees the row's blocks and zeroes it, its header too. */
  clear(): void {
    for (const { part } of this.pooledFields) part.release()
    const { page, word } = this.place
    page.u32.fill(0, word, word + (this.schema.layout.bytes >>> 2))
  }
}
