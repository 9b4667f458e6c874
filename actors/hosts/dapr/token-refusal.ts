/**
 * Whether a call comes from our own sidecar: with APP_API_TOKEN in its environment daprd sends it
 * along, and whoever else reaches our port has not got it.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type WireError, wireError } from '../../../base/index.ts'

/** What a call is refused with, or undefined where it carries the token. */
export function tokenRefusal(
  token: string,
): (given: string | readonly string[] | undefined) => WireError | undefined {
  // Digests have one length, so that the comparison takes one time whatever was sent.
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(token)
  return (given) => {
    const isRight = typeof given === 'string' && timingSafeEqual(digest(given), expected)
    return isRight ? undefined : wireError('TOKEN_REFUSED')
  }
}
