export {
  ClusterRecommender,
  type ClusterRecommenderOptions,
} from './cluster-recommender.ts'
export { EdgeIntake, type EdgeLog, type EdgeVerdict } from './edge-intake.ts'
export { DaprFeedCache, type FeedCache } from './feed-cache.ts'
