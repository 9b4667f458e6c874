/**
 * The stream of a cluster, taken out of its server whole and put into another one, by JetStream's
 * own snapshots: they keep the sequences that positions are made of, and the times from which
 * entries grow old. A server goes on taking entries in while it is asked for one, so that what
 * comes out may reach beyond the cut; never is it short of it.
 *
 * What is filled has settings that nobody reads or appends with (INGEST_OTHER) until `release`.
 */
import {
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type StreamInfo,
} from '@nats-io/jetstream'
import { createInbox, type NatsConnection } from '@nats-io/transport-node'
import type { Clock, EpochMs } from '../../base/index.ts'
import { connectTo, refused, unreachable } from './connection.ts'
import { endWhenSilent } from './jetstream-log.ts'
import { noFacts, type PartitionFacts, withMessage } from './partition-facts.ts'
import { isReaders } from './partition-reader.ts'
import {
  deadName,
  fillingSettings,
  findSettings,
  foundStream,
  mustBeOurs,
  partitionOf,
  type StreamOptions,
  type StreamStage,
  stageOf,
  streamName,
  wantedStreams,
} from './stream.ts'
import { makeStream, refill, type StreamMessage, shutStream } from './stream-refill.ts'

export type ArchivedStream = 'log' | 'dead'

/** Sequences of a stream, and how many messages lie from one to the other. */
export type StreamExtent = {
  readonly first: number
  readonly last: number
  readonly messages: number
  readonly bytes: number
}

const CHUNK_BYTES = 128 * 1024
const REQUEST_MS = 10_000
/** The answer to the last piece of a snapshot comes when the server has read all of it. */
const RESTORED_MS = 600_000
/** A snapshot of which nothing more comes for so long has broken off. */
const SILENT_MS = 30_000
const HEARTBEAT_MS = 1_000
/** What the end of a whole snapshot says. */
const DONE = 204
/** What a request for a stream says where its settings leave something open. */
const boundless = { max_msgs: -1, max_consumers: -1, max_msgs_per_subject: -1 }

type ApiReply = {
  readonly error?: { readonly description: string }
  readonly state?: StreamInfo['state']
  readonly deliver_subject?: string
}

export type StreamArchiveOptions = {
  readonly url: string
  readonly cluster: string
  readonly clock: Clock
}

export class StreamArchive {
  readonly #options: StreamArchiveOptions
  readonly #names: Readonly<Record<ArchivedStream, string>>
  readonly #connection: NatsConnection
  readonly #js: JetStreamClient
  readonly #jsm: JetStreamManager

  private constructor(
    options: StreamArchiveOptions,
    connection: NatsConnection,
    jsm: JetStreamManager,
  ) {
    this.#options = options
    this.#names = { log: streamName(options.cluster), dead: deadName(options.cluster) }
    this.#connection = connection
    this.#js = jetstream(connection)
    this.#jsm = jsm
  }

  /** INGEST_UNREACHABLE. */
  static async open(options: StreamArchiveOptions): Promise<StreamArchive> {
    const connection = await connectTo(options.url)
    try {
      const jsm = await jetstreamManager(connection, { checkAPI: false })
      return new StreamArchive(options, connection, jsm)
    } catch (error) {
      await connection.close()
      throw unreachable(options.url, error)
    }
  }

  get name(): string {
    return this.#names.log
  }

  /** Whether the cluster has a stream, of whatever kind. */
  async isThere(): Promise<boolean> {
    return (await this.#settings()) !== undefined
  }

  async stage(): Promise<StreamStage> {
    return stageOf(await this.#settings())
  }

  /** INGEST_MISSING; INGEST_OTHER where the stream is not ours, or not whole yet. */
  async partitions(): Promise<number> {
    return (await this.found()).partitions
  }

  /** What the stream was made with; the same errors. */
  async found(): Promise<StreamOptions> {
    const settings = await this.#settings()
    if (settings) mustBeOurs(settings)
    const { url, cluster } = this.#options
    return foundStream(this.#jsm, cluster, url)
  }

  async extent(of: ArchivedStream): Promise<StreamExtent> {
    const { state } = await this.#heard(() => this.#jsm.streams.info(this.#names[of]))
    return extentOf(state)
  }

  /** When the server got the message at a sequence; undefined where it has none. */
  async timeOf(sequence: number): Promise<EpochMs | undefined> {
    const message = await this.#heard(() => {
      return this.#jsm.streams.getMessage(this.#names.log, { seq: sequence })
    })
    return message ? Math.floor(message.time.getTime()) : undefined
  }

  /** Those who read; whoever delivered a partition and was killed is one for ten minutes more. */
  readers(): Promise<number> {
    return this.#heard(async () => {
      let count = 0
      for await (const consumer of this.#jsm.consumers.list(this.#names.log)) {
        // That of a ranker lives on without one; nothing waits for its messages then.
        if (isReaders(consumer) || consumer.num_waiting > 0) count++
      }
      return count
    })
  }

  /** Has `write` take a snapshot; up to where it reaches at least. INGEST_UNREACHABLE. */
  async save(
    of: ArchivedStream,
    write: (chunk: Uint8Array) => Promise<void>,
  ): Promise<StreamExtent> {
    const deliver = createInbox()
    const chunks = this.#connection.subscribe(deliver)
    const stop = new AbortController()
    let heard = 0
    void this.#silence(() => heard, stop.signal).then(() => chunks.unsubscribe())
    try {
      const wanted = { deliver_subject: deliver, no_consumers: true, chunk_size: CHUNK_BYTES }
      const { state } = await this.#ask(`STREAM.SNAPSHOT.${this.#names[of]}`, wanted)
      let end: number | undefined
      for await (const message of chunks) {
        heard++
        if (message.data.length === 0) {
          end = message.headers?.code ?? DONE
          break
        }
        await write(message.data)
        message.respond()
      }
      if (end !== DONE) throw this.#unreachable(new Error(`a snapshot broke off (${end ?? 0})`))
      return extentOf(state!)
    } finally {
      stop.abort('over')
      chunks.unsubscribe()
    }
  }

  /**
   * What lies from the sequence `from`, or the oldest that is there, up to `last`, by partition;
   * `first` is where that begins, `last + 1` for nothing. INGEST_UNREACHABLE.
   */
  async facts(
    from: number,
    last: number,
    count?: number,
  ): Promise<{ readonly first: number; readonly partitions: readonly PartitionFacts[] }> {
    const { config, state } = await this.#heard(() => this.#jsm.streams.info(this.#names.log))
    let partitions = noFacts(count ?? config.subjects.length)
    let first = last + 1
    if (Math.max(from, state.first_seq) > last) return { first, partitions }
    const consumer = await this.#heard(() => {
      const beginning = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from }
      return this.#js.consumers.get(this.#names.log, beginning)
    })
    const messages = await consumer.consume({ idle_heartbeat: HEARTBEAT_MS })
    void endWhenSilent(messages)
    let sequence = 0
    try {
      for await (const { seq, subject, data } of messages) {
        if (seq > last) break
        sequence = seq
        first = Math.min(first, seq)
        partitions = withMessage(partitions, { partition: partitionOf(subject), sequence, data })
        if (seq === last) break
      }
      if (sequence < last) throw this.#unreachable(new Error('it fell silent'))
    } finally {
      await messages.close()
      // Who looks for readers shall not find this one.
      await consumer.delete().catch(() => {})
    }
    return { first, partitions }
  }

  /**
   * Makes a stream of a snapshot, with the settings of what is being filled. LOG_WRITE_FAILED,
   * INGEST_UNREACHABLE.
   */
  async fill(
    of: ArchivedStream,
    { chunks, ...options }: StreamOptions & { readonly chunks: AsyncIterable<Uint8Array> },
  ): Promise<StreamExtent> {
    const [log, dead] = wantedStreams(options)
    const config = { ...boundless, ...fillingSettings(of === 'log' ? log : dead) }
    const { deliver_subject } = await this.#ask(`STREAM.RESTORE.${config.name}`, { config })
    for await (const chunk of chunks) {
      const { data } = await this.#request(deliver_subject!, chunk, REQUEST_MS)
      if (data.length > 0) throw refused(new Error(Buffer.from(data).toString()))
    }
    const end = await this.#request(deliver_subject!, new Uint8Array(0), RESTORED_MS)
    const { state, error } = end.json() as ApiReply
    if (!state) throw refused(new Error(error?.description ?? 'nothing is said'))
    return extentOf(state)
  }

  /** Gives the streams the settings of those who read and append; what is too old leaves then. */
  async release(options: StreamOptions): Promise<void> {
    for (const wanted of wantedStreams(options)) {
      await this.#heard(async () => {
        const { config } = await this.#jsm.streams.info(wanted.name)
        // What is left out stays as it is: how it was filled has to be taken away.
        const none = { subject_transform: undefined as never }
        await this.#jsm.streams.update(wanted.name, { ...config, ...wanted, ...none })
      })
    }
  }

  /** Nobody opens the log, or appends to it, any more, until it is released. */
  shut(): Promise<void> {
    return this.#heard(() => shutStream(this.#ports, this.#options.cluster))
  }

  /** In the place of what is there an empty log for `refill`, from the sequence `first` on. */
  replace(options: StreamOptions, first: number): Promise<void> {
    return this.#heard(async () => {
      if (await this.isThere()) await this.#jsm.streams.delete(this.name)
      await makeStream(this.#ports, options, first)
    })
  }

  /** Appends what follows the message `last` of a log that is being filled. */
  refill(
    last: number,
    messages: AsyncIterable<StreamMessage>,
    onStored: (sequence: number) => void,
  ): Promise<void> {
    const { cluster } = this.#options
    return this.#heard(() => refill(this.#ports, { cluster, last }, messages, onStored))
  }

  /** Takes both streams away, with all that is in them. */
  async remove(): Promise<void> {
    for (const name of Object.values(this.#names)) {
      await this.#heard(async () => {
        if (await findSettings(this.#jsm, name)) await this.#jsm.streams.delete(name)
      })
    }
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  get #ports() {
    return { js: this.#js, jsm: this.#jsm }
  }

  #settings() {
    return this.#heard(() => findSettings(this.#jsm, this.#names.log))
  }

  async #ask(subject: string, what: object): Promise<ApiReply> {
    const said = await this.#request(`$JS.API.${subject}`, JSON.stringify(what), REQUEST_MS)
    const reply = said.json() as ApiReply
    if (reply.error) throw refused(new Error(reply.error.description))
    return reply
  }

  #request(subject: string, data: string | Uint8Array, timeout: number) {
    return this.#heard(() => this.#connection.request(subject, data, { timeout }))
  }

  /** LOG_WRITE_FAILED for what the server refuses, INGEST_UNREACHABLE for what it does not hear. */
  async #heard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof JetStreamApiError) throw refused(error)
      throw this.#unreachable(error)
    }
  }

  #unreachable(error: unknown) {
    return unreachable(this.#options.url, error)
  }

  /** Resolves when nothing more is heard for long. */
  async #silence(heard: () => number, signal: AbortSignal): Promise<void> {
    let before = -1
    while (!signal.aborted && heard() !== before) {
      before = heard()
      await this.#options.clock.sleep(SILENT_MS, signal).catch(() => {})
    }
  }
}

function extentOf({ first_seq, last_seq, messages, bytes }: StreamInfo['state']): StreamExtent {
  return { first: first_seq, last: last_seq, messages, bytes }
}
