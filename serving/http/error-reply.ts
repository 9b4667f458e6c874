/**
 * Everything thrown becomes `{ error: { code, message, details } }` with a code of the error table.
 * Fastify's own complaints are translated; what nobody foresaw is INTERNAL, with a reference that
 * stands in the log beside the cause. A stack never leaves the process.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  type ErrorCode,
  errorCode,
  errorTable,
  type Logger,
  limits,
  type PinwheelError,
  pinwheelError,
  toWire,
  type WireError,
} from '../../base/index.ts'
import { bounds } from './bounds.ts'

/** What one part of a request has against it, as the schema check found it. */
export type Misfit = {
  readonly instancePath: string
  readonly keyword?: string
  readonly message?: string
  readonly params?: Readonly<Record<string, unknown>>
}

type Foreign = {
  readonly code?: string
  readonly statusCode?: number
  readonly message?: string
  readonly validation?: readonly Misfit[]
  readonly validationContext?: string
}

/** What POST bodies may be. */
export const mediaTypes = ['application/json', 'application/x-ndjson'] as const

/** Answers `error`; logs it only when it is ours to look into. */
export function replyError(
  logger: Logger,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const wire = translate(error, request)
  const row = errorTable[wire.code]
  // OVERLOADED is told once a second, by who refuses: a line each would be a load of its own.
  if (row.status >= 500 && wire.code !== 'OVERLOADED') {
    const fields = {
      ref: request.id,
      code: wire.code,
      method: request.method,
      route: route(request),
    }
    logger.error({ ...fields, err: error }, 'a request failed')
  }
  reply.code(row.status).type('application/json; charset=utf-8')
  if (row.retry === 'later') reply.header('retry-after', bounds.retryAfterSeconds)
  if (row.status === 401) reply.header('www-authenticate', 'Bearer')
  reply.send({ error: wire })
}

function translate(error: unknown, request: FastifyRequest): WireError {
  const known = errorCode(error)
  if (known) return toWire(error)
  const foreign = (error ?? {}) as Foreign
  if (foreign.validation) return misfitError(foreign.validation, foreign.validationContext).toWire()
  const make = foreignCodes[foreign.code ?? '']
  if (make) return make(request).toWire()
  const status = foreign.statusCode ?? 500
  if (status >= 400 && status < 500) {
    return pinwheelError('BAD_REQUEST', { reason: foreign.message ?? 'unreadable' }).toWire()
  }
  return toWire(undefined, request.id)
}

/** Fastify's complaints that have a code of their own in the table; the rest are BAD_REQUEST. */
const foreignCodes: Readonly<Record<string, (request: FastifyRequest) => PinwheelError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => pinwheelError('BODY_TOO_LARGE', { limit: limits.bodyBytesMax }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (request) =>
    mediaTypeUnfit(request.headers['content-type'] ?? ''),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => pinwheelError('BAD_REQUEST', { reason: 'the body is empty' }),
  FST_ERR_HANDLER_TIMEOUT: () =>
    pinwheelError('DEADLINE', { what: 'The request', ms: bounds.handlerMsMax }),
}

export function mediaTypeUnfit(value: string): PinwheelError {
  return pinwheelError('MEDIA_TYPE_UNFIT', { value, known: mediaTypes.join(' or ') })
}

/** The first complaint about a request, in words. */
export function misfitError(misfits: readonly Misfit[], part = 'request'): PinwheelError {
  const unknown = misfits.find((m) => m.keyword === 'additionalProperties')
  const names = unknown?.params?.['additionalProperties']
  if (Array.isArray(names)) {
    const where = part === 'querystring' ? 'query parameter' : 'field'
    return pinwheelError('BAD_REQUEST', { reason: `unknown ${where} "${names.join('", "')}"` })
  }
  const first = misfits[0]
  const name = first?.instancePath.replace(/^\//, '').replaceAll('/', '.') ?? ''
  const reason = `${name === '' ? `the ${part}` : name} ${first?.message ?? 'does not fit'}`
  return pinwheelError('BAD_REQUEST', { reason })
}

/** The pattern of the route: never the address itself, which holds a stranger's ids. */
export function route(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'none'
}

/** The reply to what Node's parser refused, before there is a request: written by hand. */
export function clientErrorText(code: string | undefined): string {
  const wire = clientError(code ?? '').toWire()
  const { status } = errorTable[wire.code as ErrorCode]
  const body = JSON.stringify({ error: wire })
  return [
    `HTTP/1.1 ${status} Refused`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
}

function clientError(code: string): PinwheelError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return pinwheelError('HEADERS_TOO_LARGE', { limit: bounds.headerBytesMax })
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return pinwheelError('REQUEST_SLOW', { ms: bounds.receiveMsMax })
  }
  return pinwheelError('BAD_REQUEST', { reason: 'it is not HTTP/1.1' })
}
