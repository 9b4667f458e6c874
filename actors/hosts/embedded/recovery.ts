/**
 * How a host, or one of its workers, comes to know what the log says: a base snapshot, then the
 * frames from its positions on.
 */
import { errorCode, type Interner, pinwheelError, type Space } from '../../../base/index.ts'
import type { Disk, EventLog, Frame } from '../../log/index.ts'
import type { Feeder } from '../../projections/feeder.ts'
import { loadNames } from '../../snapshots/names-section.ts'
import { readSection } from '../../snapshots/section.ts'
import type { Manifest, Snapshots } from '../../snapshots/snapshots.ts'
import type { Ask } from '../../worker/messages.ts'

/** What a start may go on from, best first; undefined for the log alone. LOG_DROPPED. */
export function* bases(
  snapshots: Snapshots,
  log: EventLog,
  directory: string,
): Generator<Manifest | undefined, never> {
  const { kept } = snapshots
  for (const manifest of [...kept].reverse()) yield manifest
  const partition = log.begins().findIndex((first) => first > 0)
  if (partition < 0) yield undefined
  const reason =
    kept.length === 0
      ? 'there is none. Restore a backup'
      : 'none of them can be read. Restore a backup'
  const first = log.begins()[partition] ?? 0
  throw pinwheelError('LOG_DROPPED', { directory, partition, first, reason })
}

/** Whether another base may do where this happened. */
export function isDamage(error: unknown): boolean {
  const code = errorCode(error)
  return code === 'BASE_DAMAGED' || code === 'STATE_DAMAGED'
}

/** Fills the dictionary and the crew of a fresh host. BASE_DAMAGED, STATE_DAMAGED, STATE_NEWER. */
export async function restore(
  base: Manifest,
  {
    disk,
    folder,
    names,
    crew,
  }: {
    disk: Disk
    folder: string
    names: Partial<Readonly<Record<Space, Interner>>>
    crew: { askAll(ask: Ask): Promise<unknown> }
  },
): Promise<void> {
  const load = async () => {
    for (const { space, count, section } of base.names) {
      const into = names[space]
      if (!into) continue
      into.reserve(count)
      for await (const chunk of readSection(disk, folder, section)) loadNames(into, chunk)
    }
  }
  // Actors have numbers only.
  const crewLoads = crew.askAll({ what: 'load', folder, sections: base.parts })
  await Promise.all([crewLoads, load()])
}

/**
 * Feeds what the log has beyond a base, up to the positions `until` where they are given.
 * BASE_DAMAGED for a base that has entries which the log lost, as a power loss may take what was
 * written and not flushed: others get their positions, and would be taken for known.
 */
export async function catchUp(
  feeder: Feeder,
  log: EventLog,
  base: Manifest | undefined,
  after: (frame: Frame) => Promise<void>,
  until?: readonly number[],
): Promise<void> {
  const end = log.positions()
  if (base?.positions.some((position, p) => position > end[p]!)) {
    const reason = 'it has entries that the log lost'
    throw pinwheelError('BASE_DAMAGED', { file: String(base.number), offset: 0, reason })
  }
  const from = base && feeder.resume(base)
  for await (const frame of log.read(from)) {
    if (until && frame.first >= until[frame.partition]!) continue
    feeder.feed(frame)
    await after(frame)
  }
}
