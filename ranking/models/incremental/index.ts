export { IncrementalCooccurrence, type TimedSave } from './incremental-cooccurrence.ts'
export {
  IncrementalRp3beta,
  type IncrementalRp3betaOptions,
  incrementalRp3betaDefaults,
} from './incremental-rp3beta.ts'
