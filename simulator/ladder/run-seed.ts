/**
 * One seed of the ladder: a world, what its people had saved before, and a bootstrap log that no
 * arm made; then either one world for each arm, which start from that log with the same people and
 * share all numbers of chance, or one world in which every person has an arm.
 */
import { Assigner, type SampleRatio, sampleRatio } from '../../actors/index.ts'
import type { Clock, Entry } from '../../base/index.ts'
import { Appeal } from '../behaviour/index.ts'
import { DAY_MS, LatentWorld, userId } from '../world/index.ts'
import { archiveEntries } from './archive.ts'
import { type Arm, type ArmName, type ArmSetup, createArm, ladderTeaching } from './arms.ts'
import { UNIFORM_SHARE } from './explore.ts'
import { type LadderPreset, presetHash } from './ladder.ts'
import { People } from './people.ts'
import { runWorld } from './running-world.ts'
import type { Metrics } from './tally.ts'

/** CPU seconds of an arm; in worlds of its own those of its people, too. */
export type ArmResult = Metrics & { readonly cpuSeconds: number }
export type SeedResult = {
  readonly seed: number
  readonly preset: string
  /** Entries of the bootstrap log. */
  readonly entries: number
  readonly arms: Readonly<Partial<Record<ArmName, ArmResult>>>
  /** Whether arms that share a world have as many people as they should. */
  readonly ratio?: SampleRatio
}

export type SeedPorts = {
  readonly clock: Clock
  /** CPU seconds of this process so far. */
  readonly cpuSeconds: () => number
  readonly onArm?: (arm: ArmName, result: ArmResult) => void
}

/** A world for each arm. */
export async function runSeed(
  of: LadderPreset,
  seed: number,
  arms: readonly ArmName[],
  ports: SeedPorts,
): Promise<SeedResult> {
  const start = await startOf(of, seed, ports)
  const results: Partial<Record<ArmName, ArmResult>> = {}
  for (const name of arms) {
    const began = ports.cpuSeconds()
    const arm = createArm(name, start.setup)
    arm.hear(start.log)
    const { metrics } = await runWorld({ ...judged(of, start), arms: [arm] })
    const result = { ...metrics[0]!, cpuSeconds: ports.cpuSeconds() - began }
    results[name] = result
    ports.onArm?.(name, result)
  }
  return { seed, preset: presetHash(of), entries: start.log.length, arms: results }
}

/** One world for all arms; people are dealt to them by a hash. Arms hear of their own people. */
export async function runSharedSeed(
  of: LadderPreset,
  seed: number,
  names: readonly ArmName[],
  ports: SeedPorts,
): Promise<SeedResult> {
  const start = await startOf(of, seed, ports)
  const experiment = { salt: `world ${seed}`, arms: names.map((name) => ({ name, weight: 1 })) }
  const assigner = new Assigner(experiment)
  const assigned = Array.from({ length: of.users }, (_, user) => {
    return names.indexOf(assigner.of(userId(user)).arm as ArmName)
  })
  const arms = names.map((name) => new MeteredArm(createArm(name, start.setup), ports.cpuSeconds))
  for (const arm of arms) arm.hear(start.log)
  const { metrics } = await runWorld({
    ...judged(of, start),
    arms,
    armOf: (user) => assigned[user]!,
  })
  const results: Partial<Record<ArmName, ArmResult>> = {}
  for (const [i, name] of names.entries()) {
    const result = { ...metrics[i]!, cpuSeconds: arms[i]!.cpuSeconds }
    results[name] = result
    ports.onArm?.(name, result)
  }
  const counts = new Map(
    names.map((name, i) => [name, assigned.filter((arm) => arm === i).length] as const),
  )
  const ratio = sampleRatio(experiment, counts)
  return { seed, preset: presetHash(of), entries: start.log.length, arms: results, ratio }
}

type Start = {
  readonly setup: ArmSetup
  readonly people: People
  readonly log: readonly Entry[]
}

/** The world when the bootstrap is over. */
async function startOf(of: LadderPreset, seed: number, { clock }: SeedPorts): Promise<Start> {
  const { users, pins, families, bootstrapDays, switches } = of
  const days = bootstrapDays + of.days
  const world = new LatentWorld({ seed, users, pins, families, days, switches })
  const appeal = new Appeal(world)
  const setup = { pins, users, seed, clock, appeal, teaching: ladderTeaching }
  const { from } = world.options
  const people = new People(appeal, from)
  const log = [...people.tell(appeal, from), ...archiveEntries(appeal, people)]
  const neutral = createArm('popularity', setup)
  neutral.hear(log)
  await runWorld({
    appeal,
    arms: [neutral],
    people,
    from,
    days: bootstrapDays,
    learnEveryDays: 1,
    uniform: of.bootstrapUniform,
    onEntries: (entries) => log.push(...entries),
  })
  return { setup, people, log }
}

/** The days that are judged, from the same people. */
function judged({ bootstrapDays, days, learnEveryDays }: LadderPreset, { setup, people }: Start) {
  const { appeal } = setup
  const from = appeal.world.options.from + bootstrapDays * DAY_MS
  const uniform = UNIFORM_SHARE
  return { appeal, from, days, learnEveryDays, uniform, people: people.copy(appeal) }
}

/** Counts what an arm takes of the processor. */
class MeteredArm implements Arm {
  readonly name: ArmName
  cpuSeconds = 0
  readonly #arm: Arm
  readonly #now: () => number

  constructor(arm: Arm, now: () => number) {
    this.name = arm.name
    this.#arm = arm
    this.#now = now
  }

  hear(entries: readonly Entry[]): void {
    this.#meter(() => this.#arm.hear(entries))
  }

  refresh(): void {
    this.#meter(() => this.#arm.refresh())
  }

  learn(): Promise<void> {
    return this.#meterAll(() => this.#arm.learn())
  }

  recommend(...asked: Parameters<Arm['recommend']>): ReturnType<Arm['recommend']> {
    return this.#meterAll(() => this.#arm.recommend(...asked))
  }

  #meter(work: () => void): void {
    const began = this.#now()
    work()
    this.cpuSeconds += this.#now() - began
  }

  async #meterAll<T>(work: () => Promise<T>): Promise<T> {
    const began = this.#now()
    const done = await work()
    this.cpuSeconds += this.#now() - began
    return done
  }
}
