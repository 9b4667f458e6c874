/**
 * Whether something that speaks Bolt listens at an address, told within a bound. The driver alone
 * waits 31 s at a port that says nothing, and cannot tell it from a busy server that is slow to log
 * a user in.
 */
import { connect } from 'node:net'

const DEFAULT_PORT = 7687
/** Magic, then the versions offered: 5.8 down to 5.0, 5.4 down to 5.0, 4.4. */
const OFFER = Buffer.from('6060b01700080805000404050000040400000000', 'hex')

/** Why nothing speaks Bolt there, or undefined when something does. */
export function boltProblem(address: URL, waitMs: number): Promise<string | undefined> {
  const host = address.hostname.replace(/^\[|\]$/g, '')
  const port = address.port === '' ? DEFAULT_PORT : Number(address.port)
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: waitMs })
    const end = (problem?: string) => {
      socket.destroy()
      resolve(problem)
    }
    socket.on('connect', () => socket.write(OFFER))
    socket.on('data', (reply) => {
      // The version picked: two zero bytes, minor, major.
      const speaks = reply.length === 4 && reply.readUInt16BE(0) === 0 && reply[3]! > 0
      end(speaks ? undefined : 'what listens there does not speak Bolt')
    })
    socket.on('timeout', () => end(`silent for ${waitMs} ms`))
    socket.on('error', (error: { code?: string }) => end(error.code ?? 'no connection'))
    socket.on('close', () => end('it closed the connection'))
  })
}
