/**
 * What moves tastes from outside: trends of topics, the hour and the device. Pure functions of
 * time.
 */
import type { EpochMs, Random } from '../../../base/index.ts'
import { DAY_MS } from '../day.ts'
import { families, topics } from '../vocabulary.ts'

export const devices = ['phone', 'desktop'] as const
export type Device = (typeof devices)[number]

const WAVES = 3

export class Moods {
  /** Of each topic: WAVES times days of a period, phase in turns. */
  readonly #waves: Float64Array
  /** Of each family: how much more it is liked in the evening, and by phone; standard normals. */
  readonly #evening: Float64Array
  readonly #phone: Float64Array

  constructor(random: Random) {
    this.#waves = new Float64Array(topics.length * WAVES * 2)
    const waves = random.split('trends')
    for (let i = 0; i < this.#waves.length; i += 2) {
      this.#waves[i] = 6 + 18 * waves.unit()
      this.#waves[i + 1] = waves.unit()
    }
    const evening = random.split('evening')
    const phone = random.split('phone')
    this.#evening = Float64Array.from(families, () => evening.normal())
    this.#phone = Float64Array.from(families, () => phone.normal())
  }

  /** How much in fashion a topic is: mean 0, deviation 1 over time. */
  trend(topic: number, time: EpochMs): number {
    let sum = 0
    const at = topic * WAVES * 2
    for (let w = 0; w < WAVES; w++) {
      const turns = time / DAY_MS / this.#waves[at + 2 * w]! + this.#waves[at + 2 * w + 1]!
      sum += Math.sin(2 * Math.PI * turns)
    }
    return sum / Math.sqrt(WAVES / 2)
  }

  /** How much a topic suits the hour and the device: mean 0 over both, deviation about 1. */
  context(topic: number, time: EpochMs, device: Device): number {
    const family = topics[topic]!.family
    const hour = (time / 3_600_000) % 24
    const evening = Math.cos((2 * Math.PI * (hour - 20)) / 24)
    const phone = device === 'phone' ? 1 : -1
    return (
      (this.#evening[family]! * evening * Math.SQRT2 + this.#phone[family]! * phone) / Math.SQRT2
    )
  }
}
