/** Lists of some users as one run of bytes, checked as a whole when it is read. */
import { createHash } from 'node:crypto'
import { assert, type EpochMs, NONE } from '../../base/index.ts'
import { decodeLists, encodeLists } from '../training/engine/index.ts'

const MAGIC = 'PWLISTS1'

/** Best first; `items` are those of the model of this version. */
export type UserList = {
  readonly version: string
  readonly at: EpochMs
  readonly items: Uint32Array
  readonly scores: Float32Array
}

/** What one file has, by the key of the user. */
export type ListChunk = ReadonlyMap<string, UserList>

type Head = {
  readonly top: number
  readonly users: readonly (readonly [key: string, version: string, at: EpochMs])[]
}

/** Sixteen hexadecimal digits that stand for a user where the id shall not. */
export function userKey(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 16)
}

/** Lists are cut to `top`. */
export function encodeChunk(lists: ListChunk, top: number): Uint8Array {
  const items = new Uint32Array(lists.size * top).fill(NONE)
  const scores = new Float32Array(lists.size * top)
  const users: Head['users'][number][] = []
  for (const [key, list] of lists) {
    assert(list.items.length === list.scores.length, 'every item has its score')
    items.set(list.items.subarray(0, top), users.length * top)
    scores.set(list.scores.subarray(0, top), users.length * top)
    users.push([key, list.version, list.at])
  }
  const head: Head = { top, users }
  return Buffer.concat([
    ...encodeLists(MAGIC, { head, lists: [new Float32Array(items.buffer), scores] }),
  ])
}

/** Throws where a byte is not as it was written. */
export function decodeChunk(bytes: Uint8Array): ListChunk {
  const { head, lists } = decodeLists<Head>(MAGIC, bytes)
  const { users, top } = head
  const [words, scores] = lists
  if (words?.length !== users.length * top || scores?.length !== words.length) {
    throw new RangeError('its lists are not as long as it says')
  }
  const items = new Uint32Array(words.buffer)
  return new Map(
    users.map(([key, version, at], row) => {
      const all = items.subarray(row * top, (row + 1) * top)
      const end = all.indexOf(NONE)
      const count = end < 0 ? top : end
      const own = {
        items: all.subarray(0, count),
        scores: scores.subarray(row * top, row * top + count),
      }
      return [key, { version, at, ...own }]
    }),
  )
}
