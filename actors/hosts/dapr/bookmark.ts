/**
 * Up to where of a partition everything is in documents, and where to begin to read for what
 * follows: a document of the store. It may lag behind the truth, and never be ahead of it; so that
 * of two who write it any may win.
 */
import type { DocumentStore } from './document-store.ts'

export class Bookmark {
  readonly #store: DocumentStore
  readonly #partition: number
  #etag: string | undefined
  /** The last position; -1 for none. */
  resume = -1
  /** A position in the first frame to read. */
  begin = 0

  constructor(store: DocumentStore, partition: number) {
    this.#store = store
    this.#partition = partition
  }

  get #key(): string {
    return `Delivery-${this.#partition}`
  }

  /** STATE_UNREACHABLE. */
  async open(): Promise<void> {
    const found = (await this.#store.read([this.#key])).get(this.#key)
    this.#etag = found?.etag
    const resume = found?.applied.get(this.#partition) ?? -1
    if (!found || resume <= this.resume) return
    this.resume = resume
    this.begin = Buffer.from(found.state).readDoubleLE()
  }

  /** STATE_UNREACHABLE, STATE_CONFLICT: it is as it was, or as somebody else has it. */
  async keep(resume: number, begin: number): Promise<void> {
    const state = Buffer.alloc(8)
    state.writeDoubleLE(begin)
    const document = { applied: new Map([[this.#partition, resume]]), state, answered: [] }
    const etag = this.#etag === undefined ? {} : { etag: this.#etag }
    try {
      await this.#store.write([{ key: this.#key, document, ...etag }])
      this.resume = resume
      this.begin = begin
    } finally {
      // The etag is only to be had by reading.
      await this.open()
    }
  }
}
