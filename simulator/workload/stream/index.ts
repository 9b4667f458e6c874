export {
  EventStream,
  type StreamOptions,
  type StreamSizes,
  streamDefaults,
} from './event-stream.ts'
export {
  emptyFrame,
  FRAME_EVENTS,
  type Frame,
  kindOf,
  RECORD_WORDS,
  readFrame,
  type StreamRecord,
  streamRecord,
  unitsOf,
} from './frame.ts'
export { type StreamName, type StreamShape, streamShapes } from './mix.ts'
export { streamEntries, streamEntry } from './stream-entries.ts'
export { streamIdentity } from './stream-identity.ts'
export { judgeVisits, StreamSample, type StreamStatistics } from './stream-statistics.ts'
