/**
 * The stage makes a turn all or nothing. When a write turn begins, the words of the row that views
 * may change freely are kept as an image; words elsewhere (long vectors, pooled rows) are noted
 * before they change. A throw puts all of them back and frees what the turn took; a commit frees
 * what it replaced. Cost: about 0.5 ns a word of the image, 3 ns a noted word.
 */
import { assert } from '../assert.ts'
import { pinwheelError } from '../errors.ts'
import type { Arena } from './arena.ts'
import type { Page } from './page.ts'

const IDLE = 0
const WRITE = 1
const RAW = 2

export class Stage {
  readonly #arena: Arena
  #mode = IDLE
  #count = 0
  readonly #pages: Page[] = []
  #words = new Uint32Array(256)
  #olds = new Uint32Array(256)
  /** Blocks to free when the turn commits, and when it is dropped: address and bytes in turn. */
  readonly #replaced = new BlockList()
  readonly #allocated = new BlockList()
  /** Whether the turn did more than change the image. */
  hasNotes = false
  /** Named in READ_WROTE. */
  type = ''
  method = ''

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** Lets turns write, one after the other, until `close`. */
  open(): void {
    assert(this.#mode === IDLE, 'turns do not overlap')
    this.#mode = WRITE
  }

  close(): void {
    this.#mode = IDLE
  }

  /** Ends a turn that `hasNotes`: frees what it replaced. */
  commit(): void {
    this.#replaced.free(this.#arena)
    this.#forget()
  }

  /** Puts noted words back and gives up what the turn took. */
  rollback(): void {
    for (let i = this.#count - 1; i >= 0; i--) {
      this.#pages[i]!.u32[this.#words[i]!] = this.#olds[i]!
    }
    this.#allocated.free(this.#arena)
    this.#forget()
  }

  /** Runs `load` with changes that nothing notes: for filling a fresh row. */
  raw(load: () => void): void {
    assert(this.#mode === IDLE, 'state is loaded between turns')
    this.#mode = RAW
    try {
      load()
    } finally {
      this.#mode = IDLE
    }
  }

  /** Called before word `word` of `page` changes. */
  note(page: Page, word: number): void {
    if (this.#mode === RAW) return
    assert(this.#mode === WRITE, 'state changes in turns')
    this.hasNotes = true
    const n = this.#count
    if (n === this.#words.length) this.#grow()
    this.#pages[n] = page
    this.#words[n] = word
    this.#olds[n] = page.u32[word]!
    this.#count = n + 1
  }

  /** A block that belongs to the turn until it commits. */
  allocate(bytes: number): number {
    const address = this.#arena.allocate(bytes)
    if (this.#mode === WRITE) {
      this.hasNotes = true
      this.#allocated.push(address, bytes)
    }
    return address
  }

  /** Gives up a block when the turn commits. */
  replace(address: number, bytes: number): void {
    if (this.#mode !== WRITE) this.#arena.free(address, bytes)
    else {
      this.hasNotes = true
      this.#replaced.push(address, bytes)
    }
  }

  /** What views of a read do in place of a change. READ_WROTE. */
  refuse(): never {
    throw pinwheelError('READ_WROTE', { type: this.type, method: this.method })
  }

  #forget(): void {
    this.hasNotes = false
    this.#count = 0
    this.#replaced.count = 0
    this.#allocated.count = 0
  }

  #grow(): void {
    const wider = (old: Uint32Array<ArrayBuffer>) => {
      const next = new Uint32Array(old.length * 2)
      next.set(old)
      return next
    }
    this.#words = wider(this.#words)
    this.#olds = wider(this.#olds)
  }
}

/** Blocks by address and bytes. An array's own `length` is dear to set once it has grown. */
class BlockList {
  readonly #words: number[] = []
  count = 0

  push(address: number, bytes: number): void {
    this.#words[this.count] = address
    this.#words[this.count + 1] = bytes
    this.count += 2
  }

  free(arena: Arena): void {
    for (let i = 0; i < this.count; i += 2) arena.free(this.#words[i]!, this.#words[i + 1]!)
  }
}
