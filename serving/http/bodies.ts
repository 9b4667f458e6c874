/**
 * Reads bodies: JSON, and NDJSON as a list of entries, one a line. Bytes that are not UTF-8 are
 * refused rather than replaced: two broken ids must not become the same one. A line that is not
 * JSON is one rejected entry among others.
 */
import { isUtf8 } from 'node:buffer'
import type { FastifyRequest } from 'fastify'
import { pinwheelError } from '../../base/index.ts'
import type { App } from './app.ts'
import { mediaTypes, mediaTypeUnfit } from './error-reply.ts'

/** Stands among the entries for a line that could not be read. */
export class UnreadableLine {
  readonly line: number

  constructor(line: number) {
    this.line = line
  }
}

export function registerBodies(app: App): void {
  const [json, lines] = mediaTypes
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    json,
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => parseJson(readText(request, body)),
  )
  app.addContentTypeParser(
    lines,
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => parseLines(readText(request, body)),
  )
}

function readText(request: FastifyRequest, bytes: Buffer): string {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw mediaTypeUnfit(`${encoding} (content-encoding)`)
  if (!isUtf8(bytes)) throw pinwheelError('BAD_REQUEST', { reason: 'the body is not UTF-8' })
  return bytes.toString('utf8')
}

function parseJson(text: string): unknown {
  if (text === '') throw pinwheelError('BAD_REQUEST', { reason: 'the body is empty' })
  try {
    return JSON.parse(text)
  } catch (cause) {
    // The message quotes the place; the value of a stranger stays short in it.
    const reason = `the body is not JSON: ${(cause as Error).message.slice(0, 120)}`
    throw pinwheelError('BAD_REQUEST', { reason }, cause)
  }
}

function parseLines(text: string): { readonly entries: readonly unknown[] } {
  const entries: unknown[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    try {
      entries.push(JSON.parse(line))
    } catch {
      entries.push(new UnreadableLine(at + 1))
    }
  }
  return { entries }
}
