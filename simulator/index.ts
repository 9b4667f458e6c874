export {
  type DemoOptions,
  demoDefaults,
  demoEntries,
  demoEntryCount,
  demoPictures,
  demoWorld,
} from './workload/demo.ts'
export {
  type ReplayOptions,
  type ReplayRecord,
  ReplayWorkload,
  replayDefaults,
  replayEvents,
  replayRecord,
  replayWorkload,
} from './workload/replay.ts'
