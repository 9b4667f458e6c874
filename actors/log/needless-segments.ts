/** Which segments of a partition may be dropped. */
import { join } from 'node:path'
import type { Disk } from './disk.ts'

export type Segment = { readonly name: string; readonly first: number }

/** Names of the oldest that lie wholly below `position`; `keepBytes` and more stay. */
export async function needlessSegments(
  disk: Disk,
  directory: string,
  segments: readonly Segment[],
  { position, keepBytes }: { readonly position: number; readonly keepBytes: number },
): Promise<readonly string[]> {
  const sizes = await Promise.all(segments.map(({ name }) => disk.size(join(directory, name))))
  let bytes = sizes.reduce((sum, size) => sum + size, 0)
  const names: string[] = []
  for (const [i, { name }] of segments.entries()) {
    const following = segments[i + 1]
    bytes -= sizes[i]!
    if (!following || following.first > position || bytes < keepBytes) break
    names.push(name)
  }
  return names
}
