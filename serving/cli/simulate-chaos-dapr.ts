/** `pinwheel simulate chaos --placement dapr`: hosts behind simulated sidecars, under faults. */
import { systemClock } from '../../base/index.ts'
import {
  chaosDapr,
  type DaprChaosResult,
  type DaprMutantName,
  daprMutants,
  findDaprMutant,
  runDaprSeed,
  SEEDS_FOR_COVERAGE,
  SEEDS_FOR_MUTANT,
} from '../../simulator/index.ts'
import { commit } from './commit.ts'
import { printResult, printTable } from './print.ts'
import { Progress } from './progress.ts'
import { type Tick, withReport } from './report-file.ts'
import { reportFile } from './report-option.ts'
import { ChaosDraft } from './simulate-chaos-report.ts'

type Flags = {
  readonly seeds: number
  readonly seed: number
  readonly mutants?: true
  readonly report?: string
  readonly json?: true
}

/** Seeds between two words of progress. */
const SLICE = 50

/** Whether every law held, every fault struck and every planted bug was found. */
export async function runDapr(flags: Flags): Promise<boolean> {
  if (flags.seeds === 1) return replay(flags)
  const draft = new ChaosDraft({ ...flags, placement: 'dapr' })
  return withReport(reportFile(flags.report), draft.report, (tick) => judge(flags, draft, tick))
}

async function judge(flags: Flags, draft: ChaosDraft, tick: Tick): Promise<boolean> {
  const { seed, seeds, json } = flags
  const started = systemClock.monotonic()
  const usedBefore = process.threadCpuUsage()
  const result = await inSlices(flags, draft, tick)
  const seconds = (systemClock.monotonic() - started) / 1000
  const { user, system } = process.threadCpuUsage(usedBefore)
  const { happenings, trace, violations, ...sums } = result
  const missing = [...happenings].filter(([, times]) => times === 0).map(([what]) => what)
  const hunts = flags.mutants ? await huntAll() : []
  const rates = {
    seconds,
    seedsPerSecond: Math.round(sums.seeds / seconds),
    /** What a core does that nobody else uses. */
    seedsPerCpuSecond: Math.round(sums.seeds / ((user + system) / 1e6)),
  }
  draft.sums = { ...sums, ...rates }
  draft.hunts = hunts.map(({ mutant, law, seed: at }) => {
    return { mutant, law, seeds: at === undefined ? undefined : at + 1 }
  })
  const told = { commit: commit(), seed, ...sums, ...rates, violations, missing }
  if (json) printResult({ ...told, counts: Object.fromEntries(happenings), trace, hunts }, true)
  else {
    printTable(['met', 'times'], [...happenings].sort())
    if (hunts.length > 0) {
      const rows = hunts.map((hunt) => [hunt.mutant, hunt.law, hunt.seed ?? 'never'] as const)
      printTable(['planted bug', 'law that finds it', 'first seed'], rows)
    }
    for (const line of trace) process.stdout.write(`${line}\n`)
    for (const { seed: broken } of violations.slice(0, 1)) {
      process.stdout.write(`again: ${againText(broken)}\n`)
    }
    const broken = violations.map(({ seed: at, law, problem }) => `seed ${at}: ${law}: ${problem}`)
    printResult({ ...told, violations: broken }, false)
  }
  const isCovered = missing.length === 0 || seeds < SEEDS_FOR_COVERAGE
  return violations.length === 0 && isCovered && hunts.every((hunt) => hunt.seed !== undefined)
}

async function replay({ seed, json }: Flags): Promise<boolean> {
  const { violations, trace, digest, events, faults } = await runDaprSeed(seed, undefined, true)
  const told = { seed, commit: commit(), events, faults, digest, violations }
  if (json) printResult({ ...told, trace }, true)
  else {
    for (const line of trace) process.stdout.write(`${line}\n`)
    const broken = violations.map(({ law, problem }) => `${law}: ${problem}`)
    printResult({ ...told, violations: broken }, false)
  }
  return violations.length === 0
}

const againText = (seed: number) =>
  `pinwheel simulate chaos --placement dapr --seeds 1 --seed ${seed}`

/** As one run, which ends with the first seed that breaks a law. */
async function inSlices(
  { seed: first, seeds }: Flags,
  draft: ChaosDraft,
  tick: Tick,
): Promise<DaprChaosResult> {
  const progress = new Progress('chaos', 'seeds', systemClock)
  const sum = { seeds: 0, events: 0, faults: 0, digest: 0 }
  const happenings = new Map<string, number>()
  let last: DaprChaosResult | undefined
  while (sum.seeds < seeds && (last?.violations.length ?? 0) === 0) {
    const count = Math.min(SLICE, seeds - sum.seeds)
    last = await chaosDapr({ first: first + sum.seeds, seeds: count })
    sum.seeds += last.seeds
    sum.events += last.events
    sum.faults += last.faults
    sum.digest = (sum.digest ^ last.digest) >>> 0
    for (const [what, times] of last.happenings) {
      happenings.set(what, (happenings.get(what) ?? 0) + times)
    }
    progress.update(sum.seeds, seeds)
    draft.failures.push(...last.violations.map((one) => ({ ...one, again: againText(one.seed) })))
    draft.counts = Object.fromEntries(happenings)
    draft.seedsDone(sum.seeds)
    await tick()
  }
  progress.finish(sum.seeds)
  return { ...sum, happenings, violations: last?.violations ?? [], trace: last?.trace ?? [] }
}

async function huntAll() {
  const names = Object.keys(daprMutants) as DaprMutantName[]
  const progress = new Progress('mutants', 'bugs', systemClock)
  const hunts: Awaited<ReturnType<typeof findDaprMutant>>[] = []
  for (const name of names) {
    hunts.push(await findDaprMutant(name, SEEDS_FOR_MUTANT))
    progress.update(hunts.length, names.length)
  }
  progress.finish(hunts.length)
  return hunts
}
