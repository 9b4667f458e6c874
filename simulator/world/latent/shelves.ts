/** The pins of each topic in order of birth: 4 bytes a pin. */
import { topics } from '../vocabulary.ts'
import { countBelow } from '../weighted.ts'
import type { LatentWorld } from './latent-world.ts'

export class Shelves {
  /** Of so many pins and more every topic has one; Infinity where one has none. */
  readonly allFrom: number
  /** #pins[#starts[t]..#starts[t + 1]) are the pins of topic t. */
  readonly #starts = new Uint32Array(topics.length + 1)
  readonly #pins: Uint32Array

  constructor({ pins: { topic } }: LatentWorld) {
    for (const of of topic) this.#starts[of + 1]!++
    for (let t = 0; t < topics.length; t++) this.#starts[t + 1]! += this.#starts[t]!
    const next = this.#starts.slice()
    this.#pins = new Uint32Array(topic.length)
    for (let pin = 0; pin < topic.length; pin++) this.#pins[next[topic[pin]!]!++] = pin
    const first = topics.map((_, t) => {
      const isEmpty = this.#starts[t] === this.#starts[t + 1]
      return isEmpty ? Number.POSITIVE_INFINITY : this.#pins[this.#starts[t]!]! + 1
    })
    this.allFrom = Math.max(...first)
  }

  /** How many pins of `topic` are among the first `born` of the world; O(log pins). */
  born(topic: number, born: number): number {
    return countBelow(
      this.#pins,
      { from: this.#starts[topic]!, to: this.#starts[topic + 1]! },
      born,
    )
  }

  /** The pin at `place` of a topic, 0 = the oldest. */
  pin(topic: number, place: number): number {
    return this.#pins[this.#starts[topic]! + place]!
  }
}
