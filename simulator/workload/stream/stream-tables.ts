/**
 * What the inner loop of a stream reads. Day plans one after the other; and for one day of every
 * pair of plan and pattern, a row for each visit: whose it is, where its saves lie, and what it may
 * look at. Rows are made anew when the day turns, so that an event costs one look into them.
 */
import { mix32 } from '../../../base/index.ts'
import type { CircleWorld, SeedGraph } from '../../world/index.ts'
import type { DayPlan } from './day-plan.ts'

/** Words of a row: user, first save, first pin to look at, how many there are. */
export const ROW_WORDS = 4

/** Seed graphs one after the other, so that a place in them is one number. */
export class StreamTables {
  readonly savePin: Uint32Array
  /** Signed: -1 for NONE. */
  readonly saveBoard: Int32Array
  readonly topicPins: Uint32Array
  /** plan * DAY_EVENTS + slot. */
  readonly events: Uint32Array
  readonly #plans: readonly DayPlan[]
  readonly #graphs: readonly SeedGraph[]
  readonly #saveStarts: readonly number[]
  readonly #topicStarts: readonly number[]
  /** Of each pair plan * patterns + pattern: its rows, and the day they are of. */
  readonly #rows: (Uint32Array | undefined)[]
  readonly #days: Float64Array

  constructor({ graphs }: CircleWorld, plans: readonly DayPlan[]) {
    this.#plans = plans
    this.#graphs = graphs
    this.events = joined(plans.map((plan) => plan.events)).items
    const savePin = joined(graphs.map((graph) => graph.savePin))
    this.savePin = savePin.items
    this.#saveStarts = savePin.starts
    this.saveBoard = new Int32Array(joined(graphs.map((graph) => graph.saveBoard)).items.buffer)
    const topicPins = joined(graphs.map((graph) => graph.topicPins))
    this.topicPins = topicPins.items
    this.#topicStarts = topicPins.starts
    this.#rows = new Array(plans.length * graphs.length).fill(undefined)
    this.#days = new Float64Array(this.#rows.length).fill(-1)
  }

  /** ROW_WORDS words for each visit of `day`, by a plan and a pattern. */
  rows(plan: number, pattern: number, day: number): Uint32Array {
    const of = plan * this.#graphs.length + pattern
    this.#rows[of] ??= new Uint32Array(ROW_WORDS * this.#plans[plan]!.visits.length)
    if (this.#days[of] !== day) {
      this.#days[of] = day
      this.#make(this.#rows[of], { plan, pattern, day })
    }
    return this.#rows[of]
  }

  #make(rows: Uint32Array, { plan, pattern, day }: Pair): void {
    const { visits, counts } = this.#plans[plan]!
    const graph = this.#graphs[pattern]!
    const { classStarts, visitUser, visitSave, visitTopic, topicStarts } = graph
    let made = 0
    for (const [q, count] of counts.entries()) made += (day + 1) * count * q
    const reach = Math.min(1, made / graph.savePin.length)
    const size = (q: number) => classStarts[q + 1]! - classStarts[q]!
    for (const [visit, plans] of visits.entries()) {
      const saves = plans >>> 20
      const nth = plans & 0xfffff
      // Who saves nothing is one of those who once saved one pin.
      const place =
        saves === 0
          ? classStarts[1]! +
            ((mix32(nth ^ Math.imul(day, 0x27d4eb2f)) >>> 0) % Math.max(1, size(1) * reach))
          : classStarts[saves]! + ((day * counts[saves]! + nth) % size(saves))
      const at = Math.floor(place)
      const topic = visitTopic[at]!
      const shelf = topicStarts[topic + 1]! - topicStarts[topic]!
      rows[ROW_WORDS * visit] = visitUser[at]!
      rows[ROW_WORDS * visit + 1] = this.#saveStarts[pattern]! + visitSave[at]!
      rows[ROW_WORDS * visit + 2] = this.#topicStarts[pattern]! + topicStarts[topic]!
      rows[ROW_WORDS * visit + 3] = Math.max(1, Math.floor(shelf * reach))
    }
  }
}

type Pair = { readonly plan: number; readonly pattern: number; readonly day: number }

function joined(lists: readonly Uint32Array[]) {
  const starts = [0]
  for (const list of lists) starts.push(starts.at(-1)! + list.length)
  const items = new Uint32Array(starts.at(-1)!)
  for (const [i, list] of lists.entries()) items.set(list, starts[i]!)
  return { starts, items }
}
