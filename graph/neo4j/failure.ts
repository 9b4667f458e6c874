/** What the driver throws, as an operating error; anything else passes as it is. */
import { errorCode, pinwheelError } from '../../base/index.ts'

/**
 * The driver's own codes for a server that is not there or went away; N/A, when no connection was
 * had in time.
 */
const gone = new Set(['ServiceUnavailable', 'SessionExpired', 'N/A', 'ProtocolError'])

export function neo4jFailure(
  error: unknown,
  { address, user }: { readonly address: string; readonly user: string },
): unknown {
  if (errorCode(error)) return error
  const { code, message = '' } = error as { code?: unknown; message?: string }
  if (typeof code !== 'string') return error
  if (gone.has(code)) {
    const reason = message.split('\n')[0]!.replace(/\.$/, '')
    return pinwheelError('NEO4J_UNREACHABLE', { address, reason }, error)
  }
  if (code.startsWith('Neo.ClientError.Security.')) {
    const reason = code.slice('Neo.ClientError.Security.'.length)
    return pinwheelError('NEO4J_REFUSED', { address, user, reason }, error)
  }
  if (code.startsWith('Neo.')) {
    return pinwheelError('NEO4J_FAILED', { address, reason: `${message} (${code})` }, error)
  }
  return error
}
