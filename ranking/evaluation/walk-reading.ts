/**
 * What a check of the walk says, in sentences computed from its rows. A change of hits counts when
 * it is more than three standard errors of the paired difference; from two on it may be one. There
 * are about ten such changes, so by chance one in forty checks claims one.
 */
import type { Mean } from './pruning-curve.ts'
import type { EarlyStopRow } from './walk-early-stop.ts'
import { type HoldOut, type HoldOutRow, SERVED } from './walk-hold-out.ts'
import type { OverlapRow } from './walk-overlap.ts'

const SURE = 3
const POSSIBLE = 2
/** With fewer, errors of hits are not to be trusted. */
const BOARDS_MIN = 20
/** Overlap that most would pay for fewer steps. */
const SMALL_LOSS = 0.02

export type CheckRows = {
  readonly overlap: readonly OverlapRow[]
  readonly earlyStop: readonly EarlyStopRow[]
  readonly holdOut: readonly HoldOutRow[]
}
type Kind = 'boards' | 'pins'
const asked: Readonly<Record<Kind, string>> = { boards: 'boards', pins: 'single pins' }

export function walkReading(
  { overlap, earlyStop, holdOut }: CheckRows,
  { steps, top }: { readonly steps: number; readonly top: number },
): string[] {
  const kinds = ['boards', 'pins'] as const
  return [
    ...kinds.map((kind) => overlapSentence(overlap, kind, steps, top)),
    ...kinds.map((kind) => stopSentence(earlyStop, kind)),
    ...holdOut.filter(({ name }) => name !== SERVED).map((row) => partSentence(row, holdOut[0]!)),
  ]
}

function overlapSentence(
  rows: readonly OverlapRow[],
  kind: Kind,
  steps: number,
  top: number,
): string {
  const of = (list: string, against: string) =>
    rows.find((row) => row.list === list && row.against === against)![kind]
  const exact = of('walk', 'exact PageRank')
  const noise = of('walk', 'another walk')
  const error = Math.hypot(exact.standardError, noise.standardError)
  const verdict =
    exact.mean >= noise.mean - SURE * error
      ? 'so no more is missing than chance explains'
      : 'so more is missing than chance explains'
  return (
    `From ${asked[kind]}, ${steps.toLocaleString('en')} steps find ${show(exact)} of the ${top} ` +
    `best of exact PageRank and ${show(of('walk', 'exact P3'))} of exact P3's; two walks share ` +
    `${show(noise)}, ${verdict}.`
  )
}

function stopSentence([full, ...rows]: readonly EarlyStopRow[], kind: Kind): string {
  const share = (row: EarlyStopRow) => row[kind].steps.mean / full![kind].steps.mean
  const loss = (row: EarlyStopRow) => full![kind].overlap.mean - row[kind].overlap.mean
  const [best] = rows
    .filter((row) => loss(row) <= SMALL_LOSS)
    .sort((a, b) => a[kind].steps.mean - b[kind].steps.mean)
  const from = `From ${asked[kind]}, early stop`
  if (!best || share(best) > 1 - SMALL_LOSS) {
    return `${from} saves nothing within ${SMALL_LOSS} of overlap, in no setting tried.`
  }
  const setting = `n_p ${best.earlyStopPins}, n_v ${best.earlyStopVisits}`
  const cost = `${signed(-loss(best))} of overlap (${show(best[kind].overlap)})`
  return `${from} with ${setting} makes ${percent(share(best))} of the steps at ${cost}.`
}

function partSentence(row: HoldOutRow, served: HoldOutRow): string {
  const name = `${row.name[0]!.toUpperCase()}${row.name.slice(1)}`
  const isAsked = row.name.startsWith('bias') && row.several.boards > 0
  const topic = isAsked
    ? ` Of several topics, ${percent(served.several.onTopic.mean)} of the results were on the ` +
      `board's own, now ${percent(row.several.onTopic.mean)}.`
    : ''
  const one = part(row.one, served.one)
  return `${name}: boards of one topic ${one}, of several ${part(row.several, served.several)}.${topic}`
}

function part({ boards, change }: HoldOut, served: HoldOut): string {
  if (boards < BOARDS_MIN) return `are too few to tell (${boards})`
  const { mean, standardError } = change
  const beyond = (errors: number) => Math.abs(mean) > errors * standardError
  const [sure, possible] = mean > 0 ? ['it helps', 'it may help'] : ['it hurts', 'it may hurt']
  const verdict = beyond(SURE) ? sure : beyond(POSSIBLE) ? possible : 'show no difference'
  return (
    `${verdict} (hits ${signed(mean)} ± ${standardError.toFixed(3)} ` +
    `from ${served.hits.mean.toFixed(3)})`
  )
}

function show({ mean, standardError }: Mean): string {
  return `${mean.toFixed(3)} ± ${standardError.toFixed(3)}`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`
}
