export { EventStream, type StreamOptions, streamDefaults } from './event-stream.ts'
export {
  emptyFrame,
  FRAME_EVENTS,
  type Frame,
  RECORD_WORDS,
  readFrame,
  type StreamRecord,
  streamRecord,
} from './frame.ts'
export { type StreamName, type StreamShape, streamShapes } from './mix.ts'
export { streamEntries, streamEntry } from './stream-entries.ts'
export { judgeVisits, StreamSample, type StreamStatistics } from './stream-statistics.ts'
