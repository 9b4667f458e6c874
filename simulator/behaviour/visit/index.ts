export { Appeal, appealWeights, NO_INTENT, type Situation } from './appeal.ts'
export { columnFactor, columnFactors, leaveChance, leaveDefaults, moodAfter } from './leave.ts'
export { type Look, type Page, Person, Visit } from './person.ts'
export {
  type Chances,
  chancesOf,
  drawDwell,
  drawResponse,
  type Response,
  responseWeights,
} from './response.ts'
export { churnChance, returnDefaults, returnGap, satisfactionAfter } from './return.ts'
