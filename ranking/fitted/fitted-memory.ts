/**
 * A fitted model as threads share it: its arrays, whose rows are whose, and which of this host's
 * pins are its items. Plain data, so that it can be sent to them.
 *
 * Bytes: those of the file, and 8 a pin, 4 a user.
 */
import {
  type Allocator,
  type Interner,
  NONE,
  pinwheelError,
  sharedAllocator,
  u32Array,
} from '../../base/index.ts'
import type { FittedPart, FittedUsers } from './fitted.ts'
import { decodeFitted } from './fitted-file.ts'

export type FittedMemory = {
  readonly version: string
  readonly model: string
  readonly items: number
  readonly parts: readonly FittedPart[]
  readonly users: FittedUsers
  /** Users in the order of their hashes. */
  readonly byHash: Uint32Array
  /** PinIndex by item, NONE where this host has not heard of the pin. */
  readonly pinOf: Uint32Array
  /** Item by PinIndex, NONE where the model has no such pin; pins beyond have none, too. */
  readonly itemOf: Uint32Array
}

export type FittedSource = { readonly bytes: Uint8Array; readonly version: string }

/** MODEL_UNFIT where the bytes are, or where it knows none of this host's pins. */
export function fittedMemory(
  { bytes, version }: FittedSource,
  pins: Pick<Interner, 'find'>,
  allocate: Allocator = sharedAllocator,
): FittedMemory {
  const name = `${version}.fit`
  const { model, pins: ids, users, parts } = decodeFitted(bytes, name, allocate)
  const pinOf = u32Array(allocate, ids.length)
  let known = 0
  let greatest = -1
  ids.forEach((id, item) => {
    const pin = pins.find(id)
    pinOf[item] = pin < 0 ? NONE : pin
    if (pin < 0) return
    known++
    greatest = Math.max(greatest, pin)
  })
  if (known === 0) {
    const reason = `none of its ${ids.length} pins is known here; it was fitted on other data`
    throw pinwheelError('MODEL_UNFIT', { name, reason })
  }
  const itemOf = u32Array(allocate, greatest + 1).fill(NONE)
  pinOf.forEach((pin, item) => {
    if (pin !== NONE) itemOf[pin] = item
  })
  const byHash = u32Array(allocate, users.hashes.length)
  for (let row = 0; row < byHash.length; row++) byHash[row] = row
  byHash.sort((a, b) => users.hashes[a]! - users.hashes[b]! || a - b)
  return { version, model, items: ids.length, parts, users, byHash, pinOf, itemOf }
}

/** The row of who has this hash and was fitted on saves of this print, or -1. */
export function rowOfUser(
  { users, byHash }: Pick<FittedMemory, 'users' | 'byHash'>,
  hash: number,
  [low, high]: readonly [number, number],
): number {
  const { hashes, prints } = users
  let [from, to] = [0, byHash.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (hashes[byHash[middle]!]! < hash) from = middle + 1
    else to = middle
  }
  for (let at = from; at < byHash.length && hashes[byHash[at]!] === hash; at++) {
    const row = byHash[at]!
    if (prints[2 * row] === low && prints[2 * row + 1] === high) return row
  }
  return -1
}
