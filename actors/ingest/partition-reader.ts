/**
 * Reads a partition: one frame at a time, the next when the one before is done with. Its consumer
 * has a name of its own; it begins by ending those of readers before it, so that of two that
 * believe in themselves the older hears of it at its next frame. That is no fence: what the older
 * one still does is refused by the states that it writes.
 */
import { randomUUID } from 'node:crypto'
import {
  AckPolicy,
  type Consumer,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream'
import { type Clock, errorCode, pinwheelError } from '../../base/index.ts'
import type { Frame } from '../log/event-log.ts'
import { unreachable } from './connection.ts'
import { bury } from './dead-letters.ts'
import { checkMessage } from './frame-check.ts'
import { positionOf } from './position.ts'
import { streamName, subjectOf } from './stream.ts'

export type ReaderPorts = {
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
  readonly cluster: string
  readonly url: string
  readonly clock: Clock
  readonly isClosed: () => boolean
}

const NANOS_PER_MS = 1e6
/** A message that is not done with is given again after so long; it is passed over then. */
const ACK_MS = 2_000
/** A consumer whose reader is gone is ended by the server. */
const IDLE_MS = 10 * 60_000
/** How long one request waits for the next message. */
const WAIT_MS = 5_000
/** Between two tries while the server is away. */
const RETRY_MS = 100

/** Names of consumers of a partition begin so. */
const consumerPrefix = (partition: number) => `p${partition}-`
/** Whether a consumer is that of a reader here, which ends it when it ends. */
export const isReaders = ({ name }: ConsumerInfo) => /^p\d+-/.test(name)

/** Sequences: the first that is wanted, and the first that must be there. */
export type Beginning = { readonly from: number; readonly needed: number }

/**
 * LOG_DROPPED, LOG_SHORT, INGEST_REPLACED, and INGEST_UNREACHABLE once the connection is closed; a
 * server that is away is waited for.
 */
export async function* readPartition(
  ports: ReaderPorts,
  partition: number,
  { from, needed }: Beginning,
  signal: AbortSignal,
): AsyncGenerator<Frame, void> {
  const patient = <T>(work: () => Promise<T>) => waitFor(ports, signal, work)
  const opened = await patient(() => begin(ports, partition, { from, needed }))
  if (!opened) return
  let consumer = opened
  let last = from - 1
  const anew = async (former: Consumer) =>
    (await patient(() => replace(ports, partition, last + 1))) ?? former
  // It ends what waits for the next message.
  const stop = () => void consumer.delete().catch(() => {})
  signal.addEventListener('abort', stop)
  try {
    while (!signal.aborted) {
      let message: JsMsg | null
      try {
        message = await consumer.next({ expires: WAIT_MS })
      } catch (error) {
        if (signal.aborted) return
        if (ports.isClosed()) throw unreachable(ports.url, error)
        if (!isGone(error)) await ports.clock.sleep(RETRY_MS)
        // Of one that was ended between two requests it is only said that nobody answers.
        if (isGone(error) || (await readTo(ports, partition, { consumer, last })) === 'gone') {
          consumer = await anew(consumer)
        }
        continue
      }
      if (!message) {
        const end = await readTo(ports, partition, { consumer, last })
        if (end === 'gone') consumer = await anew(consumer)
        else if (end > last) {
          yield nothingUpTo(partition, end)
          last = end
        }
        continue
      }
      // One that took long is given again.
      if (message.seq > last) {
        const { frame, problem } = checkMessage(message.data, partition, message.seq)
        if (frame) yield frame
        else {
          const dead = { partition, sequence: message.seq, reason: problem }
          await patient(() => bury(ports, dead, message.data))
        }
        if (signal.aborted) return
        last = message.seq
      }
      message.ack()
    }
  } finally {
    signal.removeEventListener('abort', stop)
    await consumer.delete().catch(() => {})
  }
}

/** Tries again while the server is away; undefined when it was aborted. INGEST_UNREACHABLE. */
async function waitFor<T>(
  { clock, url, isClosed }: ReaderPorts,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await work()
    } catch (error) {
      if (errorCode(error) !== undefined) throw error
      if (isClosed()) throw unreachable(url, error)
      await clock.sleep(RETRY_MS)
    }
  }
  return undefined
}

/**
 * A consumer that begins there; those of readers before it are ended. LOG_DROPPED; LOG_SHORT where
 * the stream is not the one that was read: what it gets from now on would be taken for known.
 */
async function begin(
  ports: ReaderPorts,
  partition: number,
  { from, needed }: Beginning,
): Promise<Consumer> {
  const { js, jsm, cluster } = ports
  const stream = streamName(cluster)
  const { state } = await jsm.streams.info(stream)
  if (Math.max(needed, 1) < state.first_seq) {
    const details = { directory: `the stream ${stream}`, partition, first: state.first_seq }
    throw pinwheelError('LOG_DROPPED', { ...details, reason: `${needed} is wanted` })
  }
  if (needed - 1 > state.last_seq) {
    const details = { stream, last: state.last_seq, partition, known: needed - 1 }
    throw pinwheelError('LOG_SHORT', details)
  }
  const own = await jsm.consumers.add(stream, {
    durable_name: `${consumerPrefix(partition)}${randomUUID()}`,
    filter_subject: subjectOf(cluster, partition),
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 1,
    ack_wait: ACK_MS * NANOS_PER_MS,
    inactive_threshold: IDLE_MS * NANOS_PER_MS,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, from),
  })
  try {
    for (const other of await consumersOf(ports, partition)) {
      if (isOlder(other, own)) await jsm.consumers.delete(stream, other.name).catch(() => {})
    }
    return await js.consumers.get(stream, own.name)
  } catch (error) {
    // Whoever tries again makes another, and whoever does not leaves none.
    await jsm.consumers.delete(stream, own.name).catch(() => {})
    throw error
  }
}

async function consumersOf({ jsm, cluster }: ReaderPorts, partition: number) {
  const found: ConsumerInfo[] = []
  for await (const consumer of jsm.consumers.list(streamName(cluster))) {
    if (consumer.name.startsWith(consumerPrefix(partition))) found.push(consumer)
  }
  return found
}

/** Of two that were made at once the one whose name comes first. */
function isOlder(a: ConsumerInfo, b: ConsumerInfo): boolean {
  const age = Date.parse(a.created) - Date.parse(b.created)
  return age < 0 || (age === 0 && a.name < b.name)
}

/** For a consumer that is gone: another reader has ended it, or the server has lost it. */
async function replace(ports: ReaderPorts, partition: number, from: number): Promise<Consumer> {
  const others = await consumersOf(ports, partition)
  if (others.length > 0) throw pinwheelError('INGEST_REPLACED', { partition })
  return begin(ports, partition, { from, needed: from })
}

/**
 * Up to where nothing of the partition lies behind `last`, else 0; 'gone' where the consumer is no
 * more. The stream is asked, not the consumer: after a restart a server may take it for read up
 * while it is still finding out what is left.
 */
async function readTo(
  { jsm, cluster }: ReaderPorts,
  partition: number,
  { consumer, last }: { readonly consumer: Consumer; readonly last: number },
): Promise<number | 'gone'> {
  const stream = streamName(cluster)
  try {
    await consumer.info()
    // In this order: what comes between the two is left to read.
    const { state } = await jsm.streams.info(stream)
    const next = { seq: last + 1, next_by_subj: subjectOf(cluster, partition) }
    return (await jsm.streams.getMessage(stream, next)) ? 0 : state.last_seq
  } catch (error) {
    return isGone(error) ? 'gone' : 0
  }
}

/** So that a calm partition's reader does not begin where the stream has been dropped. */
function nothingUpTo(partition: number, sequence: number): Frame {
  const first = positionOf(sequence, 0)
  return { partition, sequence, first, count: 0, payload: new Uint8Array(0) }
}

const isGone = (error: unknown) =>
  (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) ||
  /consumer (not found|deleted)/i.test(String(error))
