export type { PoolAnswer } from './answer-words.ts'
export { type CellJob, CellPool, type CellPoolOptions } from './cell-pool.ts'
export {
  answerOf,
  control,
  DONE,
  type PoolMemory,
  type PoolShape,
  poolMemory,
  queryOf,
} from './pool-memory.ts'
export type { PoolOptions, PoolQuery } from './query-words.ts'
export { takeWaiting } from './waiting-ring.ts'
export { type AskedQuery, WalkPool, type WalkPoolOptions, walkPoolDefaults } from './walk-pool.ts'
