/**
 * What a pruning curve says, in a sentence a ranker, computed from its rows. A gain counts when it
 * is more than three standard errors of the paired difference: by chance one row in seven hundred
 * has such a gain, and a curve has some twenty rows, which are much alike. From two errors on it
 * may be one, which more users would show.
 */
import type { CurveRanker, CurveRow } from './pruning-curve.ts'

const SURE = 3
const POSSIBLE = 2
/** A loss that most would pay for a smaller graph. */
const SMALL_LOSS = 0.01

const names: readonly (readonly [CurveRanker, string])[] = [
  ['visits', 'plain visits'],
  ['exact', 'the exact three-step walk'],
  ['walk', 'the served walk'],
]

/** `rows[0]` is the whole graph. */
export function readingOf(rows: readonly CurveRow[], at: number): string {
  if (rows.length < 2) return 'Nothing was pruned.'
  return names.map(([ranker, name]) => sentence(rows, ranker, name, at)).join(' ')
}

function sentence(
  [whole, ...rows]: readonly CurveRow[],
  ranker: CurveRanker,
  name: string,
  at: number,
): string {
  const before = whole![ranker].ndcg.mean
  const change = (row: CurveRow) => row[ranker].ndcgChange
  const beyond = (errors: number) =>
    rows.filter((row) => change(row).mean > errors * change(row).standardError)
  const [sure, possible] = [beyond(SURE), beyond(POSSIBLE)]
  const verdict = sure.length > 0 ? 'helps' : possible.length > 0 ? 'may help' : 'does not help'
  const shown = [sure, possible, rows].find((list) => list.length > 0)!
  const best = shown.reduce((a, b) => (change(b).mean > change(a).mean ? b : a))
  const { mean, standardError } = change(best)
  const figures =
    `NDCG@${at} ${signed(mean)} ± ${standardError.toFixed(4)} from ${before.toFixed(4)} ` +
    `at best (${settingsOf(best)})`
  const cheap = rows
    .filter((row) => change(row).mean >= -SMALL_LOSS * before)
    .reduce<CurveRow | undefined>((a, b) => (a && a.edges <= b.edges ? a : b), undefined)
  const cost = cheap
    ? `the smallest graph within 1 % keeps ${percent(cheap.edgesKept)} of the edges`
    : 'every pruned graph loses more than 1 %'
  return `Pruning ${verdict} ${name} here: ${figures}; ${cost}.`
}

function settingsOf(row: CurveRow): string {
  const { delta, entropyShare, edgesKept } = row
  return `delta ${delta}, ${percent(entropyShare)} of boards out, ${percent(edgesKept)} of edges`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`
}
