/** From which seeds a pin's visits came: for "because you saved". */

/** Part p, starts[i] <= p < starts[i + 1], belongs to the result's pin i; most visits first. */
export type ScoreParts = {
  readonly starts: Uint32Array
  /** Seed pins. */
  readonly seeds: readonly number[]
  readonly visits: readonly number[]
}

/** `place` gives the result's place of a pin node. */
export function scoreParts(
  slots: Uint32Array,
  place: ReadonlyMap<number, number>,
  labels: readonly number[],
): ScoreParts {
  const visitsBy = Array.from({ length: place.size }, () => new Map<number, number>())
  for (let i = 0; i < slots.length; i += 2) {
    const of = slots[i] === 0 ? undefined : visitsBy[place.get(slots[i]! - 1) ?? -1]
    if (!of) continue
    const label = slots[i + 1]! >>> 16
    of.set(label, (of.get(label) ?? 0) + (slots[i + 1]! & 0xffff))
  }
  const starts = new Uint32Array(place.size + 1)
  const seeds: number[] = []
  const visits: number[] = []
  visitsBy.forEach((of, i) => {
    for (const [label, count] of [...of].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
      seeds.push(labels[label]!)
      visits.push(count)
    }
    starts[i + 1] = seeds.length
  })
  return { starts, seeds, visits }
}
