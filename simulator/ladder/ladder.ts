/**
 * One seed of the ladder: a world, what its people had saved before, a bootstrap log that no arm
 * made, and then one world for each arm, which starts from that log with the same people. Arms of a
 * seed share all numbers of chance.
 */
import type { Clock } from '../../base/index.ts'
import {
  Appeal,
  appealWeights,
  leaveDefaults,
  responseWeights,
  returnDefaults,
} from '../behaviour/index.ts'
import {
  DAY_MS,
  everySwitch,
  LatentWorld,
  latentLaws,
  lawsHash,
  type WorldSwitches,
} from '../world/index.ts'
import { archiveDefaults, archiveEntries } from './archive.ts'
import { type ArmName, createArm, ladderTeaching } from './arms.ts'
import { UNIFORM_SHARE } from './explore.ts'
import { runWorld } from './parallel-world.ts'
import { People } from './people.ts'
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
  readonly metric: Exclude<keyof Metrics, 'views' | 'calibration'>
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
  world: JSON.stringify(latentLaws),
  appeal: JSON.stringify(appealWeights),
  responses: JSON.stringify(responseWeights),
  leaving: JSON.stringify(leaveDefaults),
  returning: JSON.stringify(returnDefaults),
  archive: JSON.stringify(archiveDefaults),
}

export type ArmResult = Metrics & { readonly cpuSeconds: number }
export type SeedResult = {
  readonly seed: number
  readonly preset: string
  /** Entries of the bootstrap log. */
  readonly entries: number
  readonly arms: Readonly<Partial<Record<ArmName, ArmResult>>>
}

export type SeedPorts = {
  readonly clock: Clock
  /** CPU seconds of this process so far. */
  readonly cpuSeconds: () => number
  readonly onArm?: (arm: ArmName, result: ArmResult) => void
}

export async function runSeed(
  of: LadderPreset,
  seed: number,
  arms: readonly ArmName[],
  ports: SeedPorts,
): Promise<SeedResult> {
  const { users, pins, families, bootstrapDays, days, learnEveryDays, bootstrapUniform, switches } =
    of
  const world = new LatentWorld({
    seed,
    users,
    pins,
    families,
    days: bootstrapDays + days,
    switches,
  })
  const appeal = new Appeal(world)
  const setup = { pins, users, seed, clock: ports.clock, appeal, teaching: ladderTeaching }
  const { from } = world.options
  const people = new People(appeal, from)
  const log = [...people.tell(appeal, from), ...archiveEntries(appeal, people)]
  const neutral = createArm('popularity', setup)
  neutral.hear(log)
  await runWorld({
    appeal,
    arm: neutral,
    people,
    from,
    days: bootstrapDays,
    learnEveryDays: 1,
    uniform: bootstrapUniform,
    onEntries: (entries) => log.push(...entries),
  })
  const results: Partial<Record<ArmName, ArmResult>> = {}
  for (const name of arms) {
    const began = ports.cpuSeconds()
    const arm = createArm(name, setup)
    arm.hear(log)
    const { metrics } = await runWorld({
      appeal,
      arm,
      from: from + bootstrapDays * DAY_MS,
      days,
      learnEveryDays,
      uniform: UNIFORM_SHARE,
      people: people.copy(appeal),
    })
    const result = { ...metrics, cpuSeconds: ports.cpuSeconds() - began }
    results[name] = result
    ports.onArm?.(name, result)
  }
  return { seed, preset: presetHash(of), entries: log.length, arms: results }
}
