/**
 * The load of a day: quiet in the morning, busiest at 20:00, its mean 1. Two harmonics; of the
 * swing an eighth is the second, which makes evenings narrower than nights.
 */
const BUSIEST = 20
const SECOND = 0.125

/** Load at an hour from 0 to 24 over the mean; `peakToMean` from 1 to 2.25 is its greatest. */
export function loadAt(hour: number, peakToMean: number): number {
  const angle = (2 * Math.PI * (hour - BUSIEST)) / 24
  const swing = (peakToMean - 1) / (1 + SECOND)
  return 1 + swing * (Math.cos(angle) + SECOND * Math.cos(2 * angle))
}
