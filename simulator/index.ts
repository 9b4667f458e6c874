export {
  chaosDapr,
  type DaprChaosResult,
  type DaprMutantName,
  daprMutants,
  findDaprMutant,
  runDaprSeed,
} from './checkers/index.ts'
export { type Mutant, mutants } from './checkers/mutants.ts'
export { runSeed, type SeedResult, seedDefaults } from './checkers/run-seed.ts'
export {
  type ChaosOptions,
  type ChaosReport,
  corpus,
  type Hunt,
  hunt,
  runChaos,
  SEEDS_FOR_COVERAGE,
  SEEDS_FOR_MUTANT,
} from './report/chaos-report.ts'
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
