/** Messages that could not be read, whole, with their reason and their place in the stream. */
import { DeliverPolicy, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { deadName, deadSubject } from './stream.ts'

export type DeadMessage = {
  readonly partition: number
  readonly sequence: number
  readonly reason: string
}

type Ports = {
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
  readonly cluster: string
}

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
): Promise<DeadMessage[]> {
  const { state } = await jsm.streams.info(deadName(cluster))
  const found: DeadMessage[] = []
  if (state.messages === 0) return found
  const consumer = await js.consumers.get(deadName(cluster), {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(state.first_seq, state.last_seq - limit + 1),
  })
  const messages = await consumer.consume()
  for await (const { seq, subject, headers: told } of messages) {
    const partition = Number(subject.slice(subject.lastIndexOf('.') + 1))
    const reason = told?.get(REASON) ?? ''
    found.push({ partition, sequence: Number(told?.get(SEQUENCE)), reason })
    if (seq >= state.last_seq) break
  }
  await messages.close()
  return found
}
