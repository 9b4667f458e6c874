/**
 * A cold store in LMDB: a file that is mapped, read without a copy, and written in batches, since a
 * transaction costs as much as a hundred of its writes. What waits for the next batch is read from
 * memory. Nothing is flushed to the disk: the file is derived from the log and begun anew at start.
 *
 * Every value carries its own checksum (`StoredStates`): LMDB itself does not see a damaged page.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { type Database, open, type RootDatabase } from 'lmdb'
import { pinwheelError } from '../../base/index.ts'
import { reasonOf } from '../shard/reason.ts'
import type { ColdStore } from './cold-store.ts'

const BATCH_BYTES = 4 << 20
/** A value that waits costs about this much beside its bytes. */
const ENTRY_BYTES = 100
/** One for each type of actor that a thread may host. */
const TYPES_MAX = 64

export class LmdbStates {
  readonly #path: string
  readonly #env: RootDatabase

  private constructor(path: string, env: RootDatabase) {
    this.#path = path
    this.#env = env
  }

  /** Begins a file anew. STORE_FAILED. */
  static create(path: string): LmdbStates {
    try {
      rmSync(path, { force: true })
      rmSync(`${path}-lock`, { force: true })
      mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true })
      const env = open({ path, maxDbs: TYPES_MAX, noSync: true, noSubdir: true })
      return new LmdbStates(path, env)
    } catch (error) {
      throw pinwheelError('STORE_FAILED', { path, reason: reasonOf(error) }, error)
    }
  }

  /** The store of a type's actors. */
  storeOf(type: string): ColdStore {
    const options = { name: type, encoding: 'binary', keyEncoding: 'uint32' } as const
    return new LmdbColdStore(this.#env.openDB(options), this.#path)
  }

  /** Ends the use of the file and removes it. */
  async close(): Promise<void> {
    await this.#env.close()
    rmSync(this.#path, { force: true })
    rmSync(`${this.#path}-lock`, { force: true })
  }
}

class LmdbColdStore implements ColdStore {
  readonly #db: Database<Buffer, number>
  readonly #path: string
  /** Changes of the next batch; undefined for what goes. */
  readonly #waiting = new Map<number, Uint8Array | undefined>()
  #waitingBytes = 0

  constructor(db: Database<Buffer, number>, path: string) {
    this.#db = db
    this.#path = path
  }

  get(key: number): Uint8Array | undefined {
    if (this.#waiting.size > 0 && this.#waiting.has(key)) return this.#waiting.get(key)
    const found = this.#attempt(() => this.#db.getBinaryFast(key))
    // Its buffer is wider than its `length` says.
    return found?.subarray(0, found.length)
  }

  put(key: number, bytes: Uint8Array): void {
    this.#waiting.set(key, bytes.slice())
    this.#wait(bytes.length)
  }

  delete(key: number): void {
    this.#waiting.set(key, undefined)
    this.#wait(0)
  }

  #wait(bytes: number): void {
    this.#waitingBytes += bytes + ENTRY_BYTES
    if (this.#waitingBytes < BATCH_BYTES) return
    // Neighbours in the file are written together.
    const keys = Uint32Array.from(this.#waiting.keys()).sort()
    this.#attempt(() =>
      this.#db.transactionSync(() => {
        for (const key of keys) {
          const value = this.#waiting.get(key)
          if (value) this.#db.putSync(key, value as Buffer)
          else this.#db.removeSync(key)
        }
      }),
    )
    this.#waiting.clear()
    this.#waitingBytes = 0
  }

  #attempt<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw pinwheelError('STORE_FAILED', { path: this.#path, reason: reasonOf(error) }, error)
    }
  }
}
