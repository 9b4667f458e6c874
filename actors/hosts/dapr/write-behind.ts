/**
 * Folded actors are written behind. What a shard has folded lies in memory; every few seconds the
 * documents that changed are written, each by its etag, and then the shard's own document, which
 * says up to where of each partition all of it is written. From there the log is read again when
 * the shard comes to another host.
 *
 * A write that is refused means that somebody else has the shard: all of it is forgotten, and read
 * anew at its next call. Where the store did not answer nobody knows what it has: these documents
 * are read before they are written again.
 *
 * Invariants: an entry at or below a floor is in memory or in a document; one at or below what is
 * written is in a document; floors and what is written never go back while the shard is held.
 */
import { type Clock, errorCode, pinwheelError } from '../../../base/index.ts'
import { type DocumentStore, type DocumentWrite, isSame, writeAndRead } from './document-store.ts'
import type { Holdings } from './holdings.ts'
import type { Turns } from './turns.ts'
import { WriteQueue } from './write-queue.ts'

/** Of the document of a shard itself; `type` is that of its actors. */
export const shardKey = (type: string, shard: number) => `${type}Shard-${shard}`

/** What is known of a shard that this host has. */
export type Books = {
  /** Of each partition the last position that was folded. */
  readonly floors: Map<number, number>
  /** Of each partition the position up to which everything is in documents. */
  written: ReadonlyMap<number, number>
  /** Of the shard's own document. */
  etag: string | undefined
  /** Actors whose documents are behind. */
  readonly dirty: Set<number>
  /** Actors whose documents are being written. */
  readonly writing: Set<number>
  /** What was written without an answer, by document. */
  readonly unsure: Map<string, DocumentWrite>
  flushing: Promise<void> | undefined
  isDue: boolean
}

export type WriteBehindOptions = {
  /** Of the actor type. */
  readonly name: string
  readonly holdings: Holdings
  readonly store: DocumentStore
  readonly turns: Turns
  readonly clock: Clock
  /** How long what was folded waits, until its turn in the queue comes. */
  readonly flushMs: number
  /** One of its own by default. */
  readonly queue?: WriteQueue
  /** Hears that somebody else has a shard. */
  readonly onLost?: (shard: number) => void
}

/** Documents of one request to the store, and bytes of states: a sidecar takes 16 MiB of JSON. */
const TOGETHER = 96
const BYTES_TOGETHER = 2 ** 22
/** Documents after which others of the process have a turn: some milliseconds. */
const AT_ONCE = 32

type Batch = {
  readonly keys: readonly number[]
  /** One for each key, and the shard's own at the end. */
  readonly writes: readonly DocumentWrite[]
  readonly floors: ReadonlyMap<number, number>
}

export class WriteBehind {
  readonly #options: WriteBehindOptions
  readonly #books = new Map<number, Books>()
  readonly #stop = new AbortController()
  readonly #queue: WriteQueue

  constructor(options: WriteBehindOptions) {
    this.#options = options
    this.#queue = options.queue ?? new WriteQueue({ clock: options.clock })
  }

  /** Within a turn of the shard. STATE_UNREACHABLE. */
  async open(shard: number): Promise<Books> {
    const known = this.#books.get(shard)
    if (known) return known
    const key = this.#documentOf(shard)
    const document = (await this.#options.store.read([key])).get(key)
    const books: Books = {
      floors: new Map(document?.applied),
      written: new Map(document?.applied),
      etag: document?.etag,
      dirty: new Set(),
      writing: new Set(),
      unsure: new Map(),
      flushing: undefined,
      isDue: false,
    }
    this.#books.set(shard, books)
    return books
  }

  /** Whether an actor's document is behind what is in memory. */
  isBehind(shard: number, key: number): boolean {
    const books = this.#books.get(shard)
    return books !== undefined && (books.dirty.has(key) || books.writing.has(key))
  }

  /** Actors have changed by entries up to the position. */
  changed(shard: number, keys: Iterable<number>, partition: number, position: number): void {
    const books = this.#books.get(shard)!
    for (const key of keys) books.dirty.add(key)
    books.floors.set(partition, position)
    this.#soon(shard, books)
  }

  /** Forgets all of a shard, what is not written yet with it; within a turn of the shard. */
  forget(shard: number): void {
    this.#books.delete(shard)
    this.#options.holdings.dropShard(shard)
  }

  /** Writes what has changed so far; not within a turn. STATE_CONFLICT, STATE_UNREACHABLE. */
  async flush(shard: number): Promise<void> {
    const books = this.#books.get(shard)
    if (!books) return
    while (books.flushing) await books.flushing.catch(() => {})
    books.flushing = this.#flush(shard, books)
    try {
      await books.flushing
    } finally {
      books.flushing = undefined
    }
  }

  /** Writes everything, and nothing after that. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the host is stopping'))
    await Promise.allSettled([...this.#books.keys()].map((shard) => this.flush(shard)))
  }

  #soon(shard: number, books: Books): void {
    if (books.isDue) return
    books.isDue = true
    const { clock, flushMs } = this.#options
    const since = clock.monotonic()
    const write = () => {
      books.isDue = false
      // Who was refused has forgotten the shard; where the store was away it is tried again.
      return this.flush(shard).catch(() => this.#again(shard, books))
    }
    const { signal } = this.#stop
    clock
      .sleep(flushMs, signal)
      .then(() => this.#queue.run(since, write, signal))
      .catch(() => {})
  }

  #again(shard: number, books: Books): void {
    if (this.#books.get(shard) === books) this.#soon(shard, books)
  }

  async #flush(shard: number, books: Books): Promise<void> {
    const { turns, clock } = this.#options
    const isHeld = () => this.#books.get(shard) === books
    const batch = await turns.run(shard, async () => {
      return isHeld() ? this.#take(shard, books) : undefined
    })
    if (!batch) return
    const since = clock.monotonic()
    try {
      const etags = await this.#write(batch, books)
      await turns.run(shard, async () => {
        if (isHeld()) this.#done(batch, books, etags, since)
      })
    } catch (error) {
      await turns.run(shard, async () => {
        if (!isHeld()) return
        if (errorCode(error) !== 'STATE_CONFLICT') return this.#undone(batch, books)
        this.forget(shard)
        this.#options.onLost?.(shard)
      })
      throw error
    }
  }

  /** What is to be written, as it is now; within a turn of the shard, so that it stays so. */
  async #take(shard: number, books: Books): Promise<Batch | undefined> {
    const keys = [...books.dirty]
    const moved = [...books.floors].some(([p, position]) => books.written.get(p) !== position)
    if (keys.length === 0 && !moved) return undefined
    const floors = new Map(books.floors)
    const own = { applied: floors, state: new Uint8Array(0), answered: [] }
    const { etag } = books
    const writes: DocumentWrite[] = []
    for (const [n, key] of keys.entries()) {
      if (n % AT_ONCE === AT_ONCE - 1) await this.#options.clock.yield()
      writes.push(this.#options.holdings.writeOf(key))
    }
    writes.push({
      key: this.#documentOf(shard),
      document: own,
      ...(etag !== undefined && { etag }),
    })
    books.dirty.clear()
    for (const key of keys) books.writing.add(key)
    return { keys, writes, floors }
  }

  /** The new etags. The shard's own document is written when all others are. */
  async #write({ writes }: Batch, books: Books): Promise<Map<string, string>> {
    const current = await this.#resolve(writes, books)
    const etags = new Map<string, string>()
    for (const some of requestsOf(current.slice(0, -1))) await this.#writeSome(some, books, etags)
    await this.#writeSome(current.slice(-1), books, etags)
    return etags
  }

  /** With the etags that documents have which were written without an answer. */
  async #resolve(
    writes: readonly DocumentWrite[],
    { unsure }: Books,
  ): Promise<readonly DocumentWrite[]> {
    if (unsure.size === 0) return writes
    const stored = await this.#options.store.read([...unsure.keys()])
    return writes.map(({ key, document, etag }) => {
      const sent = unsure.get(key)
      const found = stored.get(key)
      const isUndone = sent !== undefined && found?.etag === sent.etag
      if (sent && !isUndone && !(found && isSame(found, sent.document))) throw conflict(key)
      const now = sent ? found?.etag : etag
      return { key, document, ...(now !== undefined && { etag: now }) }
    })
  }

  async #writeSome(
    writes: readonly DocumentWrite[],
    { unsure }: Books,
    etags: Map<string, string>,
  ): Promise<void> {
    for (const write of writes) unsure.set(write.key, write)
    for (const [key, etag] of await writeAndRead(this.#options.store, writes)) {
      unsure.delete(key)
      etags.set(key, etag)
    }
    const other = writes.find(({ key }) => !etags.has(key))
    if (other) throw conflict(other.key)
  }

  #done({ keys, writes, floors }: Batch, books: Books, etags: Map<string, string>, since: number) {
    for (const [n, key] of keys.entries()) {
      books.writing.delete(key)
      this.#options.holdings.wrote(key, etags.get(writes[n]!.key)!, since)
    }
    books.etag = etags.get(writes.at(-1)!.key)
    books.written = floors
  }

  /** Some of it may be written: `unsure` has what. */
  #undone({ keys }: Batch, books: Books): void {
    for (const key of keys) {
      books.writing.delete(key)
      books.dirty.add(key)
    }
  }

  #documentOf(shard: number): string {
    return shardKey(this.#options.name, shard)
  }
}

const conflict = (key: string) => pinwheelError('STATE_CONFLICT', { type: 'document', id: key })

/** One document at least in each. */
function* requestsOf(writes: readonly DocumentWrite[]): Generator<readonly DocumentWrite[], void> {
  let from = 0
  let bytes = 0
  for (const [n, { document }] of writes.entries()) {
    bytes += document.state.length
    if (n > from && (n - from === TOGETHER || bytes > BYTES_TOGETHER)) {
      yield writes.slice(from, n)
      from = n
      bytes = document.state.length
    }
  }
  if (from < writes.length) yield writes.slice(from)
}
