/** What lies in the partitions of a stream, so that two streams can be compared. */
import { crc32 } from 'node:zlib'
import { checkMessage } from './frame-check.ts'
import { positionOf } from './position.ts'

export type PartitionFacts = {
  /** Of the last entry; -1 for none. */
  readonly position: number
  readonly messages: number
  /** Of messages that can be read. */
  readonly entries: number
  /** CRC-32 of all messages, end to end. */
  readonly fingerprint: number
}

const nothing: PartitionFacts = { position: -1, messages: 0, entries: 0, fingerprint: 0 }

/** The same with one more message. */
export function withMessage(
  facts: readonly PartitionFacts[],
  { partition, sequence, data }: { partition: number; sequence: number; data: Uint8Array },
): PartitionFacts[] {
  const { position, messages, entries, fingerprint } = facts[partition] ?? nothing
  const { frame } = checkMessage(data, partition, sequence)
  const count = frame?.count ?? 0
  return facts.with(partition, {
    position: count > 0 ? positionOf(sequence, count - 1) : position,
    messages: messages + 1,
    entries: entries + count,
    fingerprint: crc32(data, fingerprint),
  })
}

export const noFacts = (partitions: number): PartitionFacts[] =>
  new Array<PartitionFacts>(partitions).fill(nothing)
