export type { DeadMessage } from './dead-letters.ts'
export { JetStreamLog, type JetStreamLogOptions, jetStreamLogDefaults } from './jetstream-log.ts'
export { positionOf, sequenceOf } from './position.ts'
