/**
 * Rows from the end of what each user was shown: what is asked of a ranker is what comes next for
 * users as they are now, and their first steps are poor examples of it.
 */
import { assert } from '../../base/index.ts'
import type { IdentifiedRows } from '../../ranking/index.ts'

/** The last `share` of each user's shown rows, with what was drawn beside them, in their order. */
export function recentRows(rows: IdentifiedRows, share: number): IdentifiedRows {
  assert(share > 0 && share <= 1, 'a share is above 0 and at most 1')
  const shown = new Map<number, number>()
  rows.users.forEach((user, row) => {
    if (rows.drawn[row] === 0) shown.set(user, (shown.get(user) ?? 0) + 1)
  })
  const seen = new Map<number, number>()
  const kept: number[] = []
  let isRecent = false
  rows.users.forEach((user, row) => {
    if (rows.drawn[row] === 0) {
      const place = (seen.get(user) ?? 0) + 1
      seen.set(user, place)
      isRecent = place > (1 - share) * shown.get(user)!
    }
    // What was drawn stands behind what was shown.
    if (isRecent) kept.push(row)
  })
  const width = rows.names.length
  const features = new Float32Array(kept.length * width)
  kept.forEach((row, to) => {
    features.set(rows.features.subarray(row * width, (row + 1) * width), to * width)
  })
  return {
    ...rows,
    features,
    labels: Float32Array.from(kept, (row) => rows.labels[row]!),
    weights: Float32Array.from(kept, (row) => rows.weights[row]!),
    ranks: Uint16Array.from(kept, (row) => rows.ranks[row]!),
    times: Float64Array.from(kept, (row) => rows.times[row]!),
    users: Uint32Array.from(kept, (row) => rows.users[row]!),
    pins: Uint32Array.from(kept, (row) => rows.pins[row]!),
    drawn: Uint8Array.from(kept, (row) => rows.drawn[row]!),
    propensities: Float32Array.from(kept, (row) => rows.propensities[row]!),
    drawChances: Float32Array.from(kept, (row) => rows.drawChances[row]!),
  }
}
