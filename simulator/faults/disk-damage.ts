/**
 * What a disk does wrong though it said that all was well: a frame of the log that was flushed lies
 * somewhere else, lacks a sector, or has a bit flipped. Only where a reader can know: something
 * that was written later shows that it had been flushed. (Nobody can tell a damaged end of a log
 * from an end that was never flushed.)
 */
import type { Random } from '../../base/index.ts'
import type { SimulatedDisk } from './simulated-disk.ts'

/** Of a frame's header: where the bytes of payload and of what was not flushed are counted. */
const HEADER_BYTES = 40
const LENGTH_AT = 8
const BEHIND_AT = 36
const SECTOR_BYTES = 512

export const damages = ['misdirected write', 'lost sector', 'flipped bit'] as const
export type Damage = (typeof damages)[number]

type Frame = { readonly path: string; readonly at: number; readonly end: number }

/** The disk with one frame damaged; undefined where none is that anybody could tell. */
export function damaged(
  disk: SimulatedDisk,
  damage: Damage,
  random: Random,
): SimulatedDisk | undefined {
  const frames = provenFrames(disk)
  if (frames.length === 0) return undefined
  const frame = frames[random.below(frames.length)]!
  const changed = new Map<string, Uint8Array>()
  const copyOf = (path: string) => {
    const bytes = changed.get(path) ?? disk.files.get(path)!.bytes.slice()
    changed.set(path, bytes)
    return bytes
  }
  const bytes = copyOf(frame.path)
  const { at, end } = frame
  const before = bytes.slice(at, end)
  if (damage === 'flipped bit') bytes[at + random.below(end - at)]! ^= 1 << random.below(8)
  else if (damage === 'lost sector') {
    const from = at + random.below(end - at)
    bytes.fill(0, from, Math.min(end, from + SECTOR_BYTES))
  } else {
    // Its own place is as it was before: nothing.
    bytes.fill(0, at, end)
    const others = frames.filter((other) => other !== frame)
    const other = others[random.below(others.length)]
    if (other) {
      // No further: what shows that both had been flushed stays.
      const room = other.end - other.at
      copyOf(other.path).set(before.subarray(0, Math.min(before.length, room)), other.at)
    }
  }
  // Zeros may have stood there before, or the frame lie on itself again.
  if (Buffer.compare(before, bytes.subarray(at, end)) === 0) bytes[at]! ^= 1
  const after = disk.afterKill()
  for (const [path, content] of changed) after.put(path, content)
  return after
}

/** Frames before the last write of each partition. */
function provenFrames(disk: SimulatedDisk): Frame[] {
  const segments = [...disk.files.keys()].filter((path) => path.endsWith('.seg')).sort()
  return segments.flatMap((path, i) => {
    const folder = path.slice(0, path.lastIndexOf('/'))
    const isLast = segments[i + 1]?.startsWith(`${folder}/`) !== true
    const { bytes } = disk.files.get(path)!
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const frames: Frame[] = []
    let proven = 0
    for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
      const end = at + HEADER_BYTES + view.getUint32(at + LENGTH_AT, true)
      if (end > bytes.length || end === at + HEADER_BYTES) break
      proven = Math.max(proven, at - view.getUint32(at + BEHIND_AT, true))
      frames.push({ path, at, end })
      at = end
    }
    return isLast ? frames.filter(({ end }) => end <= proven) : frames
  })
}
