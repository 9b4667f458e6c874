/** Entries as the frames of a log of one partition, which nobody keeps. */
import type { Entry } from '../../base/index.ts'
import { EntryWriter, type Frame } from '../log/index.ts'

/** Entries of a frame. */
const FRAME = 500

export class Frames {
  readonly #writer = new EntryWriter()
  #first = 0
  #waiting = 0

  /** A frame once it is full. */
  add(entry: Entry): Frame | undefined {
    this.#writer.append(entry)
    return ++this.#waiting === FRAME ? this.rest() : undefined
  }

  /** What waits for a full one. */
  rest(): Frame | undefined {
    if (this.#waiting === 0) return undefined
    const first = this.#first
    this.#first += this.#waiting
    this.#waiting = 0
    return { partition: 0, sequence: first, first, ...this.#writer.take() }
  }
}

export function* framesOf(entries: Iterable<Entry>): IterableIterator<Frame> {
  const frames = new Frames()
  for (const entry of entries) {
    const full = frames.add(entry)
    if (full) yield full
  }
  const rest = frames.rest()
  if (rest) yield rest
}
