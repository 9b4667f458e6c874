/**
 * Bias towards a topic or a language (Pixie, section 3.1): from a pin, with probability `strength`,
 * a walker takes one of the pin's boards that fit, if there are any. Boards of one topic and
 * language are a range of node numbers, so those of a pin are a range of its row. Fresh edges are
 * not preferred before they are frozen.
 */
import { pinwheelError } from '../../base/index.ts'
import type { PinBoardGraph } from '../pin-board-graph.ts'
import { type Beginning, RANGES_MAX } from './walk-kernel.ts'

export type WalkBias = {
  /** Numbers as the graph was built with. */
  readonly topic?: number
  readonly language?: number
  /** In [0, 1]. */
  readonly strength: number
}

/** The boards that fit as ranges of nodes; undefined where that makes no difference. */
export function biasRanges(graph: PinBoardGraph, bias: WalkBias): Beginning['bias'] {
  const { topic, language, strength } = bias
  if (!(strength >= 0 && strength <= 1)) {
    const expected = 'a strength from 0 to 1'
    throw pinwheelError('WALK_OPTIONS', { option: 'bias', value: strength, expected })
  }
  const fitting = graph
    .groups()
    .filter((group) => topic === undefined || group.topic === topic)
    .filter((group) => language === undefined || group.language === language)
  const ranges: number[] = []
  for (const { first, end } of fitting) {
    if (ranges.at(-1) === first) ranges[ranges.length - 1] = end
    else ranges.push(first, end)
  }
  if (strength === 0 || ranges.length === 0) return undefined
  if (ranges.length / 2 > RANGES_MAX) {
    const value = `${ranges.length / 2} ranges of boards`
    const expected = `at most ${RANGES_MAX}: name a topic with the language`
    throw pinwheelError('WALK_OPTIONS', { option: 'bias', value, expected })
  }
  return { ranges: Uint32Array.from(ranges), strength: Math.ceil(strength * 2 ** 32) - 1 }
}
