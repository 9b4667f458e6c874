/**
 * Frames as many at a time as have come while the ones before were worked on: one for a calm log,
 * and for one that is behind so many that a call is worth its cost.
 */
import type { Frame } from '../../log/index.ts'

export const biteDefaults = Object.freeze({
  /** Entries of a bite, by a frame more at most. */
  entries: 16_384,
  /** Frames that are read ahead. */
  frames: 64,
})

/**
 * Ends when the source does; what the source throws comes after what it gave. When it is aborted it
 * ends at once, for a source may wait long for a server that is away.
 */
export async function* bitesOf(
  source: AsyncIterable<Frame>,
  signal: AbortSignal,
): AsyncGenerator<Frame[]> {
  const frames: Frame[] = []
  let isOver = false
  let failure: { readonly error: unknown } | undefined
  let wakeTaker = () => {}
  let wakeReader = () => {}
  let isLeft = false
  const read = async () => {
    try {
      for await (const frame of source) {
        frames.push(frame)
        wakeTaker()
        while (frames.length >= biteDefaults.frames && !isLeft) {
          await new Promise<void>((resolve) => (wakeReader = resolve))
        }
        if (isLeft) return
      }
    } catch (error) {
      failure = { error }
    } finally {
      isOver = true
      wakeTaker()
    }
  }
  void read()
  const stop = () => wakeTaker()
  signal.addEventListener('abort', stop)
  try {
    while (!signal.aborted) {
      if (frames.length > 0) yield bite(frames)
      else if (failure) throw failure.error
      else if (isOver) return
      else await new Promise<void>((resolve) => (wakeTaker = resolve))
      wakeReader()
    }
  } finally {
    signal.removeEventListener('abort', stop)
    isLeft = true
    wakeReader()
  }
}

/** Takes the first frames. */
function bite(frames: Frame[]): Frame[] {
  let entries = 0
  let n = 0
  while (n < frames.length && entries < biteDefaults.entries) entries += frames[n++]!.count
  return frames.splice(0, n)
}
