/**
 * A relay before a Bolt server that loses a commit on purpose: the message itself, or only the
 * answer to it.
 */
import { Relay } from './relay.ts'

/** COMMIT, without fields, in one chunk. */
const COMMIT = Buffer.from('0002b0120000', 'hex')

export type BoltProxy = {
  readonly url: string
  /** How many commits were lost so far. */
  readonly lost: () => number
  close(): void
}

/** Loses every commit whose number, counted from 1, `loses` names. */
export async function startBoltProxy(
  port: number,
  loses: (commit: number) => 'message' | 'answer' | undefined,
): Promise<BoltProxy> {
  let commits = 0
  let lost = 0
  const watch = () => {
    let isDeaf = false
    const fromClient = (bytes: Buffer) => {
      const fault = bytes.includes(COMMIT) ? loses(++commits) : undefined
      if (fault !== undefined) lost++
      if (fault === 'answer') isDeaf = true
      return fault !== 'message'
    }
    // The server's answer says that it has committed; the client never hears it.
    return { fromClient, fromServer: () => !isDeaf }
  }
  const relay = await Relay.start({ to: port, watch })
  const url = `bolt://127.0.0.1:${relay.port}`
  return { url, lost: () => lost, close: () => relay.close() }
}
