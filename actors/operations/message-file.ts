/** Messages of a stream in a file, end to end: each is a frame, which says how long it is. */
import type { StreamMessage } from '../ingest/index.ts'
import { decodeFrame } from '../log/frame.ts'
import type { Disk } from '../log/index.ts'
import { piecesOf } from './cluster-facts.ts'

const PIECE_BYTES = 1 << 20

/** Writes all there are, to a file that is not there. */
export async function writeMessages(
  disk: Disk,
  path: string,
  messages: AsyncIterable<StreamMessage>,
): Promise<void> {
  const file = await disk.open(path, 'create')
  try {
    let at = 0
    let waiting: Uint8Array[] = []
    let bytes = 0
    const write = async () => {
      await file.write(Buffer.concat(waiting), at)
      at += bytes
      waiting = []
      bytes = 0
    }
    for await (const { data } of messages) {
      waiting.push(data)
      bytes += data.length
      if (bytes >= PIECE_BYTES) await write()
    }
    await write()
    await file.flush()
  } finally {
    await file.close()
  }
}

/** Those of a file; its end, or where it is damaged, is an error that says so. */
export async function* messagesIn(disk: Disk, path: string): AsyncGenerator<StreamMessage> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const piece of piecesOf(disk, path, PIECE_BYTES)) {
    const bytes = Buffer.concat([rest, piece])
    let at = 0
    for (let next = decodeFrame(bytes, at); next.frame; next = decodeFrame(bytes, at)) {
      yield { partition: next.frame.partition, data: bytes.subarray(at, next.end) }
      at = next.end
    }
    rest = bytes.subarray(at)
    // One that is cut off goes on in the next piece; none is as long as a piece.
    if (rest.length > PIECE_BYTES) break
  }
  if (rest.length > 0) throw new Error(`${path} is damaged`)
}
