export { type Calibration, readCalibration } from './calibration.ts'
export { type CostBook, purchases, readCostBook } from './cost-book.ts'
export { estimate, type Saving, type ScenarioReport } from './estimate.ts'
export {
  check,
  type Held,
  type Prediction,
  predict,
  readMeasured,
  readPrediction,
} from './prediction.ts'
export {
  assumptions,
  type ModelOptions,
  modelDefaults,
  type Scenario,
  scenarioOf,
  scenarios,
} from './scenario.ts'
