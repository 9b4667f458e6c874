import type { Allocator } from '../../base/index.ts'

/**
 * Memory for the pages of simulated hosts, used again and again: a thousand small hosts a second
 * would else spend their time in the allocator and the garbage collector.
 */
export class PagePool {
  readonly #free = new Map<number, ArrayBufferLike[]>()
  readonly #given: ArrayBufferLike[] = []

  readonly allocate: Allocator = (bytes) => {
    const used = this.#free.get(bytes)?.pop()
    if (used) new Uint8Array(used).fill(0)
    const page = used ?? new ArrayBuffer(bytes)
    this.#given.push(page)
    return page
  }

  /** Everything that was given may be given again: who had it is dead. */
  takeBack(): void {
    for (const page of this.#given.splice(0)) {
      const free = this.#free.get(page.byteLength)
      if (free) free.push(page)
      else this.#free.set(page.byteLength, [page])
    }
  }
}
