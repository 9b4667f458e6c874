export {
  chaosDapr,
  type DaprChaosOptions,
  type DaprChaosResult,
  type DaprMutantRow,
  daprCorpus,
  findDaprMutant,
} from './chaos-dapr.ts'
export { crashLog, type LogCrashFindings, type LogCrashOptions } from './crash-log.ts'
export { type DaprMutantName, daprMutants } from './dapr-mutants.ts'
export { runDaprSeed } from './dapr-seed.ts'
export { runSeed, type SeedOptions, type SeedResult, seedDefaults } from './run-seed.ts'
