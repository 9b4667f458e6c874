export {
  ClusterRecommender,
  type ClusterRecommenderOptions,
} from './cluster-recommender.ts'
export { type EdgeLog, openEdgeLog, openFoundLog } from './edge-log.ts'
export { DaprFeedCache, type FeedCache } from './feed-cache.ts'
