/** Events of a stream as entries of the log, with outside ids. */
import { type EventEntry, kindNames, NONE } from '../../../base/index.ts'
import { boardId, pinId, userId } from '../../world/index.ts'
import type { EventStream } from './event-stream.ts'
import {
  emptyFrame,
  FRAME_EVENTS,
  NO_RANK,
  readFrame,
  type StreamRecord,
  streamRecord,
} from './frame.ts'

/** Event `i`; its id is unique in the whole stream. */
export function streamEntry(i: number, event: StreamRecord): EventEntry {
  return {
    kind: kindNames[event.kind] as EventEntry['kind'],
    id: `e${i}`,
    time: event.time,
    user: userId(event.user),
    pin: pinId(event.pin),
    ...(event.board !== NONE && { board: boardId(event.board) }),
    ...(event.rank !== NO_RANK && { context: { rank: event.rank } }),
  }
}

/** Events [from, to). */
export function* streamEntries(
  stream: EventStream,
  { from, to }: { readonly from: number; readonly to: number },
): Generator<EventEntry> {
  const frame = emptyFrame()
  const event = streamRecord()
  for (let i = from; i < to; ) {
    const first = Math.floor(i / FRAME_EVENTS) * FRAME_EVENTS
    stream.fill(frame, first)
    for (; i < Math.min(to, first + FRAME_EVENTS); i++) {
      yield streamEntry(i, readFrame(frame, i - first, event))
    }
  }
}
