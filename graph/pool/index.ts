export type { PoolAnswer } from './answer-words.ts'
export type { PoolOptions, PoolQuery } from './query-words.ts'
export { type AskedQuery, WalkPool, type WalkPoolOptions, walkPoolDefaults } from './walk-pool.ts'
