export { type AskedType, Asks, type AsksOptions, askDefaults } from './asks.ts'
export type { StateStore } from './state-store.ts'
export { ShardPlace, type Turn, type TurnPlace } from './turn-place.ts'
