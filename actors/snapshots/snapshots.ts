/**
 * The base snapshots of a data directory: DIR/snapshots/NUMBER, each a consistent picture of all
 * that is folded, at positions of the log. The newest two that are whole are kept and count as
 * truth: a start reads one and then the log from its positions on.
 *
 * The manifest is written last, when every other file is flushed and was read again; a folder
 * without one is what a process left that ended meanwhile.
 */
import { join } from 'node:path'
import { type EpochMs, errorCode, pinwheelError, type Space } from '../../base/index.ts'
import { readChecked, writeChecked } from '../log/checked-file.ts'
import { type Disk, listIfThere } from '../log/index.ts'
import type { Section } from './section.ts'

/**
 * 2 has the titles of boards; one of 1 is read as if they had none. 3 has edges by columns, and
 * features beside the states that they follow from.
 */
const FORMAT = 3
const MANIFEST = 'manifest.json'
const KEPT = 2

export type Manifest = {
  readonly format: number
  readonly number: number
  readonly madeAt: EpochMs
  /** By partition, the first entry that it does not have. */
  readonly positions: readonly number[]
  /** Where reading begins so that resends are known, where places in the log are not dense. */
  readonly begins?: readonly number[]
  /** Entries before those positions, and resends among them. */
  readonly entries: number
  readonly resends: number
  /** Ids by space, and the file that has them. */
  readonly names: readonly {
    readonly space: Space
    readonly count: number
    readonly section: Section
  }[]
  /** What workers wrote: the type of actor, `features` or `edges`, a dot, and the worker. */
  readonly parts: readonly Section[]
}

/** A folder of one; without a manifest it was not finished, or the manifest is damaged. */
export type ListedSnapshot = {
  readonly number: number
  readonly name: string
  readonly folder: string
  readonly manifest?: Manifest
}

/** The files that a snapshot has beside its manifest. */
export function sectionsOf({ names, parts }: Manifest): Section[] {
  return [...names.map(({ section }) => section), ...parts]
}

export function bytesOf(manifest: Manifest): number {
  return sectionsOf(manifest).reduce((sum, { bytes }) => sum + bytes, 0)
}

export class Snapshots {
  readonly #disk: Disk
  readonly #root: string
  /** Those that are whole, oldest first. */
  #kept: readonly Manifest[] = []
  #last = 0

  private constructor(disk: Disk, root: string) {
    this.#disk = disk
    this.#root = root
  }

  /** Finds what is there and clears away what was not finished. LOG_NEWER. */
  static async open(disk: Disk, directory: string): Promise<Snapshots> {
    const root = join(directory, 'snapshots')
    const found = new Snapshots(disk, root)
    await disk.makeDirectory(root)
    const kept: Manifest[] = []
    for (const { number, folder, manifest } of await listSnapshots(disk, directory)) {
      found.#last = Math.max(found.#last, number)
      if (manifest) kept.push(manifest)
      else await disk.remove(folder)
    }
    found.#kept = kept
    return found
  }

  /** Oldest first. */
  get kept(): readonly Manifest[] {
    return this.#kept
  }

  get newest(): Manifest | undefined {
    return this.#kept.at(-1)
  }

  folder(number: number): string {
    return join(this.#root, nameOf(number))
  }

  /** The number of the next, its folder made. */
  async begin(): Promise<number> {
    const number = ++this.#last
    await this.#disk.makeDirectory(this.folder(number))
    return number
  }

  /** Makes it count. What is older than the one before goes. */
  async finish(made: Omit<Manifest, 'format'>): Promise<Manifest> {
    const folder = this.folder(made.number)
    const manifest = { format: FORMAT, ...made }
    await this.#disk.flushDirectory(folder)
    await writeChecked(this.#disk, folder, MANIFEST, manifest)
    await this.#disk.flushDirectory(this.#root)
    const all = [...this.#kept, manifest]
    this.#kept = all.slice(-KEPT)
    for (const { number } of all.slice(0, -KEPT)) await this.#disk.remove(this.folder(number))
    return manifest
  }

  /** Takes away one that cannot be finished, or that is damaged. */
  async discard(number: number): Promise<void> {
    this.#kept = this.#kept.filter((manifest) => manifest.number !== number)
    await this.#disk.remove(this.folder(number))
  }
}

const nameOf = (number: number) => String(number).padStart(10, '0')

/** Where one lies in a data directory. */
export function snapshotFolder(directory: string, number: number): string {
  return join(directory, 'snapshots', nameOf(number))
}

/** The folders of snapshots in a data directory, finished or not, oldest first. LOG_NEWER. */
export async function listSnapshots(disk: Disk, directory: string): Promise<ListedSnapshot[]> {
  const root = join(directory, 'snapshots')
  const listed: ListedSnapshot[] = []
  for (const name of await listIfThere(disk, root)) {
    const number = Number(name)
    if (!Number.isInteger(number)) continue
    const folder = join(root, name)
    const manifest = await readManifest(disk, folder)
    listed.push({ number, name, folder, ...(manifest && { manifest }) })
  }
  return listed
}

/** Undefined for one that was not finished, or whose manifest is damaged. */
async function readManifest(disk: Disk, folder: string): Promise<Manifest | undefined> {
  try {
    return await readChecked(disk, folder, MANIFEST, (fact) => {
      const manifest = fact as Manifest
      if (manifest.format <= FORMAT) return manifest
      const details = { file: join(folder, MANIFEST), version: manifest.format, known: FORMAT }
      throw pinwheelError('LOG_NEWER', details)
    })
  } catch (error) {
    if (errorCode(error) === 'DIRECTORY_INVALID') return undefined
    throw error
  }
}
