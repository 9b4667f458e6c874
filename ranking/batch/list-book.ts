/**
 * Lists as a server asks for them: of the newest run, file by file as they are needed, and those
 * that it computed itself and was told to keep.
 *
 * Memory: `chunksMax` files of a run (1,600 bytes a user), and as many kept
 * lists as `keptFiles` files have.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, errorCode, type Logger } from '../../base/index.ts'
import { decodeChunk, encodeChunk, type ListChunk, type UserList, userKey } from './list-chunk.ts'
import { chunkOf, ListRun, listLength, listMsMax } from './list-run.ts'

export type BookBounds = {
  /** Files of a run in memory. */
  readonly chunksMax: number
  /** Files of kept lists, and lists in one. */
  readonly keptFiles: number
  readonly keptInFile: number
  /** How often a newer run is looked for. */
  readonly lookMs: number
}
export const bookDefaults: BookBounds = Object.freeze({
  chunksMax: 64,
  keptFiles: 64,
  keptInFile: 256,
  lookMs: 5_000,
})

export type BookOptions = Partial<BookBounds> & {
  readonly folder: string
  readonly clock: Clock
  readonly logger: Logger
}

export class ListBook {
  readonly #options: BookBounds & BookOptions
  #run: ListRun | undefined
  #looked = Number.NEGATIVE_INFINITY
  /** Of the run, the least lately used first. */
  readonly #chunks = new Map<number, Promise<ListChunk | undefined>>()
  /** The least lately kept first. */
  readonly #kept = new Map<string, UserList>()
  #unwritten = new Map<string, UserList>()
  #file = 0
  #writing: Promise<void> = Promise.resolve()

  private constructor(options: BookOptions) {
    this.#options = { ...bookDefaults, ...options }
  }

  /** With the lists that were kept before; a damaged file is left out. */
  static async open(options: BookOptions): Promise<ListBook> {
    const book = new ListBook(options)
    const { folder, logger, keptFiles } = book.#options
    const names = await readdir(folder).catch(() => [])
    for (const name of names.filter((name) => /^kept-\d+\.lists$/.test(name)).sort()) {
      const number = Number(name.slice(5, -6))
      if (number >= keptFiles) continue
      try {
        for (const [key, list] of decodeChunk(await readFile(join(folder, name)))) {
          book.#remember(key, list)
        }
      } catch (error) {
        logger.warn({ name, reason: (error as Error).message }, 'kept lists are damaged; left out')
      }
      book.#file = Math.max(book.#file, (number + 1) % keptFiles)
    }
    return book
  }

  /** The newer of what a run and what a miss left, not older than a day. */
  async find(user: string): Promise<UserList | undefined> {
    const now = this.#options.clock.now()
    const key = userKey(user)
    const lists = [this.#kept.get(key), (await this.#chunkOf(user))?.get(key)]
    let best: UserList | undefined
    for (const list of lists) {
      if (list && now - list.at < listMsMax && list.at > (best?.at ?? -1)) best = list
    }
    return best
  }

  /** Keeps what was computed; it is written when enough have come together. */
  keep(user: string, list: UserList): void {
    const key = userKey(user)
    this.#remember(key, list)
    this.#unwritten.set(key, list)
    if (this.#unwritten.size >= this.#options.keptInFile) void this.flush()
  }

  /** Writes what is kept and not written. */
  flush(): Promise<void> {
    const lists = this.#unwritten
    if (lists.size > 0) {
      this.#unwritten = new Map()
      this.#writing = this.#writing.then(() => this.#write(lists))
    }
    return this.#writing
  }

  async #write(lists: ListChunk): Promise<void> {
    const { folder, keptFiles, logger } = this.#options
    const path = join(folder, `kept-${String(this.#file).padStart(4, '0')}.lists`)
    this.#file = (this.#file + 1) % keptFiles
    try {
      await mkdir(folder, { recursive: true })
      await writeFile(`${path}.new`, encodeChunk(lists, listLength))
      await rename(`${path}.new`, path)
    } catch (error) {
      // They are in memory; a server goes on without a cache.
      logger.warn(
        { code: errorCode(error), reason: (error as Error).message },
        'lists are not kept',
      )
      await rm(`${path}.new`, { force: true }).catch(() => {})
    }
  }

  #remember(key: string, list: UserList): void {
    const { keptFiles, keptInFile } = this.#options
    const known = this.#kept.get(key)
    if (known && known.at > list.at) return
    this.#kept.delete(key)
    this.#kept.set(key, list)
    if (this.#kept.size <= keptFiles * keptInFile) return
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest)
      return
    }
  }

  async #chunkOf(user: string): Promise<ListChunk | undefined> {
    await this.#look()
    if (!this.#run) return undefined
    const chunk = chunkOf(user, this.#run.facts.chunks)
    const known = this.#chunks.get(chunk)
    const lists = known ?? this.#run.chunk(chunk)
    this.#chunks.delete(chunk)
    this.#chunks.set(chunk, lists)
    if (this.#chunks.size > this.#options.chunksMax) {
      for (const oldest of this.#chunks.keys()) {
        this.#chunks.delete(oldest)
        break
      }
    }
    const found = await lists
    // The job may be on its way there.
    if (!found) this.#chunks.delete(chunk)
    return found
  }

  async #look(): Promise<void> {
    const { clock, folder, lookMs } = this.#options
    const now = clock.monotonic()
    if (now - this.#looked < lookMs) return
    this.#looked = now
    const run = await ListRun.newest(folder, clock.now())
    if (run?.facts.startedAt === this.#run?.facts.startedAt) return
    this.#run = run
    this.#chunks.clear()
  }
}
