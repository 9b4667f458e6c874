/**
 * Bytes of a state for the stores of one host: refs stay numbers, since the host's dictionary gives
 * each once and for ever, so a row is copied instead of walked.
 *
 * Layout, little-endian words of four bytes: CRC-32 of what follows; version, and in the upper half
 * the packing; the fixed part as it
 * lies in a row, with the headers of pooled fields as { 0, count }, of optional rows as count;
 * then the blocks in order of declaration, rings oldest first, texts padded. Equal states give
 * equal bytes on one host.
 */
import { crc32 } from 'node:zlib'
import { pinwheelError } from '../errors.ts'
import { ROW_HEADER_WORDS } from './layout.ts'
import type { Page } from './page.ts'
import { fillState, migrated } from './plain.ts'
import { Optional } from './pooled.ts'
import { Text } from './pooled-text.ts'
import type { StateHandle, StateSchema } from './state.ts'
import { Trail } from './trail.ts'

const HEAD_WORDS = 2
/**
 * How rows of trails lie. Each reads what those before it wrote: 1 has small differences of times
 * in heads.
 */
const PACKING = 1

/** The second word of the bytes of states that this program writes; others are read, too. */
export function storedMark({ version }: StateSchema): number {
  return version | (PACKING << 16)
}

/** Whether bytes that `StoredStates` gave are as they were. */
export function isWholeState(bytes: Uint8Array): boolean {
  if (bytes.length < HEAD_WORDS * 4) return false
  const crc = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  return crc === crc32(bytes.subarray(4))
}

export class StoredStates {
  #words = new Uint32Array(512)
  #end = 0

  /** The bytes of the row under `handle`: a view that the next call changes. */
  encode(handle: StateHandle): Uint8Array {
    const words = this.gather(handle)
    const bytes = new Uint8Array(words.buffer, 0, this.#end * 4)
    words[0] = crc32(bytes.subarray(4))
    return bytes
  }

  /** Words of those bytes, the CRC left out; below `end` they are of the row under `handle`. */
  gather(handle: StateHandle): Uint32Array {
    const { page, word } = handle.place
    const fixed = handle.schema.layout.bytes / 4 - ROW_HEADER_WORDS
    this.#end = 0
    this.#take(page, word + ROW_HEADER_WORDS - HEAD_WORDS, HEAD_WORDS + fixed)
    this.#words[1] = storedMark(handle.schema)
    for (const { at, part } of handle.pooledFields) {
      const header = HEAD_WORDS + at - ROW_HEADER_WORDS
      this.#words[header] = 0
      if (part instanceof Text) this.#takeBytes(part.bytes())
      else {
        this.#words[part instanceof Optional ? header : header + 1] =
          part instanceof Trail ? part.kept : part.length
        part.eachRun(this.#takeRun)
      }
    }
    return this.#words
  }

  /** How many words were gathered last, from word 1 on without the CRC. */
  get end(): number {
    return this.#end
  }

  /**
   * Fills the (fresh) row under `handle`; its header is left alone. STATE_DAMAGED when a byte
   * changed or is missing, STATE_NEWER for a later version.
   */
  decode(handle: StateHandle, bytes: Uint8Array, id: () => string): void {
    const { schema } = handle
    const { name: type, version: known } = schema
    const damaged = (reason: string) => pinwheelError('STATE_DAMAGED', { type, id: id(), reason })
    if (bytes.length < HEAD_WORDS * 4 || bytes.length % 4 !== 0) throw damaged('it is cut off')
    const words = this.#aligned(bytes)
    if (words[0] !== crc32(bytes.subarray(4))) throw damaged('its CRC differs')
    const version = words[1]! & 0xffff
    const isNewer = version > known || words[1]! >>> 16 > PACKING
    if (isNewer) throw pinwheelError('STATE_NEWER', { type, version, known })
    const past = schema.past(version)
    if (version < known && !past) throw damaged(`version ${version} has no migration`)
    if (!past) {
      fill(handle, words)
      return
    }
    fillState(
      handle,
      migrated(past, schema, (old) => fill(old, words)),
    )
  }

  #aligned(bytes: Uint8Array): Uint32Array {
    if (bytes.byteOffset % 4 === 0) {
      return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    }
    return new Uint32Array(bytes.slice().buffer)
  }

  readonly #takeRun = (page: Page, word: number, words: number) => this.#take(page, word, words)

  #take({ u32 }: Page, word: number, words: number): void {
    this.#room(words)
    const to = this.#words
    const at = this.#end
    if (words < 64) for (let i = 0; i < words; i++) to[at + i] = u32[word + i]!
    else to.set(u32.subarray(word, word + words), at)
    this.#end = at + words
  }

  #takeBytes(bytes: Uint8Array): void {
    const words = (bytes.length + 3) >>> 2
    this.#room(words)
    if (words > 0) this.#words[this.#end + words - 1] = 0
    new Uint8Array(this.#words.buffer).set(bytes, this.#end * 4)
    this.#end += words
  }

  #room(words: number): void {
    if (this.#end + words <= this.#words.length) return
    const wider = new Uint32Array(Math.max(this.#words.length * 2, this.#end + words))
    wider.set(this.#words)
    this.#words = wider
  }
}

function fill(handle: StateHandle, words: Uint32Array): void {
  const { page, word } = handle.place
  const fixed = handle.schema.layout.bytes / 4 - ROW_HEADER_WORDS
  for (let i = 0; i < fixed; i++) page.u32[word + ROW_HEADER_WORDS + i] = words[HEAD_WORDS + i]!
  let at = HEAD_WORDS + fixed
  for (const { part } of handle.pooledFields) at += part.load(words, at)
}
