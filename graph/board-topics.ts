/**
 * How the topics of pins mix on a board: its entropy, in nats. Pruning drops boards by it; its
 * exponential is the board's effective number of topics (Hill number of order 1). Pins without a
 * topic do not count. O(edges).
 */
import { assert, NONE } from '../base/index.ts'
import type { PinBoardGraph } from './pin-board-graph.ts'

/** One topic a pin: given by an operator, or found as a community. */
export type PinTopics = {
  /** By host number of a pin; NONE for a pin without a topic. */
  readonly of: Uint32Array
  /** Topics lie below it. */
  readonly count: number
}

/** The topics on each board, by board node: sparse rows of (topic, pins of it). */
export type TopicRows = {
  readonly offset: Uint32Array
  readonly topic: Uint32Array
  readonly pins: Uint32Array
}

/** Counts the topics of every board; rows stand in the order in which topics are met. */
export function topicRows(graph: PinBoardGraph, topics: PinTopics): TopicRows {
  const { boardOffset, boardPins, pinOfNode, boardNodes } = graph
  const topicOfNode = pinOfNode.map((pin) => topics.of[pin] ?? NONE)
  assert(
    topicOfNode.every((t) => t < topics.count || t === NONE),
    'every topic lies below the count of topics',
  )
  const offset = new Uint32Array(boardNodes + 1)
  const topic = new Uint32Array(boardPins.length)
  const pins = new Uint32Array(boardPins.length)
  /** Place + 1 of a topic in the current row. */
  const place = new Uint32Array(topics.count)
  let end = 0
  for (let b = 0; b < boardNodes; b++) {
    const start = end
    for (let i = boardOffset[b]!; i < boardOffset[b + 1]!; i++) {
      const t = topicOfNode[boardPins[i]!]!
      if (t === NONE) continue
      if (place[t] === 0) {
        topic[end++] = t
        place[t] = end
      }
      pins[place[t]! - 1]!++
    }
    for (let i = start; i < end; i++) place[topic[i]!] = 0
    offset[b + 1] = end
  }
  return { offset, topic: topic.slice(0, end), pins: pins.slice(0, end) }
}

/** Entropy by row; NaN where no pin has a topic. */
export function topicEntropies({ offset, pins }: TopicRows): Float64Array {
  const entropies = new Float64Array(offset.length - 1)
  for (let b = 0; b < entropies.length; b++) {
    let total = 0
    for (let i = offset[b]!; i < offset[b + 1]!; i++) total += pins[i]!
    let entropy = total === 0 ? Number.NaN : 0
    for (let i = offset[b]!; i < offset[b + 1]!; i++) {
      const share = pins[i]! / total
      if (share < 1) entropy -= share * Math.log(share)
    }
    entropies[b] = entropy
  }
  return entropies
}
