/** The folder of one run of the nightly job: which chunks are there, and which are to come. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EpochMs, hashId } from '../../base/index.ts'
import { decodeChunk, encodeChunk, type ListChunk } from './list-chunk.ts'

/** A list is of use for so long. */
export const listMsMax = 24 * 3_600_000
/** Items of a list. */
export const listLength = 200

export type RunFacts = {
  readonly version: string
  readonly startedAt: EpochMs
  /** Users are divided among so many files. */
  readonly chunks: number
  /** Users with an action since then. */
  readonly activeSince: EpochMs
}

/** Where a data directory has them. */
export function listsFolder(directory: string): string {
  return join(directory, 'lists')
}

export function chunkOf(user: string, chunks: number): number {
  return hashId(user) % chunks
}

export class ListRun {
  readonly facts: RunFacts
  readonly #folder: string

  private constructor(folder: string, facts: RunFacts) {
    this.#folder = folder
    this.facts = facts
  }

  /** The newest by this model that began within a day, or by any where none is named. */
  static async newest(root: string, now: EpochMs, version?: string): Promise<ListRun | undefined> {
    const names = await readdir(root).catch(() => [])
    const runs = names
      .map((name) => ({ name, found: /^(\d{10,16})-([0-9a-f]{12})$/.exec(name) }))
      .filter(({ found }) => found && (version === undefined || found[2] === version))
      .sort((a, b) => Number(b.found![1]) - Number(a.found![1]))
    for (const { name } of runs) {
      const folder = join(root, name)
      try {
        const facts = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunFacts
        const isSound = Number.isSafeInteger(facts.chunks) && facts.chunks > 0
        if (isSound && now - facts.startedAt < listMsMax) return new ListRun(folder, facts)
      } catch {
        // Ended before it began, or damaged: no run.
      }
    }
    return undefined
  }

  static async begin(root: string, facts: RunFacts): Promise<ListRun> {
    const folder = join(root, `${facts.startedAt}-${facts.version}`)
    await mkdir(folder, { recursive: true })
    const run = new ListRun(folder, facts)
    await run.#write('run.json', Buffer.from(`${JSON.stringify(facts)}\n`))
    return run
  }

  /** Undefined where it is not there, or is damaged. */
  async chunk(chunk: number): Promise<ListChunk | undefined> {
    try {
      return decodeChunk(await readFile(join(this.#folder, fileOf(chunk))))
    } catch {
      return undefined
    }
  }

  /** Bytes. */
  async put(chunk: number, lists: ListChunk): Promise<number> {
    const bytes = encodeChunk(lists, listLength)
    await this.#write(fileOf(chunk), bytes)
    return bytes.length
  }

  /** Removes all other runs. */
  async removeOthers(root: string): Promise<void> {
    for (const name of await readdir(root)) {
      const folder = join(root, name)
      if (folder !== this.#folder && /^\d+-[0-9a-f]{12}$/.test(name)) {
        await rm(folder, { recursive: true, force: true })
      }
    }
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, name)
    await writeFile(`${path}.new`, bytes, { flush: true })
    await rename(`${path}.new`, path)
  }
}

const fileOf = (chunk: number) => `${String(chunk).padStart(6, '0')}.lists`
