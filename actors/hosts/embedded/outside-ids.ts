/** Ids as the outside gives them: their hash, and their dense number where one is known. */
import { hashBytes, limits, type Names, pinwheelError } from '../../../base/index.ts'

const scratch = new Uint8Array(limits.idBytesMax * 4)

/** The hash of an id's UTF-8, as interners and every host compute it. */
export function hashOf(id: string): number {
  for (let i = 0; i < id.length; i++) {
    const c = id.charCodeAt(i)
    if (c >= 128) {
      const bytes = Buffer.from(id)
      return hashBytes(bytes, 0, bytes.length)
    }
    scratch[i] = c
  }
  return hashBytes(scratch, 0, id.length)
}

/** PIN_UNKNOWN or USER_UNKNOWN for an id that the log never named. */
export function knownIndex(names: Names, space: 'user' | 'pin', id: string): number {
  const index = names[space].find(id)
  if (index >= 0) return index
  throw pinwheelError(space === 'user' ? 'USER_UNKNOWN' : 'PIN_UNKNOWN', { id })
}
