export { ATTENTION_DECAY, examination } from './attention.ts'
export { boardFit, fileUnder, MISFILED, NO_BOARD } from './filing.ts'
export { interestIn, isForeign, styleMatch, topicMatch, utility } from './liking.ts'
export { BOARDS_MAX, type BoardName, boardAbout, PersonBoards } from './person-boards.ts'
export { dwellSeconds, noReaction, type Reaction, react, type Shown, sigmoid } from './reaction.ts'
export {
  Appeal,
  appealWeights,
  type Chances,
  chancesOf,
  churnChance,
  columnFactor,
  type Look,
  leaveDefaults,
  NO_INTENT,
  type Page,
  Person,
  type Response,
  responseWeights,
  returnDefaults,
  returnGap,
  type Situation,
  type Visit,
} from './visit/index.ts'
