export type { BuriedMessage, DeadMessage, Resent } from './dead-letters.ts'
export { JetStreamLog, type JetStreamLogOptions } from './jetstream-log.ts'
export { sequenceOf } from './position.ts'
