/**
 * Refuses requests of the API while too much is under way, before they are routed and before their
 * bodies are read: at ten times the load, refusals that cost a tenth of an answer each would take
 * all there is. Probes, metrics and pages pass.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { errorTable, type WireError } from '../../base/index.ts'
import type { Admission } from './admission.ts'
import { bounds } from './bounds.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Puts itself before the handler that `server` has. */
export function refuseEarly(server: Server, admission: Admission): void {
  const handlers = server.listeners('request') as Handler[]
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const isAdmitted = request.url?.startsWith('/v1/') === true
    const error = isAdmitted ? admission.enter(request, response) : undefined
    if (error) refuse(response, error)
    else for (const handle of handlers) handle.call(server, request, response)
  })
}

function refuse(response: ServerResponse, error: WireError): void {
  const body = JSON.stringify({ error })
  response.sendDate = false
  response.writeHead(errorTable[error.code].status, [
    'content-type',
    'application/json; charset=utf-8',
    'content-length',
    String(Buffer.byteLength(body)),
    'retry-after',
    String(bounds.retryAfterSeconds),
    'x-content-type-options',
    'nosniff',
  ])
  // Text goes out with the head in one write. Node reads what comes of the request's body and drops
  // it; the connection stays.
  response.end(body)
}
