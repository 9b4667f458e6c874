/**
 * Takes base snapshots while the host runs: at a moment between two frames every worker is told, in
 * order with the blocks, to keep what it has; what the main thread knows is kept with it. The log
 * goes on meanwhile.
 *
 * One is due when the log has grown by as much as the last one weighs: what is written for
 * snapshots is then never more than what was written for entries, and a start reads about as much
 * of the log as of the snapshot.
 */
import { type Clock, type Logger, type Names, spaces } from '../../base/index.ts'
import type { Disk } from '../log/index.ts'
import type { Feeder } from '../projections/feeder.ts'
import { nameChunks } from './names-section.ts'
import { type Section, writeSection } from './section.ts'
import { bytesOf, type Manifest, type Snapshots } from './snapshots.ts'

/** Whose workers keep what they have at this moment: the files that they made in a folder. */
export type Keeper = { keep(folder: string): Promise<readonly Section[]> }

export type SnapshotTakerOptions = {
  readonly disk: Disk
  readonly snapshots: Snapshots
  readonly crew: Keeper
  readonly feeder: Feeder
  readonly names: Names
  readonly clock: Clock
  readonly logger: Logger
  /** Bytes of entries between two at least; Infinity where they are only taken when asked for. */
  readonly growthMin: number
  /** By partition, where reading begins so that resends are known; else so many entries before. */
  readonly begins?: () => readonly number[]
  /** Runs when one is finished. */
  readonly onTaken: (manifest: Manifest) => Promise<void>
}

export class SnapshotTaker {
  readonly #options: SnapshotTakerOptions
  #running: Promise<Manifest> | undefined
  #fedBytes = 0
  #stopping = false

  constructor(options: SnapshotTakerOptions) {
    this.#options = options
  }

  /** Takes one in the background if it is due. */
  consider(): void {
    if (this.#running || this.#stopping) return
    const { feeder, snapshots, growthMin } = this.#options
    const { newest } = snapshots
    const due = Math.max(growthMin, newest ? bytesOf(newest) : 0)
    if (feeder.bytes - this.#fedBytes < due) return
    this.take().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.logger.warn({ reason }, 'a base snapshot could not be made; the log is whole')
    })
  }

  /** Takes one now, or hands on the one that is being taken. */
  take(): Promise<Manifest> {
    this.#running ??= this.#take().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Begins none any more; resolves when the last one is over, however it ends. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#running?.catch(() => {})
  }

  async #take(): Promise<Manifest> {
    const { snapshots, feeder, clock, logger } = this.#options
    const began = clock.monotonic()
    this.#fedBytes = feeder.bytes
    const number = await snapshots.begin()
    let manifest: Manifest
    try {
      manifest = await snapshots.finish(await this.#write(number))
    } catch (error) {
      await snapshots.discard(number).catch(() => {})
      throw error
    }
    const ms = Math.round(clock.monotonic() - began)
    logger.info({ number, entries: manifest.entries, ms }, 'a base snapshot was made')
    await this.#options.onTaken(manifest)
    return manifest
  }

  async #write(number: number): Promise<Omit<Manifest, 'format'>> {
    const { disk, snapshots, crew, feeder, names, clock, begins } = this.#options
    const folder = snapshots.folder(number)
    // From here to the first wait is one moment: no frame is fed in it.
    feeder.flush()
    const { entries, resends } = feeder
    const moment = {
      number,
      madeAt: clock.now(),
      positions: [...feeder.positions()],
      ...(begins && { begins: [...begins()] }),
      entries,
      resends,
    }
    const counts = spaces.map((space) => [space, names[space].size] as const)
    const parts = crew.keep(folder)
    // Heard below, though the names may take longer than it takes to fail.
    parts.catch(() => {})
    const kept: Manifest['names'][number][] = []
    try {
      for (const [space, count] of counts) {
        const section = { name: `names.${space}`, chunks: nameChunks(names[space], count) }
        const written = await writeSection(disk, folder, section, () => clock.yield())
        kept.push({ space, count, section: written })
      }
    } catch (error) {
      // Workers may not write into a folder that is taken away.
      await parts.catch(() => {})
      throw error
    }
    return { ...moment, names: kept, parts: await parts }
  }
}
