/** A replay as sections of a report: events a second and memory over time, and the sums. */
import { type Section, sumFacts } from './run-report.ts'

/** What a replay had done after so many seconds. */
export type ReplaySample = {
  readonly second: number
  readonly events: number
  /** Resident. */
  readonly bytes: number
}

export function replaySections(
  samples: readonly ReplaySample[],
  sums: Readonly<Record<string, number | string>>,
): Section[] {
  const at = samples.map(({ second }) => second)
  const rates = samples.map(({ second, events }, n) => {
    const before = samples[n - 1] ?? { second: 0, events: 0 }
    return (events - before.events) / (second - before.second)
  })
  const x = { name: 'time', unit: 's' }
  return [
    ...(Object.keys(sums).length === 0 ? [] : [sumFacts('Result', sums)]),
    {
      kind: 'lines',
      title: 'Throughput',
      x,
      y: { name: 'events', unit: 'per second' },
      at,
      series: [{ name: 'events', values: rates }],
    },
    {
      kind: 'lines',
      title: 'Memory',
      x,
      y: { name: 'resident', unit: 'MiB' },
      at,
      series: [{ name: 'resident', values: samples.map(({ bytes }) => bytes / 2 ** 20) }],
    },
  ]
}
