/**
 * A position as clients hold it: for each partition that a request touched, the last entry's place.
 * Written as `partition-place` joined by dots; opaque to clients.
 */
import { pinwheelError } from '../../../base/index.ts'

/** Last position by partition. */
export type Position = Map<number, number>

export function formatPosition(position: Position): string {
  return [...position].map(([partition, last]) => `${partition}-${last}`).join('.') || '-'
}

/** POSITION_BAD for text that this server cannot have given. */
export function parsePosition(text: string, partitions: number): Position {
  const position: Position = new Map()
  if (text === '-') return position
  const bad = pinwheelError('POSITION_BAD', { value: text })
  if (text.length > 2_000) throw bad
  for (const part of text.split('.')) {
    const found = /^(\d{1,5})-(\d{1,15})$/.exec(part)
    if (!found || Number(found[1]) >= partitions) throw bad
    position.set(Number(found[1]), Number(found[2]))
  }
  return position
}
