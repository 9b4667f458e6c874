import { errorCode, pinwheelError } from '../../base/index.ts'

/** What was thrown, in words: it may be no Error, and what it is made of may not be trusted. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  if (thrown === undefined || thrown === null) return 'nothing was said'
  if (typeof thrown === 'object' || typeof thrown === 'function') return `it was ${typeof thrown}`
  return String(thrown)
}

/** What a caller hears of a throw in a turn: TURN_FAILED, unless it has a code of its own. */
export function turnFailed(
  error: unknown,
  turn: { readonly type: string; readonly method: string },
): unknown {
  if (errorCode(error) !== undefined) return error
  return pinwheelError('TURN_FAILED', { ...turn, reason: reasonOf(error) }, error)
}
