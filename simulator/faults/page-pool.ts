/**
 * Memory for the pages of thousands of small hosts: what one simulation gave back is zeroed and
 * used by the next, since mapping and collecting it would cost more than everything else.
 */
import { type Allocator, heapAllocator } from '../../base/index.ts'

const free: ArrayBuffer[] = []

export class PagePool {
  readonly bytes: number
  readonly #taken: ArrayBuffer[] = []

  constructor(bytes: number) {
    this.bytes = bytes
  }

  readonly allocate: Allocator = (bytes) => {
    if (bytes !== this.bytes) return heapAllocator(bytes)
    const again = free.findLastIndex((page) => page.byteLength === bytes)
    const page = again < 0 ? new ArrayBuffer(bytes) : free.splice(again, 1)[0]!
    new Uint8Array(page).fill(0)
    this.#taken.push(page)
    return page
  }

  /** Nobody uses any of them any more. */
  giveBack(): void {
    free.push(...this.#taken.splice(0))
  }
}
