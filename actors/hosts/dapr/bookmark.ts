/**
 * Up to where of a partition everything is in documents, and where to begin to read for what
 * follows: a document of the store. It may lag behind the truth, and never be ahead of it; so that
 * of two who write it any may win.
 */
import type { ActorDocument, DocumentStore } from './document-store.ts'

export type Place = {
  /** The last position; -1 for none. */
  readonly resume: number
  /** A position in the first frame to read. */
  readonly begin: number
}

export const bookmarkKey = (partition: number) => `Delivery-${partition}`

export function bookmarkDocument(partition: number, { resume, begin }: Place): ActorDocument {
  const state = Buffer.alloc(8)
  state.writeDoubleLE(begin)
  return { applied: new Map([[partition, resume]]), state, answered: [] }
}

export function placeOf(document: ActorDocument | undefined, partition: number): Place {
  const resume = document?.applied.get(partition)
  if (document === undefined || resume === undefined) return { resume: -1, begin: 0 }
  return { resume, begin: Buffer.from(document.state).readDoubleLE() }
}

export class Bookmark implements Place {
  readonly #store: DocumentStore
  readonly #partition: number
  #etag: string | undefined
  resume = -1
  begin = 0

  constructor(store: DocumentStore, partition: number) {
    this.#store = store
    this.#partition = partition
  }

  get #key(): string {
    return bookmarkKey(this.#partition)
  }

  /** STATE_UNREACHABLE. */
  async open(): Promise<void> {
    const found = (await this.#store.read([this.#key])).get(this.#key)
    this.#etag = found?.etag
    const { resume, begin } = placeOf(found, this.#partition)
    if (resume <= this.resume) return
    this.resume = resume
    this.begin = begin
  }

  /** STATE_UNREACHABLE, STATE_CONFLICT: it is as it was, or as somebody else has it. */
  async keep(resume: number, begin: number): Promise<void> {
    const document = bookmarkDocument(this.#partition, { resume, begin })
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
