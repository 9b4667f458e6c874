export { type ColdStore, MemoryColdStore } from './cold-store.ts'
export { LmdbStates } from './lmdb-states.ts'
