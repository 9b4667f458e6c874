export { evaluateLogged, type LoggedEvaluation } from './evaluate-logged.ts'
export { downTheList, type LoggedRows, type TargetColumns } from './logged-rows.ts'
export {
  type Estimate,
  type OffPolicy,
  type OffPolicyOptions,
  offPolicy,
} from './off-policy.ts'
export { openBanditDefaults, readOpenBandit } from './open-bandit.ts'
export {
  chancesByPosition,
  chancesOf,
  type DrawnSlate,
  drawSlate,
  type SlatePolicy,
  slatePoolMax,
  softmaxPolicy,
} from './slate-policy.ts'
