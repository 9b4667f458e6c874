export { crashLog, type LogCrashFindings, type LogCrashOptions } from './crash-log.ts'
export { runSeed, type SeedOptions, type SeedResult, seedDefaults } from './run-seed.ts'
