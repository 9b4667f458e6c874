/**
 * Memory under state: a page is one buffer seen through every width, a place is a row in a page.
 * All views of one state share one place, so moving them is two stores.
 */
import type { Allocator } from '../memory.ts'

export class Page {
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly u32: Uint32Array
  readonly i32: Int32Array
  readonly f32: Float32Array
  readonly f64: Float64Array

  constructor(buffer: ArrayBufferLike) {
    this.u8 = new Uint8Array(buffer)
    this.u16 = new Uint16Array(buffer)
    this.u32 = new Uint32Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.f32 = new Float32Array(buffer)
    this.f64 = new Float64Array(buffer)
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
