/**
 * Memory under state: a page is one buffer seen through every width, a place is a row in a page.
 * All views of one state share one place, so moving them is two stores.
 */
import type { Allocator } from '../memory.ts'

const LINE_BYTES = 64
const MALLOC_BYTES = 16

export class Page {
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly u32: Uint32Array
  readonly i32: Int32Array
  readonly f32: Float32Array
  readonly f64: Float64Array

  /**
   * A page of its own that begins on a line of the cache: rows of 32 and 64 bytes in it never
   * straddle two, which halves what a random access costs. A large ArrayBuffer of Node begins 16
   * bytes into one, behind what malloc notes there. Where malloc is told to, it asks for huge pages
   * for such a buffer (`GLIBC_TUNABLES=glibc.malloc.hugetlb=1`), and then most accesses spare the
   * walk through the page table: a third of a turn was seen to go.
   */
  static made(allocate: Allocator, bytes: number): Page {
    return new Page(allocate(bytes + LINE_BYTES), LINE_BYTES - MALLOC_BYTES)
  }

  /** From byte `from` of a buffer on, a multiple of 8. */
  constructor(buffer: ArrayBufferLike, from = 0) {
    this.u8 = new Uint8Array(buffer, from)
    this.u16 = new Uint16Array(buffer, from)
    this.u32 = new Uint32Array(buffer, from)
    this.i32 = new Int32Array(buffer, from)
    this.f32 = new Float32Array(buffer, from)
    this.f64 = new Float64Array(buffer, from)
  }
}

/** Where a row lies: its page, and its first word of four bytes (an even number). */
export class Place {
  page: Page
  word = 0

  constructor(page: Page = nowhere) {
    this.page = page
  }
}

const nowhere = new Page(new ArrayBuffer(8))

/** How pages are made. Small ones suit tests and simulations, wide ones a host. */
export type PageOptions = {
  readonly allocate: Allocator
  /** A power of two of at least 128 KiB. */
  readonly pageBytes: number
}
