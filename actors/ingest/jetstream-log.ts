/**
 * The log of a cluster. An append resolves when the server has stored its frames; a server that
 * stores before it flushes (`sync_interval`, two minutes by default) may lose them with its power,
 * not with its process.
 */
import { randomUUID } from 'node:crypto'
import {
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { type Clock, type EpochMs, errorCode, inTime, pinwheelError } from '../../base/index.ts'
import { packedParts } from '../log/entry-parts.ts'
import type { Frame, Receipt } from '../log/event-log.ts'
import { connectTo, refused, unreachable } from './connection.ts'
import { type BuriedMessage, deadMessages, type Resent, raise } from './dead-letters.ts'
import { checkMessage } from './frame-check.ts'
import { readPartition } from './partition-reader.ts'
import { PartitionWriter } from './partition-writer.ts'
import { PLACES, positionOf, sequenceOf } from './position.ts'
import {
  beginOf,
  deadName,
  ensureStreams,
  foundStream,
  type StreamOptions,
  streamDefaults,
  streamName,
  subjectOf,
} from './stream.ts'

export type JetStreamLogOptions = Partial<Omit<StreamOptions, 'begin'>> & {
  /** nats://[user:password@]host:port; of a cluster of servers several, with commas between. */
  readonly url: string
  readonly clock: Clock
  /** How long an append waits for a server that is away before it is refused. */
  readonly patienceMs?: number
  /** Bytes of one partition that may wait for the server; more are refused. */
  readonly queueBytesMax?: number
}

const jetStreamLogDefaults = Object.freeze({
  ...streamDefaults,
  patienceMs: 10_000,
  queueBytesMax: 4 * 2 ** 20,
})

/** A server that says nothing for two of these is away, and so may be the consumer that it had. */
const HEARTBEAT_MS = 1_000
/** What is on its way to a server that is away is not waited for longer at the end. */
const CLOSE_MS = 2_000
/** How long one try of a publication waits. */
const TRY_MS = 2_000
const RETRY_MS = 50
/** In which a server that is there answers. */
const ANSWER_MS = 500

export type StreamSizes = {
  readonly bytes: number
  readonly bytesMax: number
  readonly deadLetters: number
}

export class JetStreamLog {
  readonly #options: Required<JetStreamLogOptions>
  readonly #connection: NatsConnection
  readonly #js: JetStreamClient
  readonly #jsm: JetStreamManager
  readonly #writers: readonly PartitionWriter[]
  #isClosed = false

  private constructor(
    options: Required<JetStreamLogOptions>,
    connection: NatsConnection,
    jsm: JetStreamManager,
  ) {
    this.#options = options
    this.#connection = connection
    this.#js = jetstream(connection)
    this.#jsm = jsm
    const { cluster, partitions, queueBytesMax } = options
    this.#writers = Array.from({ length: partitions }, (_, partition) => {
      const subject = subjectOf(cluster, partition)
      const publish = (message: Uint8Array) => this.#publish(subject, message)
      return new PartitionWriter({ partition, queueBytesMax, publish })
    })
  }

  /** INGEST_UNREACHABLE, INGEST_OTHER, LOG_WRITE_FAILED where there is no room for the stream. */
  static open(given: JetStreamLogOptions): Promise<JetStreamLog> {
    const options = { ...jetStreamLogDefaults, ...given }
    return JetStreamLog.#open(options, async (jsm) => {
      await ensureStreams(jsm, options)
      return options
    })
  }

  /** One that is there, as it was made. INGEST_UNREACHABLE, INGEST_MISSING. */
  static openFound(
    given: Pick<JetStreamLogOptions, 'url' | 'clock' | 'cluster'>,
  ): Promise<JetStreamLog> {
    const options = { ...jetStreamLogDefaults, ...given }
    return JetStreamLog.#open(options, (jsm) => foundStream(jsm, options.cluster, options.url))
  }

  static async #open(
    options: Required<JetStreamLogOptions>,
    look: (jsm: JetStreamManager) => Promise<StreamOptions>,
  ): Promise<JetStreamLog> {
    const connection = await connectTo(options.url)
    try {
      const jsm = await jetstreamManager(connection, { checkAPI: false })
      return new JetStreamLog({ ...options, ...(await look(jsm)) }, connection, jsm)
    } catch (error) {
      await connection.close()
      if (error instanceof JetStreamApiError) throw refused(error)
      throw errorCode(error) === undefined ? unreachable(options.url, error) : error
    }
  }

  get partitions(): number {
    return this.#options.partitions
  }

  /**
   * Resolves when the server has all of it. LOG_WRITE_FAILED, INGEST_BUSY, INGEST_UNREACHABLE:
   * none of it is acknowledged, though some may be there.
   */
  append(partition: number, payload: Uint8Array, count: number): Promise<Receipt> {
    return this.#writers[partition]!.append(payload, count)
  }

  /**
   * The frames of a partition from the one at `from` on, for ever: the next when this one is done
   * with. One without entries says that nothing more lies before it. LOG_DROPPED where the frame
   * that follows the one at `after` is gone (by default the one at `from`), INGEST_REPLACED, and
   * INGEST_UNREACHABLE once it is closed.
   */
  follow(
    partition: number,
    { from = 0, after = from - PLACES }: { readonly from?: number; readonly after?: number } = {},
    signal: AbortSignal = new AbortController().signal,
  ): AsyncGenerator<Frame, void> {
    const { cluster, url, clock } = this.#options
    const isClosed = () => this.#isClosed
    const ports = { js: this.#js, jsm: this.#jsm, cluster, url, clock, isClosed }
    const beginning = { from: sequenceOf(from), needed: sequenceOf(after) + 1 }
    return readPartition(ports, partition, beginning, signal)
  }

  /**
   * The frames of a partition from the one at `from` on that begin before `to`, as it is now.
   * INGEST_UNREACHABLE.
   */
  async *range(partition: number, from: number, to: number): AsyncGenerator<Frame> {
    try {
      yield* this.#messages(from, { partition, before: to, isEndless: false })
    } catch (error) {
      throw errorCode(error) === undefined ? unreachable(this.#options.url, error) : error
    }
  }

  /**
   * The frames of all partitions in the order of the stream, from the position `from` on, to the
   * end that it has now. What cannot be read is passed over: who reads partitions keeps it.
   */
  read(from = 0): AsyncGenerator<Frame> {
    return this.#messages(from, { before: Number.POSITIVE_INFINITY, isEndless: false })
  }

  /**
   * The same for ever, until the log is closed: a server that is away is waited for. LOG_DROPPED
   * where the stream has dropped what comes next.
   */
  async *readOn(from: number): AsyncGenerator<Frame> {
    const { cluster, clock } = this.#options
    let next = sequenceOf(from)
    while (!this.#isClosed) {
      try {
        const { first } = await this.ends()
        if (first > Math.max(1, next)) {
          const details = { directory: `the stream ${streamName(cluster)}`, partition: 0, first }
          throw pinwheelError('LOG_DROPPED', { ...details, reason: `${next} is wanted` })
        }
        const endless = { before: Number.POSITIVE_INFINITY, isEndless: true }
        for await (const frame of this.#messages(positionOf(next, 0), endless)) {
          if (frame.first < from) continue
          yield frame
          next = sequenceOf(frame.first) + 1
        }
      } catch (error) {
        if (errorCode(error) === 'LOG_DROPPED') throw error
      }
      if (!this.#isClosed) await clock.sleep(RETRY_MS)
    }
  }

  /**
   * The sequence of the newest message, and of the oldest that is there, with its position; and
   * that of the first one that the cluster ever had.
   */
  async ends(): Promise<Readonly<Record<'first' | 'last' | 'position' | 'begin', number>>> {
    const { state, config } = await this.#jsm.streams.info(streamName(this.#options.cluster))
    const { first_seq: first, last_seq: last } = state
    return { first, last, position: positionOf(first, 0), begin: beginOf(config) }
  }

  /** What its stream takes and may take, and messages that nobody could read. */
  async sizes(): Promise<StreamSizes> {
    const { cluster } = this.#options
    const { state, config } = await this.#jsm.streams.info(streamName(cluster))
    const dead = await this.#jsm.streams.info(deadName(cluster))
    return { bytes: state.bytes, bytesMax: config.max_bytes, deadLetters: dead.state.messages }
  }

  /**
   * When the server got the oldest frame of a partition, or of any, that lies behind a position;
   * undefined where there is none.
   */
  async waitingSince(partition: number | '*', position: number): Promise<EpochMs | undefined> {
    const { cluster } = this.#options
    const next = { seq: sequenceOf(position) + 1, next_by_subj: subjectOf(cluster, partition) }
    const message = await this.#jsm.streams.getMessage(streamName(cluster), next)
    return message ? Math.floor(message.time.getTime()) : undefined
  }

  /** The newest messages that could not be read, oldest first. */
  deadLetters(limit: number): Promise<BuriedMessage[]> {
    return deadMessages(this.#ports, limit)
  }

  /** Appends what can be read now of those that could not, and what became of each. */
  async sendAgain(letters: readonly BuriedMessage[]): Promise<Resent[]> {
    return raise(this.#ports, letters, async ({ payload }) => {
      // The stream may have had another number of partitions when they were buried.
      const receipts: Receipt[] = []
      for (const part of packedParts(payload, this.partitions)) {
        receipts.push(await this.append(part.partition, part.payload, part.count))
      }
      return receipts[0]!
    })
  }

  get #ports() {
    return { js: this.#js, jsm: this.#jsm, cluster: this.#options.cluster }
  }

  /** Sends what waits, as far as somebody hears it, then ends the connection. */
  async close(): Promise<void> {
    this.#isClosed = true
    // It is refused where nobody is connected.
    const drained = this.#connection.drain().catch(() => {})
    await inTime(this.#options.clock, CLOSE_MS, drained)
    await this.#connection.close()
  }

  async *#messages(
    from: number,
    given: { readonly partition?: number; readonly before: number; readonly isEndless: boolean },
  ): AsyncGenerator<Frame> {
    const { cluster } = this.#options
    const { partition, before, isEndless } = given
    const consumer = await this.#js.consumers.get(streamName(cluster), {
      ...(partition !== undefined && { filter_subjects: subjectOf(cluster, partition) }),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, sequenceOf(from)),
    })
    if (!isEndless && (await consumer.info()).num_pending === 0) return
    const partitions = new Map(this.#writers.map((_, p) => [subjectOf(cluster, p), p]))
    const messages = await consumer.consume({ idle_heartbeat: HEARTBEAT_MS })
    void endWhenSilent(messages)
    try {
      for await (const { seq, subject, data, info } of messages) {
        if (positionOf(seq, 0) >= before) return
        const { frame } = checkMessage(data, partitions.get(subject) ?? -1, seq)
        if (frame) yield frame
        if (!isEndless && info.pending === 0) return
      }
      if (!isEndless) throw unreachable(this.#options.url, new Error('it fell silent'))
    } finally {
      await messages.close()
    }
  }

  /** Whether the server is there, whatever it does with what is published. */
  async #answers(): Promise<boolean> {
    const answer = this.#connection.rtt().then(
      () => true,
      () => false,
    )
    return (await inTime(this.#options.clock, ANSWER_MS, answer)) ?? false
  }

  /** The same message under the same name until the server has it, or for too long. */
  async #publish(subject: string, message: Uint8Array): Promise<number> {
    const { clock, patienceMs, url } = this.#options
    const until = clock.monotonic() + patienceMs
    const msgID = randomUUID()
    for (;;) {
      try {
        return (await this.#js.publish(subject, message, { msgID, timeout: TRY_MS })).seq
      } catch (error) {
        if (isFull(error)) throw refused(error)
        if (this.#isClosed || clock.monotonic() >= until) {
          if (error instanceof JetStreamApiError) throw refused(error)
          throw (await this.#answers()) ? notStored(error) : unreachable(url, error)
        }
        await clock.sleep(RETRY_MS)
      }
    }
  }
}

/** Says nothing to a publication: nats-server 2.15 of a stream that it once could not write to. */
function notStored(error: unknown): Error {
  const said = (error as Error).message
  const reason = `NATS answers, but does not store it (${said}); when it can, it must be restarted`
  return pinwheelError('LOG_WRITE_FAILED', { reason }, error)
}

/** Who reads begins again then: a server that was killed knows nothing of a consumer in memory. */
export async function endWhenSilent(messages: ConsumerMessages): Promise<void> {
  for await (const status of messages.status()) {
    if (status.type === 'heartbeats_missed') await messages.close()
  }
}

/** What the server says of a stream that has no room, on its disk or by its bounds. */
const FULL = new Set([10023, 10047, 10077])

const isFull = (error: unknown) => error instanceof JetStreamApiError && FULL.has(error.code)
