export { Runtime, type RuntimeOptions } from './hosts/embedded/runtime.ts'
export { Recommender, type RecommenderOptions } from './recommender/recommender.ts'
export { trainFromLog } from './training/train-from-log.ts'
