/**
 * A store of documents as Dapr's state API shows one. Every accepted write gives its document a new
 * etag; a write with another etag than the document's, or without one for a document that exists,
 * is refused (first write wins). Several documents in one write are several writes: they are done
 * in any order, some may be refused and some fail. A read may be old, where a store was asked for
 * more speed than it can give.
 */
import type { ActorDocument, DocumentWrite, StoredDocument } from '../../actors/index.ts'
import { pinwheelError, type Random } from '../../base/index.ts'
import type { Happenings } from './happenings.ts'
import type { VirtualTime } from './virtual-time.ts'

/** An accepted write. */
export type Commit = {
  readonly key: string
  readonly by: string
  readonly at: number
  readonly document: StoredDocument
}

/** How old an old read may be. */
export const STALE_MS = 50

export class SimulatedStore {
  readonly commits: Commit[] = []
  readonly #versions = new Map<string, Commit[]>()
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #happenings: Happenings
  /** Chances that a document of a write fails, and that a read is old. */
  failing = 0
  stale = 0
  /** A planted bug: whoever writes last wins. */
  ignoresEtags = false

  constructor(time: VirtualTime, random: Random, happenings: Happenings) {
    this.#time = time
    this.#random = random
    this.#happenings = happenings
  }

  read(keys: readonly string[]): Map<string, StoredDocument> {
    const found = new Map<string, StoredDocument>()
    for (const key of keys) {
      const version = this.#version(key)
      if (version) found.set(key, copied(version.document))
    }
    return found
  }

  /** STATE_CONFLICT when one was refused; STATE_UNREACHABLE when one failed. */
  write(writes: readonly DocumentWrite[], by: string): void {
    let refused: string | undefined
    let failed: string | undefined
    let written = 0
    for (const write of this.#random.shuffle([...writes])) {
      const { key, document, etag } = write
      if (this.failing > 0 && this.#random.unit() < this.failing) failed = key
      else if (!this.ignoresEtags && etag !== this.latest(key)?.etag) refused = key
      else {
        this.#commit(key, document, by)
        written++
      }
    }
    if (refused === undefined && failed === undefined) return
    this.#happenings.add(refused === undefined ? 'a write failed' : 'a write was refused')
    if (written > 0) this.#happenings.add('a write was done in part')
    if (failed !== undefined) throw unreachable('it failed')
    throw pinwheelError('STATE_CONFLICT', { type: 'document', id: refused ?? '' })
  }

  latest(key: string): StoredDocument | undefined {
    return this.#versions.get(key)?.at(-1)?.document
  }

  /** Every document that exists. */
  all(): Map<string, StoredDocument> {
    const all = new Map<string, StoredDocument>()
    for (const [key, versions] of this.#versions) all.set(key, versions.at(-1)!.document)
    return all
  }

  calm(): void {
    this.failing = 0
    this.stale = 0
  }

  #version(key: string): Commit | undefined {
    const versions = this.#versions.get(key)
    const newest = versions?.at(-1)
    if (!versions || this.stale === 0 || this.#random.unit() >= this.stale) return newest
    const isRecent = newest !== undefined && newest.at > this.#time.now - STALE_MS
    if (!isRecent) return newest
    this.#happenings.add('a read was old')
    return versions.at(-2)
  }

  #commit(key: string, document: ActorDocument, by: string): void {
    const versions = this.#versions.get(key) ?? []
    this.#versions.set(key, versions)
    const stored = copied({ ...document, etag: `e${this.commits.length}` })
    const commit = { key, by, at: this.#time.now, document: stored }
    versions.push(commit)
    this.commits.push(commit)
    this.#happenings.tell(() => `${by} wrote ${key} as ${stored.etag}: ${[...stored.applied]}`)
  }
}

export function unreachable(reason: string) {
  return pinwheelError('STATE_UNREACHABLE', { store: 'state', reason })
}

function copied({ applied, state, answered, etag }: StoredDocument): StoredDocument {
  return { applied: new Map(applied), state: state.slice(), answered: [...answered], etag }
}
