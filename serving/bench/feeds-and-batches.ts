/** Requests as bytes: feeds of the demo world's users, and batches of events, each half. */
import type { EpochMs, Random } from '../../base/index.ts'

const USERS = 2_000
const PINS = 2_000
const BATCH = 100
/** Batches that differ; each is sent many times, under ids that are new each time. */
const PATTERNS = 32
const NUMBER = '00000000'

type Pattern = { readonly bytes: Buffer; readonly ids: readonly number[] }

export class FeedsAndBatches {
  readonly #random: Random
  readonly #feeds: readonly Buffer[]
  readonly #patterns: readonly Pattern[]
  #batches = 0

  constructor(address: string, random: Random, now: EpochMs) {
    this.#random = random
    const { host } = new URL(address)
    this.#feeds = Array.from({ length: USERS }, (_, user) => {
      const path = `/v1/users/u${user}/recommendations?limit=25`
      return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
    })
    this.#patterns = Array.from({ length: PATTERNS }, () => this.#pattern(host, now))
  }

  next(): { readonly bytes: Uint8Array; readonly isFeed: boolean } {
    const isFeed = this.#random.below(2) === 0
    return { isFeed, bytes: isFeed ? this.#feeds[this.#random.below(USERS)]! : this.#batch() }
  }

  #pattern(host: string, time: EpochMs): Pattern {
    const entries = Array.from({ length: BATCH }, (_, i) => {
      const user = `u${this.#random.below(USERS)}`
      const pin = `p${this.#random.below(PINS)}`
      return { kind: 'impression', id: `load-${NUMBER}-${i}`, time, user, pin }
    })
    const body = JSON.stringify({ entries })
    const head = [
      'POST /v1/events HTTP/1.1',
      `host: ${host}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ]
    const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
    const ids: number[] = []
    for (let at = bytes.indexOf(NUMBER); at >= 0; at = bytes.indexOf(NUMBER, at + 1)) ids.push(at)
    return { bytes, ids }
  }

  #batch(): Buffer {
    const { bytes, ids } = this.#patterns[this.#batches % PATTERNS]!
    const number = Buffer.from(String(this.#batches++).padStart(NUMBER.length, '0'))
    const batch = Buffer.from(bytes)
    for (const at of ids) batch.set(number, at)
    return batch
  }
}
