export { crashLog, type LogCrashFindings, type LogCrashOptions } from './crash-log.ts'
