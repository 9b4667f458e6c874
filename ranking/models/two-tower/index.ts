export {
  type FittedTwoTower,
  fitTwoTower,
  type TwoTowerData,
  type TwoTowerOptions,
  type TwoTowerPorts,
  twoTowerDefaults,
} from './fit-two-tower.ts'
export type { PinTags } from './tag-bags.ts'
export { TwoTower } from './two-tower.ts'
export { twoTowerBytes, twoTowerOf } from './two-tower-file.ts'
export { TwoTowerModel } from './two-tower-model.ts'
