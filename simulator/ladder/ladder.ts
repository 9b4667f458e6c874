/** What is compared in which worlds, and the name of all that a comparison depends on. */
import {
  appealWeights,
  leaveDefaults,
  responseWeights,
  returnDefaults,
} from '../behaviour/index.ts'
import { everySwitch, latentLaws, lawsHash, type WorldSwitches } from '../world/index.ts'
import { archiveDefaults } from './archive.ts'
import type { ArmName } from './arms.ts'
import type { Metrics } from './tally.ts'

export type LadderPreset = {
  readonly users: number
  readonly pins: number
  /** Families of topics. */
  readonly families: number
  /** Days of the bootstrap log, and of each arm's world. */
  readonly bootstrapDays: number
  readonly days: number
  readonly learnEveryDays: number
  /** Slots by chance in the bootstrap log. */
  readonly bootstrapUniform: number
  readonly switches: WorldSwitches
  /** What is compared, by which metric: frozen with the world. */
  readonly steps: readonly LadderStep[]
}

export type LadderStep = {
  readonly arm: ArmName
  readonly over: ArmName
  readonly metric: Exclude<keyof Metrics, 'views' | 'calibration' | 'returned7'>
}

/** Saves for each viewed impression, fixed in advance. */
export const PRIMARY = 'savesPerView'

const generationSteps: readonly LadderStep[] = Object.freeze([
  { arm: 'tags', over: 'random', metric: PRIMARY },
  { arm: 'collaborative', over: 'tags', metric: PRIMARY },
  { arm: 'deep', over: 'collaborative', metric: PRIMARY },
])

export const ladderPresets = Object.freeze({
  /** For tests: minutes of a world. */
  tiny: preset({
    ...{ users: 120, pins: 1_000, families: 2 },
    ...{ bootstrapDays: 5, days: 5, learnEveryDays: 5 },
  }),
  /** A topic has some fifty pins, as in the dense core of real boards. */
  small: preset({
    ...{ users: 1_200, pins: 4_000, families: 4 },
    ...{ bootstrapDays: 10, days: 10, learnEveryDays: 5 },
  }),
})

function preset(size: Omit<LadderPreset, 'bootstrapUniform' | 'switches' | 'steps'>): LadderPreset {
  return Object.freeze({
    ...size,
    bootstrapUniform: 0.1,
    switches: everySwitch,
    steps: generationSteps,
  })
}

/** Names everything that a comparison depends on beside its seeds. */
export const presetHash = ({ switches, steps, ...of }: LadderPreset) =>
  lawsHash({ ...of, ...truth, switches: JSON.stringify(switches), steps: JSON.stringify(steps) })

/** What pins are, what people want and how far they look: frozen, too. */
const truth = {
  /** Raised when other words, tags or pictures leave a world than before. */
  catalogue: 2,
  world: JSON.stringify(latentLaws),
  appeal: JSON.stringify(appealWeights),
  responses: JSON.stringify(responseWeights),
  leaving: JSON.stringify(leaveDefaults),
  returning: JSON.stringify(returnDefaults),
  archive: JSON.stringify(archiveDefaults),
}
