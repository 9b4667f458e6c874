/** What the events of a stream follow from, so that two runs can be told apart. */
import { crc32 } from 'node:zlib'
import { lawsHash } from '../../world/index.ts'
import type { EventStream } from './event-stream.ts'

/** Raised whenever the same world and mix give other events. */
const VERSION = 1

/**
 * By name; equal for streams of equal events, and for those only. The seed graphs themselves take
 * part, since how circles grow may change while their laws do not. O(saves of the patterns).
 */
export function streamIdentity(
  stream: Pick<EventStream, 'world' | 'options' | 'shape'>,
): Readonly<Record<string, string | number>> {
  const { seed, circles, patterns, users, laws, graphs } = stream.world
  const columns = graphs.flatMap(({ visitUser, savePin, saveBoard }) => [
    visitUser,
    savePin,
    saveBoard,
  ])
  const world = columns.reduce((crc, column) => crc32(bytesOf(column), crc), 0)
  return {
    stream: VERSION,
    workload: stream.options.name,
    mix: lawsHash(stream.shape),
    start: new Date(stream.options.from).toISOString(),
    seed,
    users: users * circles,
    circles,
    patterns,
    laws: lawsHash(laws),
    world: world.toString(16).padStart(8, '0'),
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength)
