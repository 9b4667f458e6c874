/**
 * Messages that could not be read, whole, with their reason and their place in the stream. One that
 * this program can read, as one of a newer format after an upgrade, can be sent again: it gets a
 * new place, and its entries have the effect that they did not have.
 */
import { DeliverPolicy, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import type { EpochMs } from '../../base/index.ts'
import type { Frame, Receipt } from '../log/event-log.ts'
import { checkMessage } from './frame-check.ts'
import { positionOf } from './position.ts'
import { deadName, deadSubject, partitionOf } from './stream.ts'

export type DeadMessage = {
  readonly partition: number
  readonly sequence: number
  readonly reason: string
}

/** One as it lies with the dead. */
export type BuriedMessage = DeadMessage & {
  /** Of its first entry, if it has any. */
  readonly position: number
  /** When it was buried. */
  readonly at: EpochMs
  readonly message: Uint8Array
  /** Its place among the dead. */
  readonly grave: number
}

/** What became of one that was to be sent again. */
export type Resent = Pick<DeadMessage, 'partition' | 'sequence'> &
  ({ readonly entries: number; readonly position: number } | { readonly reason: string })

type Ports = {
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
  readonly cluster: string
}

const NANOS_PER_MS = 1e6
const REASON = 'pinwheel-reason'
const SEQUENCE = 'pinwheel-sequence'

/** Keeps a message once, though it is buried again after a fault. */
export async function bury(
  { js, cluster }: Ports,
  { partition, sequence, reason }: DeadMessage,
  message: Uint8Array,
): Promise<void> {
  const told = headers()
  told.set(REASON, reason)
  told.set(SEQUENCE, String(sequence))
  const msgID = `${cluster}-${sequence}`
  await js.publish(deadSubject(cluster, partition), message, { headers: told, msgID })
}

/** The newest so many, oldest first. */
export async function deadMessages(
  { js, jsm, cluster }: Ports,
  limit: number,
): Promise<BuriedMessage[]> {
  const { state } = await jsm.streams.info(deadName(cluster))
  const found: BuriedMessage[] = []
  if (state.messages === 0) return found
  const consumer = await js.consumers.get(deadName(cluster), {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(state.first_seq, state.last_seq - limit + 1),
  })
  // The newest may have been sent again and be gone.
  if ((await consumer.info()).num_pending === 0) return found
  const messages = await consumer.consume()
  for await (const { seq: grave, subject, headers: told, data: message, info } of messages) {
    const partition = partitionOf(subject)
    const reason = told?.get(REASON) ?? ''
    const sequence = Number(told?.get(SEQUENCE))
    const at = Math.floor(info.timestampNanos / NANOS_PER_MS)
    const position = positionOf(sequence, 0)
    found.push({ partition, sequence, position, reason, at, message, grave })
    if (info.pending === 0) break
  }
  await messages.close()
  return found
}

/**
 * Appends the entries of those that can be read now, and takes them from the dead. One whose
 * append was not answered is sent again by who does this again: entries that are in the log twice
 * have their effect once.
 */
export async function raise(
  ports: Ports,
  letters: readonly BuriedMessage[],
  append: (frame: Frame) => Promise<Receipt>,
): Promise<Resent[]> {
  const resent: Resent[] = []
  for (const { partition, sequence, message, grave } of letters) {
    const { frame, problem } = checkMessage(message, partition, sequence)
    if (!frame) resent.push({ partition, sequence, reason: problem })
    else {
      const { first } = await append(frame)
      await ports.jsm.streams.deleteMessage(deadName(ports.cluster), grave)
      resent.push({ partition, sequence, entries: frame.count, position: first })
    }
  }
  return resent
}
