export { isLoopback } from './access.ts'
export { bounds } from './bounds.ts'
export type { Picture } from './pages.ts'
export type {
  IngestReply,
  PinCard,
  RecommendAsk,
  RecommendedPin,
  Recommender,
  RecommendReply,
  RelatedAsk,
  Status,
  UserSummary,
} from './recommender-port.ts'
export { generationDefault } from './schemas.ts'
export {
  createServer,
  type InjectedReply,
  type ListenOptions,
  type Server,
  type ServerOptions,
} from './server.ts'
