/** The view of a text that lies in a block of its own. */
import { assert } from '../assert.ts'
import { Pooled, type PooledField } from './pooled.ts'

/** UTF-8 in a block of its length. */
export class Text extends Pooled {
  readonly #bytesMax: number
  readonly #isWritable: boolean

  constructor(field: PooledField, bytesMax: number, isWritable: boolean) {
    super(field)
    this.#bytesMax = bytesMax
    this.#isWritable = isWritable
  }

  get pooledBytes(): number {
    return this.root.page.u32[this.root.word + this.header + 1]!
  }

  read(): string {
    return this.bytes().toString('utf8')
  }

  /** A view of what is stored. */
  bytes(): Buffer {
    const length = this.pooledBytes
    if (length === 0) return nothing
    const { buffer, byteOffset } = this.arena.page(this.block).u8
    const at = byteOffset + this.arena.word(this.block) * 4
    return Buffer.from(buffer as ArrayBuffer, at, length)
  }

  write(value: string): void {
    if (!this.#isWritable) this.stage.refuse()
    this.store(Buffer.from(value))
  }

  store(bytes: Uint8Array): void {
    assert(bytes.length <= this.#bytesMax, 'text is checked before it reaches state')
    const old = this.pooledBytes
    if (old > 0) this.stage.replace(this.block, old)
    const address = bytes.length === 0 ? 0 : this.stage.allocate(bytes.length)
    if (address !== 0) this.arena.page(address).u8.set(bytes, this.arena.word(address) * 4)
    const { page, word } = this.root
    page.u32[word + this.header] = address
    page.u32[word + this.header + 1] = bytes.length
  }

  release(): void {
    const length = this.pooledBytes
    if (length > 0) this.arena.free(this.block, length)
  }

  /** The same as of rows. */
  load(words: Uint32Array, at: number): number {
    const length = this.pooledBytes
    const taken = (length + 3) >>> 2
    const bytes = new Uint8Array(words.buffer, words.byteOffset + at * 4, length)
    const { page, word } = this.root
    page.u32[word + this.header + 1] = 0
    this.store(bytes)
    return taken
  }
}

const nothing = Buffer.alloc(0)
