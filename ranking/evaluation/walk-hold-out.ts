/** What each part of the walk does for the pin that was held out of a board. */
import { NONE } from '../../base/index.ts'
import { type WalkOptions, walk } from '../../graph/index.ts'
import { type Mean, meanOf } from './pruning-curve.ts'
import type { Checked, SampledBoard } from './walk-sample.ts'

export type HoldOut = {
  readonly boards: number
  /** Share of the boards whose pin is among the best K. */
  readonly hits: Mean
  /** Hits less those of the walk as served, board by board. */
  readonly change: Mean
  /** Mean place of the pins that were hit, from 1; NaN without a hit. */
  readonly rank: number
  /** Of the boards of each result, the share that has the asked board's topic. */
  readonly onTopic: Mean
}
export type HoldOutRow = {
  readonly name: string
  /** Boards of one topic, and of several. */
  readonly one: HoldOut
  readonly several: HoldOut
}

export const SERVED = 'as served'

type Variant = (served: WalkOptions, board: SampledBoard) => Partial<WalkOptions>

const biased =
  (strength: number): Variant =>
  (_, { topic }) =>
    topic === NONE ? {} : { bias: { topic, strength } }

/** The first is what the others are held against: bias 0 and the default degree exponent. */
const variants: readonly (readonly [string, Variant])[] = [
  [SERVED, () => ({})],
  ['four times the steps', ({ steps }) => ({ steps: 4 * steps })],
  ['degree exponent 0', () => ({ degreeExponent: 0 })],
  ['booster', () => ({ booster: true })],
  ['bias .5 to its topic', biased(0.5)],
  ['bias 1 to its topic', biased(1)],
]

type Answer = { readonly hit: number; readonly rank: number; readonly onTopic: number }

export async function holdOutRows(checked: Checked): Promise<HoldOutRow[]> {
  const answers: Answer[][] = variants.map(() => [])
  for (const board of checked.sample.boards) {
    for (const [i, [, variant]] of variants.entries()) {
      answers[i]!.push(ask(checked, board, variant(checked.walkOptions, board)))
    }
    await checked.pause()
  }
  const { boards } = checked.sample
  const pick = (row: readonly Answer[], mixed: boolean) =>
    row.filter((_, i) => boards[i]!.topic !== NONE && boards[i]!.isMixed === mixed)
  const measure = (row: readonly Answer[], mixed: boolean) =>
    holdOut(pick(row, mixed), pick(answers[0]!, mixed))
  return variants.map(([name], i) => ({
    name,
    one: measure(answers[i]!, false),
    several: measure(answers[i]!, true),
  }))
}

function ask(checked: Checked, board: SampledBoard, options: Partial<WalkOptions>): Answer {
  const { sample, scratch, walkOptions, seedOf } = checked
  const seeds = board.pins.map((pin) => ({ pin, weight: 1 }))
  const seed = seedOf(board)
  const { pins } = walk(sample.view, seeds, [], scratch, { ...walkOptions, ...options, seed })
  const place = pins.indexOf(board.held)
  let share = 0
  for (const pin of pins) share += shareOnTopic(checked, pin, board.topic)
  return {
    hit: place < 0 ? 0 : 1,
    rank: place + 1,
    onTopic: pins.length === 0 ? Number.NaN : share / pins.length,
  }
}

function shareOnTopic({ sample }: Checked, pin: number, topic: number): number {
  const { view, topicOf } = sample
  const degree = view.pinDegree(pin)
  let on = 0
  for (let rank = 0; rank < degree; rank++) {
    if (topicOf[view.boardOfPin(pin, rank)] === topic) on++
  }
  return on / degree
}

function holdOut(row: readonly Answer[], served: readonly Answer[]): HoldOut {
  const hits = row.filter(({ hit }) => hit === 1)
  return {
    boards: row.length,
    hits: meanOf(row.map(({ hit }) => hit)),
    change: meanOf(row.map(({ hit }, i) => hit - served[i]!.hit)),
    rank: hits.reduce((sum, { rank }) => sum + rank, 0) / hits.length,
    onTopic: meanOf(row.map(({ onTopic }) => onTopic).filter((share) => !Number.isNaN(share))),
  }
}
