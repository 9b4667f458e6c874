/** What a folder of snapshots is of: whoever goes on in it must be the same run. */
import { pinwheelError } from '../../../base/index.ts'
import { readChecked, writeChecked } from '../../log/checked-file.ts'
import { type Disk, listIfThere } from '../../log/index.ts'

/** Everything that what comes next follows from, by name. */
export type ReplayIdentity = Readonly<Record<string, string | number>>

const FILE = 'replay.json'
const FORMAT = 1

/**
 * Claims a folder for a run. REPLAY_OTHER when it is another's and `resumes`; DIRECTORY_INVALID
 * when there is something else in it, or a run that was not asked to go on.
 */
export async function claim(
  disk: Disk,
  directory: string,
  identity: ReplayIdentity,
  resumes: boolean,
): Promise<void> {
  const known = await readChecked(disk, directory, FILE, (fact) => fact as ReplayIdentity)
  const invalid = (reason: string) => pinwheelError('DIRECTORY_INVALID', { directory, reason })
  const mine: ReplayIdentity = { format: FORMAT, ...identity }
  if (!known) {
    const others = (await listIfThere(disk, directory)).filter((name) => name !== 'lock')
    if (others.length > 0) throw invalid('it holds something else than a replay')
    await writeChecked(disk, directory, FILE, mine)
    return
  }
  if (!resumes) throw invalid('it holds a replay. Pass --resume, or choose another folder')
  for (const what of new Set([...Object.keys(known), ...Object.keys(mine)])) {
    const [found, value] = [known[what] ?? 'unset', mine[what] ?? 'unset']
    if (found !== value) throw pinwheelError('REPLAY_OTHER', { directory, what, found, value })
  }
}
