export {
  BOARDS_MIN,
  type BoardStatistics,
  type Boards,
  boardStatistics,
  boardsOfSaves,
  type CircleLaws,
  type CirclePlan,
  type CircleWorld,
  type CircleWorldOptions,
  circleLaws,
  circleWorld,
  circleWorldDefaults,
  decodeSeedGraph,
  encodeSeedGraph,
  type GrowHow,
  growCircles,
  growSeedGraph,
  judgeBoards,
  LOOK_SIZE,
  lawsHash,
  planCircles,
  type SeedGraph,
  type SeedGraphOptions,
  savesOfPins,
  seedGraphName,
  type Target,
  type Verdict,
  VISIT_SAVES_MAX,
  visitLength,
} from './circle/index.ts'
export {
  type Device,
  devices,
  everySwitch,
  INTEREST_WEIGHT,
  interestPlace,
  type LatentOptions,
  LatentWorld,
  latentDefaults,
  latentLaws,
  Moods,
  NO_SECOND,
  pinEntry,
  pinPicture,
  userEntry,
  type WorldSwitches,
} from './latent/index.ts'
export { PICTURE_WIDTH, picturePng } from './pictures/index.ts'
export { DAY_MS, NO_TOPIC, type WorldOptions } from './population.ts'
export { boardId, boardTitle, type PinText, pinId, pinText, userId } from './texts.ts'
export { families, languages, styles, TOPICS_PER_FAMILY, topics } from './vocabulary.ts'
export { pick, runningSums } from './weighted.ts'
export { createWorld, INTEREST_DECAY, pinsBorn, shelfBorn, type World } from './world.ts'
