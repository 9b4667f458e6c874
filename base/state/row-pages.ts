/**
 * Rows of one length in pages, by slot. A slot's page and word are computed, so a row costs one
 * lookup in memory. Pages are made when a slot in them is first asked for.
 */
import { Page, type PageOptions } from './page.ts'

export class RowPages {
  readonly rowWords: number
  /** Slot `s` lies in page `s >>> shift`, at row `s & mask`. */
  readonly shift: number
  readonly mask: number
  readonly pages: Page[] = []
  readonly #allocate: PageOptions['allocate']

  constructor(rowBytes: number, { allocate, pageBytes }: PageOptions) {
    this.rowWords = rowBytes >>> 2
    this.shift = 31 - Math.clz32(Math.floor(pageBytes / rowBytes))
    this.mask = (1 << this.shift) - 1
    this.#allocate = allocate
  }

  /** Slots that pages exist for. */
  get slots(): number {
    return this.pages.length << this.shift
  }

  get pageBytes(): number {
    return (this.rowWords * 4) << this.shift
  }

  /** Makes pages up to that of `slot`. */
  reach(slot: number): void {
    while (this.pages.length <= slot >>> this.shift) {
      this.pages.push(Page.made(this.#allocate, this.pageBytes))
    }
  }
}
