/**
 * Compact bytes of a state row, for snapshots, state stores and digests.
 *
 * Layout, little-endian: u8 0xA7, u16 schema version, the fields in order of declaration, u32
 * CRC-32 of all before. Scalars at their width; a ref as u8 length and the UTF-8 of its outside id
 * (length 0 for none); a vector as its elements; a ring or trail (oldest first), a table and an
 * optional row as u32 count and rows; a text as u32 length and bytes. Equal states give equal bytes
 * on any host.
 */
import { crc32 } from 'node:zlib'
import { pinwheelError } from '../errors.ts'
import { NONE } from '../ids.ts'
import type {
  Names,
  OptionalView,
  RowFields,
  RowView,
  ScalarField,
  StateFields,
  VectorView,
} from './fields.ts'
import { addRow, fillState, migrated } from './plain.ts'
import type { StateHandle } from './state.ts'
import { Trail } from './trail.ts'

const MAGIC = 0xa7
const HEAD_BYTES = 3

class Writer {
  bytes = Buffer.alloc(1024)
  end = 0

  room(more: number): void {
    if (this.end + more <= this.bytes.length) return
    const wider = Buffer.alloc(Math.max(this.bytes.length * 2, this.end + more))
    this.bytes.copy(wider, 0, 0, this.end)
    this.bytes = wider
  }

  u32(value: number): void {
    this.room(4)
    this.end = this.bytes.writeUInt32LE(value, this.end)
  }

  scalar(field: ScalarField, value: number, names: Names): void {
    this.room(256)
    const { bytes } = this
    switch (field.type) {
      case 'u8':
        this.end = bytes.writeUInt8(value, this.end)
        return
      case 'u16':
        this.end = bytes.writeUInt16LE(value, this.end)
        return
      case 'u32':
        this.end = bytes.writeUInt32LE(value, this.end)
        return
      case 'i32':
        this.end = bytes.writeInt32LE(value, this.end)
        return
      case 'f32':
        this.end = bytes.writeFloatLE(value, this.end)
        return
      case 'f64':
        this.end = bytes.writeDoubleLE(value, this.end)
        return
      case 'ref': {
        const interner = names[field.space!]
        const length = value === NONE ? 0 : interner.byteLength(value)
        this.end = bytes.writeUInt8(length, this.end)
        if (length > 0) this.end = interner.copyId(value, bytes, this.end)
      }
    }
  }

  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.u32(length)
    this.room(length)
    this.end += this.bytes.write(value, this.end, 'utf8')
  }
}

const shared = new Writer()

/** The compact bytes of the row under `handle`; valid after the next call. */
export function encodeState<F extends StateFields>(
  handle: StateHandle<F>,
  names: Names,
): Uint8Array<ArrayBuffer> {
  const out = shared
  out.end = HEAD_BYTES
  out.bytes.writeUInt8(MAGIC, 0)
  out.bytes.writeUInt16LE(handle.schema.version, 1)
  const state = handle.reading as Record<string, unknown>
  for (const [name, field] of Object.entries(handle.schema.fields)) {
    const value = state[name]
    if (field.field === 'scalar') out.scalar(field, value as number, names)
    else if (field.field === 'text') out.text(value as string)
    else if (field.field === 'vector') {
      const vector = value as VectorView
      for (let i = 0; i < vector.length; i++) out.scalar(field.of, vector.get(i), names)
    } else writeRows(out, field.row, rowsOf(value), names)
  }
  out.u32(crc32(out.bytes.subarray(0, out.end)))
  return new Uint8Array(out.bytes.subarray(0, out.end))
}

type Rows = { readonly length: number; at(index: number): RowView<RowFields> }

/** An optional row is a list of none or one. */
function rowsOf(value: unknown): Rows {
  if (value instanceof Trail) {
    const rows = value.rows()
    return { length: rows.length, at: (i) => rows[i]! }
  }
  const view = value as Rows & OptionalView<RowFields>
  return 'make' in view ? { length: view.length, at: () => view.get()! } : view
}

function writeRows(out: Writer, row: RowFields, rows: Rows, names: Names): void {
  const columns = Object.entries(row)
  out.u32(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const view = rows.at(i)
    for (const [name, field] of columns) out.scalar(field, view[name]!, names)
  }
}

class Reader {
  readonly #bytes: Buffer
  readonly #end: number
  #at = HEAD_BYTES

  constructor(bytes: Uint8Array, end: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = end
  }

  take(bytes: number): number {
    const at = this.#at
    this.#at += bytes
    if (this.#at > this.#end) throw new RangeError('it ends early')
    return at
  }

  get atEnd(): boolean {
    return this.#at === this.#end
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.take(4))
  }

  scalar(field: ScalarField, names: Names): number {
    const bytes = this.#bytes
    switch (field.type) {
      case 'u8':
        return bytes.readUInt8(this.take(1))
      case 'u16':
        return bytes.readUInt16LE(this.take(2))
      case 'u32':
        return this.u32()
      case 'i32':
        return bytes.readInt32LE(this.take(4))
      case 'f32':
        return bytes.readFloatLE(this.take(4))
      case 'f64':
        return bytes.readDoubleLE(this.take(8))
      case 'ref': {
        const length = bytes.readUInt8(this.take(1))
        if (length === 0) return NONE
        const at = this.take(length)
        return names[field.space!].internBytes(bytes, at, at + length)
      }
    }
  }

  text(): string {
    const length = this.u32()
    const at = this.take(length)
    return this.#bytes.toString('utf8', at, at + length)
  }
}

/**
 * Fills the (fresh) row under `handle` from compact bytes. Bytes of an earlier version are migrated.
 * STATE_DAMAGED when a byte changed or is missing, STATE_NEWER for a later version.
 */
export function decodeState<F extends StateFields>(
  handle: StateHandle<F>,
  bytes: Uint8Array,
  names: Names,
  id: string,
): void {
  const { schema } = handle
  const { name: type, version: known } = schema
  const damaged = (reason: string) => pinwheelError('STATE_DAMAGED', { type, id, reason })
  const end = bytes.length - 4
  if (end < HEAD_BYTES || bytes[0] !== MAGIC) throw damaged('it does not begin as state does')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) throw damaged('its CRC differs')
  const version = view.getUint16(1, true)
  if (version > known) throw pinwheelError('STATE_NEWER', { type, version, known })
  const past = version === known ? undefined : schema.past(version)
  if (version < known && !past) throw damaged(`version ${version} has no migration`)
  const read = (into: StateHandle) => {
    const reader = new Reader(bytes, end)
    into.stage.raw(() => readState(reader, into, names))
    if (!reader.atEnd) throw damaged('it goes on after its last field')
  }
  if (past) fillState(handle, migrated(past, schema, read))
  else read(handle as unknown as StateHandle)
}

function readState(reader: Reader, handle: StateHandle, names: Names): void {
  const state = handle.state as Record<string, unknown>
  for (const [name, field] of Object.entries(handle.schema.fields)) {
    if (field.field === 'scalar') state[name] = reader.scalar(field, names)
    else if (field.field === 'text') state[name] = reader.text()
    else if (field.field === 'vector') {
      const vector = state[name] as VectorView
      for (let i = 0; i < vector.length; i++) vector.set(i, reader.scalar(field.of, names))
    } else readRows(reader, field.row, state[name], names)
  }
}

function readRows(reader: Reader, row: RowFields, rows: unknown, names: Names): void {
  const columns = Object.entries(row)
  const count = reader.u32()
  for (let i = 0; i < count; i++) {
    addRow(
      rows,
      columns.map(([name, field]) => [name, reader.scalar(field, names)]),
    )
  }
}
