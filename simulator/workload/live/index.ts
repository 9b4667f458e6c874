export { type ArrivalLaw, arrivalLaws } from './arrivals.ts'
export type { Second } from './drive.ts'
export { type Knee, type KneeOptions, kneeDefaults } from './knee.ts'
export {
  type KneeAsk,
  type KneeStep,
  type LiveOptions,
  type LivePorts,
  liveDefaults,
  runKnee,
  runLive,
} from './live.ts'
export type { LiveResult } from './live-result.ts'
export { type PeopleOptions, peopleDefaults, worldPeople } from './people.ts'
export {
  type FailureCode,
  type Feed,
  type FeedAsk,
  failures,
  type Outcome,
  type Taken,
  type Target,
} from './target.ts'
export type { People } from './visit.ts'
