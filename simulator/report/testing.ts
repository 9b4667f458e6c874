/** A report that has every kind of section, for tests of what draws it. */
import type { RunReport } from './run-report.ts'

const log10 = (n: number) => 10 ** (n / 20)

export const everyKind: RunReport = {
  title: 'Every kind of section',
  kind: 'test',
  made: '2026-11-27T12:00:00.000Z',
  commit: '0123456789ab',
  machine: '2 cores of a processor, 24 GiB, Linux, Node 24',
  command: 'pinwheel simulate test --seed 7',
  seed: 7,
  options: { users: 1_000, pins: 5_000, durable: false, folder: null },
  sections: [
    {
      kind: 'facts',
      title: 'World statistics',
      note: 'Measured on boards of ten pins and more.',
      facts: [
        { name: 'pins per board, median', value: 24, target: '24 ± 2', verdict: 'pass' },
        { name: 'Gini of saves', value: 0.512, target: '.466 ± .02', verdict: 'fail' },
        { name: 'clustering', value: null, target: '.046', verdict: 'open' },
        { name: 'residence', value: 12.25, unit: 'GiB' },
      ],
    },
    {
      kind: 'lines',
      title: 'Throughput',
      x: { name: 'time', unit: 's' },
      y: { name: 'events', unit: 'per second' },
      at: Array.from({ length: 120 }, (_, n) => n),
      series: [
        {
          name: 'applied',
          values: Array.from({ length: 120 }, (_, n) => (n === 60 ? null : 4e6 + (n % 7) * 1e5)),
          low: Array.from({ length: 120 }, () => 3.6e6),
          high: Array.from({ length: 120 }, () => 4.8e6),
        },
        { name: 'turns', values: Array.from({ length: 120 }, (_, n) => 2e6 + n * 1e4) },
      ],
    },
    {
      kind: 'lines',
      title: 'Memory law',
      x: { name: 'active users', isLog: true },
      y: { name: 'bytes', unit: 'a user', isLog: true },
      at: [1e5, 1e6, 1e7],
      series: [{ name: 'resident', values: [980, 940, 951] }],
    },
    {
      kind: 'histogram',
      title: 'Latency',
      x: { name: 'latency', unit: 'ms', isLog: true },
      buckets: Array.from({ length: 60 }, (_, n) => ({
        low: n === 0 ? 0 : log10(n),
        high: log10(n + 1),
        count: Math.round(1_000 * Math.exp(-((n - 20) ** 2) / 60)),
      })),
      marks: [
        { name: 'p50', value: log10(20) },
        { name: 'p99', value: log10(33) },
      ],
    },
    {
      kind: 'bars',
      title: 'Ladder',
      unit: 'saves per impression',
      interval: '95 %, paired, 20 seeds',
      reference: { name: 'popularity', value: 0.011 },
      bars: [
        { name: 'random', value: 0.0042, low: 0.0038, high: 0.0046, verdict: 'fail' },
        { name: 'generation 1', value: 0.0131, low: 0.0122, high: 0.014, verdict: 'pass' },
        { name: 'generation 2', value: 0.0172, low: 0.016, high: 0.0184, verdict: 'pass' },
        { name: 'oracle', value: 0.024 },
      ],
    },
    {
      kind: 'table',
      title: 'Cost',
      columns: [
        { name: 'scenario' },
        { name: 'a month', unit: '$' },
        { name: 'a recommendation', unit: '$' },
      ],
      rows: [
        ['10 M a day', 48_210, 0.00016],
        ['6 G a day', 2_912_400, null],
      ],
      verdicts: ['pass', null],
    },
    { kind: 'text', title: 'What it says', paragraphs: ['One thing.', 'And another.'] },
  ],
}
