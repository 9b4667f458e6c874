/**
 * Operating errors of `error-table.ts` as they are thrown: they cross threads, hosts and HTTP as
 * `{ code, message, details }`; compare `code`, never `instanceof`.
 */
import { errorTable } from './error-table.ts'

export type ErrorCode = keyof typeof errorTable
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>
/** What crosses a thread, host or network boundary. */
export type WireError = {
  readonly code: ErrorCode
  readonly message: string
  readonly details: ErrorDetails
}

export class PinwheelError extends Error {
  override readonly name = 'PinwheelError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, details: this.details }
  }
}

/** An operating error of the table, its message filled from `details`. */
export function pinwheelError(
  code: ErrorCode,
  details: ErrorDetails = {},
  cause?: unknown,
): PinwheelError {
  return new PinwheelError(code, details, messageOf(code, details), cause)
}

/** The same where nobody throws it: no stack is taken, which is most of what an error costs. */
export function wireError(code: ErrorCode, details: ErrorDetails = {}): WireError {
  return { code, message: messageOf(code, details), details }
}

function messageOf(code: ErrorCode, details: ErrorDetails): string {
  return errorTable[code].message.replace(/\{(\w+)\}/g, (hole, name: string) =>
    name in details ? clip(details[name], name === 'problems' ? 3000 : 300) : hole,
  )
}

/** The code of a PinwheelError, even one that crossed a thread as a plain object. */
export function errorCode(error: unknown): ErrorCode | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && Object.hasOwn(errorTable, code)
    ? (code as ErrorCode)
    : undefined
}

/** Rebuilds an error that crossed a boundary. */
export function fromWire(wire: WireError): PinwheelError {
  return new PinwheelError(wire.code, wire.details, wire.message)
}

/** The wire form of anything thrown; what is not of the table becomes INTERNAL with `ref`. */
export function toWire(error: unknown, ref = '-'): WireError {
  if (error instanceof PinwheelError) return error.toWire()
  const code = errorCode(error)
  if (code) {
    const e = error as WireError
    return { code, message: e.message, details: e.details ?? {} }
  }
  return pinwheelError('INTERNAL', { ref }).toWire()
}

function clip(value: unknown, most: number): string {
  // Control characters and long values of strangers never reach a terminal or a log line; several
  // problems of one's own settings do.
  const text = String(value).replace(/\p{Cc}/gu, '\ufffd')
  return text.length > most ? `${text.slice(0, most - 3)}...` : text
}
