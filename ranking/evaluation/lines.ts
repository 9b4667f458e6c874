/**
 * Text files line by line, streaming; gzip is recognised by its first bytes, not by its name. A
 * line beyond `lineBytesMax` is given as undefined, so that a file without line ends cannot fill
 * the memory.
 */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'
import { pinwheelError } from '../../base/index.ts'

export type Line = { readonly number: number; readonly text: string | undefined }

const LINE_MAX = 4 * 1024 * 1024

/** Batches of lines. DATASET_MISSING when the file cannot be read to its end. */
export async function* readLines(path: string): AsyncIterable<Line[]> {
  const stream = await openText(path)
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let skipping = false
  let number = 0
  try {
    for await (const chunk of stream) {
      const parts = (rest + decoder.write(chunk as Buffer)).split('\n')
      rest = parts.pop()!
      const lines: Line[] = []
      for (const part of parts) {
        lines.push({ number: ++number, text: skipping ? undefined : trim(part) })
        skipping = false
      }
      if (rest.length > LINE_MAX) {
        rest = ''
        skipping = true
      }
      if (lines.length > 0) yield lines
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  rest += decoder.end()
  if (rest !== '' || skipping) {
    yield [{ number: ++number, text: skipping ? undefined : trim(rest) }]
  }
}

function trim(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

async function openText(path: string): Promise<AsyncIterable<unknown>> {
  try {
    const file = await open(path)
    const head = Buffer.alloc(2)
    await file.read(head, 0, 2, 0)
    await file.close()
    const source = createReadStream(path, { highWaterMark: 1 << 18 })
    if (head[0] !== 0x1f || head[1] !== 0x8b) return source
    // The callback keeps an error of either stream from being unhandled; reading throws it.
    return pipeline(source, createGunzip({ chunkSize: 1 << 18 }), () => {})
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown) {
  const reason = (error as { code?: string }).code ?? (error as Error).message
  return pinwheelError('DATASET_MISSING', { path, reason }, error)
}
