/**
 * What a circle grew, laid out to be replayed: visits by how many saves they have, and in order of
 * time among those, so that the k-th visit with q saves is found by arithmetic. Circles of one
 * pattern share it.
 *
 * About 9 bytes a visit and 12 a save: 50 MB for a circle of 42,000 people.
 */
import { Random } from '../../../base/index.ts'
import { topics } from '../vocabulary.ts'
import { CircleGrowth, type Growth } from './growth.ts'
import type { CircleLaws } from './laws.ts'
import { VISIT_SAVES_MAX } from './visits.ts'

export type SeedGraph = {
  readonly users: number
  readonly pins: number
  readonly boards: number
  /** Visits with q saves are [classStarts[q], classStarts[q + 1]), q from 1 to VISIT_SAVES_MAX. */
  readonly classStarts: Uint32Array
  readonly visitUser: Uint32Array
  /** First save of a visit; its others follow. */
  readonly visitSave: Uint32Array
  /** Topic of its first pin. */
  readonly visitTopic: Uint8Array
  readonly savePin: Uint32Array
  /** NONE where a save went to no board. */
  readonly saveBoard: Uint32Array
  /**
   * Pins of the saves of topic t in order of time are topicPins[topicStarts[t]..topicStarts[t +
   * 1]).
   */
  readonly topicStarts: Uint32Array
  readonly topicPins: Uint32Array
  /** The judge's. */
  readonly pinTopic: Uint8Array
}

export type SeedGraphOptions = {
  readonly laws: CircleLaws
  readonly seed: number
  /** Circles of another pattern grow from other draws. */
  readonly pattern: number
}

export function growSeedGraph({ laws, seed, pattern }: SeedGraphOptions): SeedGraph {
  const random = new Random(seed).split('circle').split(pattern)
  return layOut(new CircleGrowth(laws, random).grow(), laws)
}

function layOut(growth: Growth, laws: CircleLaws): SeedGraph {
  const { visitStarts, visitUser, savePin, saveBoard, pinTopic } = growth
  const visits = visitUser.length
  const classStarts = new Uint32Array(VISIT_SAVES_MAX + 2)
  const saves = (visit: number) => visitStarts[visit + 1]! - visitStarts[visit]!
  for (let visit = 0; visit < visits; visit++) classStarts[saves(visit) + 1]!++
  for (let q = 1; q < classStarts.length; q++) classStarts[q]! += classStarts[q - 1]!
  const next = classStarts.slice()
  const order = new Uint32Array(visits)
  for (let visit = 0; visit < visits; visit++) order[next[saves(visit)]!++] = visit

  const laid = {
    visitUser: words(visits),
    visitSave: words(visits),
    visitTopic: new Uint8Array(new SharedArrayBuffer(visits)),
    savePin: words(savePin.length),
    saveBoard: words(savePin.length),
  }
  let at = 0
  for (let place = 0; place < visits; place++) {
    const visit = order[place]!
    laid.visitUser[place] = visitUser[visit]!
    laid.visitSave[place] = at
    laid.visitTopic[place] = pinTopic[savePin[visitStarts[visit]!]!]!
    for (let save = visitStarts[visit]!; save < visitStarts[visit + 1]!; save++) {
      laid.savePin[at] = savePin[save]!
      laid.saveBoard[at++] = saveBoard[save]!
    }
  }
  return {
    users: laws.users,
    pins: growth.pinCount,
    boards: growth.boardCount,
    classStarts,
    ...laid,
    ...byTopic(savePin, pinTopic),
    pinTopic,
  }
}

/** In memory that threads share. */
const words = (length: number) => new Uint32Array(new SharedArrayBuffer(4 * length))

function byTopic(savePin: Uint32Array, pinTopic: Uint8Array) {
  const topicStarts = new Uint32Array(topics.length + 1)
  for (const pin of savePin) topicStarts[pinTopic[pin]! + 1]!++
  for (let t = 0; t < topics.length; t++) topicStarts[t + 1]! += topicStarts[t]!
  const next = topicStarts.slice()
  const topicPins = words(savePin.length)
  for (const pin of savePin) topicPins[next[pinTopic[pin]!]!++] = pin
  return { topicStarts, topicPins }
}

/** Saves of each pin, those without a board, too. */
export function savesOfPins({ savePin, pins }: Pick<SeedGraph, 'savePin' | 'pins'>): Uint32Array {
  const saves = new Uint32Array(pins)
  for (const pin of savePin) saves[pin]!++
  return saves
}
