export { DaprHost, type DaprHostOptions, encodeFront } from './hosts/dapr/index.ts'
export { Runtime, type RuntimeOptions } from './hosts/embedded/runtime.ts'
export { Recommender, type RecommenderOptions } from './recommender/recommender.ts'
export { trainFromLog } from './training/train-from-log.ts'
