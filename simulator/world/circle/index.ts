export { type Boards, boardsOfSaves, denseCore } from './bipartite.ts'
export {
  type CirclePlan,
  type CircleWorld,
  type CircleWorldOptions,
  circleWorld,
  circleWorldDefaults,
  planCircles,
} from './circle-world.ts'
export { type GrowHow, growCircles } from './grow-circles.ts'
export { type CircleLaws, circleLaws, lawsHash } from './laws.ts'
export { LOOK_SIZE } from './people.ts'
export { growSeedGraph, type SeedGraph, type SeedGraphOptions, savesOfPins } from './seed-graph.ts'
export { decodeSeedGraph, encodeSeedGraph, seedGraphName } from './seed-graph-file.ts'
export { type BoardStatistics, boardStatistics } from './statistics.ts'
export { BOARDS_MIN, judgeBoards, type Target, type Verdict } from './targets.ts'
export { VISIT_SAVES_MAX, visitLength } from './visits.ts'
