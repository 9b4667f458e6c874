/** Whether what was written can be read: what a partition's shards have been given, asked of it. */
import { type Clock, hashId } from '../../base/index.ts'
import type { Invoke } from '../hosts/dapr/index.ts'
import { parsePosition } from '../hosts/embedded/position.ts'

/** Between two looks, at first and at most. */
const LOOK_MS = 4
const LOOK_MS_MAX = 60

/** The last place of a partition that is wanted. */
export type Place = { readonly partition: number; readonly position: number }

/**
 * Where `after` lies in the partition of an id; undefined where it names nothing of it. It may be
 * of a time when there were more partitions: all that was written then is read. POSITION_BAD.
 */
export function placeOf(
  after: string | undefined,
  id: string,
  partitions: number,
): Place | undefined {
  if (after === undefined) return undefined
  const partition = hashId(id) % partitions
  const position = parsePosition(after, Number.POSITIVE_INFINITY).get(partition)
  return position === undefined ? undefined : { partition, position }
}

/** False where the shards did not get so far by `until` (monotonic). */
export async function reached(
  place: Place | undefined,
  until: number,
  { invoke, clock }: { readonly invoke: Invoke; readonly clock: Clock },
): Promise<boolean> {
  if (!place) return true
  const call = { type: 'Partition', id: String(place.partition), method: 'position' }
  for (let pause = LOOK_MS; ; pause = Math.min(pause * 2, LOOK_MS_MAX)) {
    const left = until - clock.monotonic()
    if (left <= 0) return false
    const has = await invoke(call, {}, left).catch(() => undefined)
    if (typeof has === 'number' && has >= place.position) return true
    await clock.sleep(Math.min(pause, left))
  }
}
