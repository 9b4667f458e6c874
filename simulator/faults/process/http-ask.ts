/** One request, and how it ended: what a client knows of a server that dies under it. */
import { type Agent, request } from 'node:http'

export type Answer =
  | { readonly status: number; readonly body: unknown }
  /** The connection broke, or no answer came: whether it was heard is not known. */
  | 'broken'
  | 'silent'

export type Ask = {
  readonly agent: Agent
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly body?: object
  /** After so long without an answer the client gives up; never by default. */
  readonly patienceMs?: number
}

export function ask({ agent, method, url, body, patienceMs }: Ask): Promise<Answer> {
  return new Promise((resolve) => {
    const broken = () => resolve('broken')
    const headers = body ? { 'content-type': 'application/json' } : {}
    const timeout = patienceMs === undefined ? {} : { timeout: patienceMs }
    const sent = request(url, { method, agent, headers, ...timeout }, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (chunk: string) => {
        text += chunk
      })
      reply.on('error', broken)
      reply.on('aborted', broken)
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: parsed(text) }))
    })
    sent.on('timeout', () => {
      resolve('silent')
      sent.destroy()
    })
    sent.on('error', broken)
    sent.end(body && JSON.stringify(body))
  })
}

/** Text where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
