/**
 * Appends to one partition, in order: while one frame is on its way, what comes gathers for the
 * next, so that frames grow with the load and a calm partition waits for nobody.
 */
import { pinwheelError } from '../../base/index.ts'
import type { Receipt } from '../log/event-log.ts'
import { encodeFrame } from '../log/frame.ts'
import { EntryReader } from '../log/packed-entry.ts'
import { PLACES, positionOf } from './position.ts'
import { PAYLOAD_BYTES_MAX } from './stream.ts'

export type PartitionWriterOptions = {
  readonly partition: number
  /** Bytes that may wait or be on their way; more are refused. */
  readonly queueBytesMax: number
  /** Resolves to the sequence of the message. */
  readonly publish: (message: Uint8Array) => Promise<number>
}

/** Part of an append: what fits one frame. */
type Part = {
  readonly payload: Uint8Array
  readonly count: number
  readonly done: (sequence: number, place: number) => void
  readonly failed: (error: unknown) => void
}

export class PartitionWriter {
  readonly #options: PartitionWriterOptions
  #waiting: Part[] = []
  /** Waiting and on their way. */
  #bytes = 0
  #isSending = false

  constructor(options: PartitionWriterOptions) {
    this.#options = options
  }

  /** INGEST_BUSY; else what `publish` says. */
  async append(payload: Uint8Array, count: number): Promise<Receipt> {
    const { partition, queueBytesMax } = this.#options
    if (this.#bytes + payload.length > queueBytesMax) {
      throw pinwheelError('INGEST_BUSY', { partition, bytes: this.#bytes, limit: queueBytesMax })
    }
    const parts = split(payload, count).map((piece) => {
      return new Promise<{ first: number; last: number }>((resolve, failed) => {
        const done = (sequence: number, place: number) =>
          resolve({
            first: positionOf(sequence, place),
            last: positionOf(sequence, place + piece.count - 1),
          })
        this.#waiting.push({ ...piece, done, failed })
        this.#bytes += piece.payload.length
      })
    })
    void this.#send()
    const places = await Promise.all(parts)
    return { partition, first: places[0]!.first, last: places.at(-1)!.last }
  }

  async #send(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    while (this.#waiting.length > 0) {
      const parts = this.#take()
      try {
        const sequence = await this.#options.publish(this.#frame(parts))
        let place = 0
        for (const { count, done } of parts) {
          done(sequence, place)
          place += count
        }
      } catch (error) {
        for (const { failed } of parts) failed(error)
      }
      for (const { payload } of parts) this.#bytes -= payload.length
    }
    this.#isSending = false
  }

  /** The oldest that fit one frame together. */
  #take(): Part[] {
    let bytes = 0
    let count = 0
    let n = 0
    for (const part of this.#waiting) {
      bytes += part.payload.length
      count += part.count
      if (n > 0 && (bytes > PAYLOAD_BYTES_MAX || count > PLACES)) break
      n++
    }
    return this.#waiting.splice(0, n)
  }

  #frame(parts: readonly Part[]): Uint8Array {
    const payload = Buffer.concat(parts.map((part) => part.payload))
    const count = parts.reduce((sum, part) => sum + part.count, 0)
    const { partition } = this.#options
    // Where it will be only the server knows, which says so beside each message.
    return encodeFrame({ partition, sequence: 0, first: 0, count, payload })
  }
}

/** Cut between entries so that each piece fits a frame. */
function split(payload: Uint8Array, count: number): Pick<Part, 'payload' | 'count'>[] {
  if (payload.length <= PAYLOAD_BYTES_MAX && count <= PLACES) return [{ payload, count }]
  const pieces: Pick<Part, 'payload' | 'count'>[] = []
  const reader = new EntryReader(payload)
  let from = 0
  let entries = 0
  const cut = (end: number) => {
    pieces.push({ payload: payload.subarray(from, end), count: entries })
    from = end
    entries = 0
  }
  while (reader.next()) {
    if (reader.end - from > PAYLOAD_BYTES_MAX || entries === PLACES) cut(reader.start)
    entries++
  }
  cut(payload.length)
  return pieces
}
