/** What schedules showed, by what failed: for people. */
import type { Outcome } from './run-schedule.ts'
import { faults } from './schedule.ts'

/** One row for each kind of fault alone, and one for all pairs. */
export function tableOf(outcomes: readonly Outcome[], syncInterval: string): string {
  const kinds = new Map<string, Outcome[]>()
  for (const outcome of outcomes) {
    const { steps } = outcome
    const kind = steps.length === 1 ? steps[0]!.fault : 'two of them at once'
    kinds.set(kind, [...(kinds.get(kind) ?? []), outcome])
  }
  const head = [
    '| fault | schedules | acknowledged, sent again | lost, doubled, out of order |' +
      ' feeds: of a ranker, cached, popular, none | longest without a ranker’s: median, most | right after: median, most |',
    '|---|---|---|---|---|---|---|',
  ]
  const rows = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, of]) => rowOf(kind, of))
  const ends =
    `\n\n\`sync_interval\` of NATS: ${syncInterval}; ` +
    `seeds as they are dealt from ${faults.length} kinds of fault.\n`
  return [...head, ...rows].join('\n') + ends
}

function rowOf(kind: string, of: readonly Outcome[]): string {
  const sum = (value: (outcome: Outcome) => number) =>
    of.reduce((total, outcome) => total + value(outcome), 0)
  const rung = (...names: string[]) =>
    sum(({ feeds }) => names.reduce((total, name) => total + (feeds.rungs[name] ?? 0), 0))
  const all = sum(({ feeds }) => Object.values(feeds.rungs).reduce((a, b) => a + b, 0))
  const share = (count: number) => `${((100 * count) / all).toFixed(1)} %`
  const spread = (value: (outcome: Outcome) => number) => {
    const sorted = of.map(value).toSorted((a, b) => a - b)
    const seconds = (ms: number) => (ms / 1000).toFixed(1)
    return `${seconds(sorted[sorted.length >> 1]!)}, ${seconds(sorted.at(-1)!)} s`
  }
  const shares = [rung('light', 'full'), rung('cached'), rung('popular'), rung('failed')]
  return `| ${[
    kind,
    of.length,
    `${sum(({ acknowledged }) => acknowledged)}, ${sum(({ resent }) => resent)}`,
    sum(({ violations }) => violations.length),
    shares.map(share).join(', '),
    spread(({ feeds }) => feeds.longestWithoutMs),
    spread(({ rightAfterMs }) => rightAfterMs),
  ].join(' | ')} |`
}
