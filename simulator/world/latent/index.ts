export { pinEntry, pinPicture, pinSubject, userEntry } from './catalogue.ts'
export {
  INTEREST_WEIGHT,
  interestPlace,
  type LatentOptions,
  LatentWorld,
  latentDefaults,
  latentLaws,
  NO_SECOND,
} from './latent-world.ts'
export { type Device, devices, Moods } from './moods.ts'
export { Shelves } from './shelves.ts'
export { everySwitch, type WorldSwitches } from './switches.ts'
