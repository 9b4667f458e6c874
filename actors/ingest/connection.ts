/** The connection to NATS: kept for as long as the process lives, made again when it breaks. */
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node'
import { pinwheelError } from '../../base/index.ts'

/** Of the first connection; one that breaks later is tried again for ever. */
const CONNECT_MS = 3_000
const RECONNECT_MS = 100

/** `url` as of `JetStreamLogOptions`. CONFIG_INVALID, INGEST_UNREACHABLE. */
export async function connectTo(url: string): Promise<NatsConnection> {
  const options = { ...readUrl(url), ...lasting }
  try {
    return await connect(options)
  } catch (error) {
    throw unreachable(url, error)
  }
}

const lasting: ConnectionOptions = {
  name: 'pinwheel',
  timeout: CONNECT_MS,
  maxReconnectAttempts: -1,
  reconnectTimeWait: RECONNECT_MS,
  reconnectJitter: RECONNECT_MS,
  ignoreClusterUpdates: false,
}

function readUrl(url: string): ConnectionOptions {
  const parts = url.split(',').map((part) => (URL.canParse(part) ? new URL(part) : undefined))
  const [first] = parts
  if (!first || parts.some((part) => part?.protocol !== 'nats:' || part.hostname === '')) {
    const problems = `the address of NATS is "${masked(url)}"; expected nats://host:port.`
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  const { username, password } = first
  const user = decodeURIComponent(username)
  return {
    servers: parts.map((part) => part!.host),
    ...(username !== '' && password === '' && { token: user }),
    ...(password !== '' && { user, pass: decodeURIComponent(password) }),
  }
}

/** Without what nobody shall read in a log. */
export const masked = (url: string) => url.replace(/\/\/[^@/]*@/g, '//***@')

export function unreachable(url: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error)
  return pinwheelError('INGEST_UNREACHABLE', { address: masked(url), reason }, error)
}

/** What the server will not do. */
export const refused = (error: unknown) =>
  pinwheelError('LOG_WRITE_FAILED', { reason: (error as Error).message }, error)
