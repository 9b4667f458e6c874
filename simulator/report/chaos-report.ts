/**
 * Many seeds one after the other: which failed, how often every fault and branch was met, and the
 * mutants that the laws found.
 */
import corpusFile from '../checkers/corpus.json' with { type: 'json' }
import { laws } from '../checkers/laws/index.ts'
import type { Mutant } from '../checkers/mutants.ts'
import { runSeed, type SeedResult, seedDefaults } from '../checkers/run-seed.ts'
import { faults, withoutStacks } from '../faults/index.ts'

/** Runs in which a fault or branch may be missing: fewer seeds prove nothing. */
export const SEEDS_FOR_COVERAGE = 500
/** Seeds within which a planted bug must be found. */
export const SEEDS_FOR_MUTANT = 1_000

/** Seeds that once failed: they always run. */
export const corpus: readonly number[] = corpusFile.seeds

/** What a run must have met beside the faults themselves. */
const branches: readonly string[] = [
  'kill',
  'power loss',
  'host says that its log failed',
  'start refused',
  'damage found at start',
  'host is down',
  'no answer in time',
  'request lost',
  'answer lost',
  'batch is sent again after LOG_WRITE_FAILED',
  'batch is sent again after silence',
  'batch is sent again after down',
  'sent again: duplicate',
  'sent again: accepted',
  'read of what was written',
  'added',
  'unknown whether added',
  'ask is refused: OVERLOADED',
  'feed',
  'host says: a base snapshot was made',
  'host says: the log is read from a base snapshot on',
  'host says: a base snapshot is damaged; trying without it',
  'host says: segments that no base snapshot needs were dropped',
  'host says: events that turns emitted were looked for in the log',
  'host says: a worker ended; it is started again',
  'host says: a worker that ended is back',
  'actors had left memory',
  'actors had come back',
  'dead letters',
]

export type ChaosReport = {
  readonly seeds: number
  readonly entries: number
  readonly faults: number
  /** The fewest of one seed. */
  readonly entriesMin: number
  readonly faultsMin: number
  readonly failures: readonly SeedResult[]
  /** How often each fault and branch was met. */
  readonly counts: Readonly<Record<string, number>>
  /** Faults and branches that were never met. */
  readonly missing: readonly string[]
}

export type Counts = ReadonlyMap<string, number>

export type ChaosOptions = {
  readonly seeds: Iterable<number>
  readonly entries?: number
  /** `counts` are those of all seeds so far. The next seed waits for it. */
  readonly onSeed?: (done: number, result: SeedResult, counts: Counts) => void | Promise<void>
  /** Seeds that fail after so many are not kept; the run goes on to its end. */
  readonly failuresMax?: number
}

export const chaosDefaults = Object.freeze({ ...seedDefaults, failuresMax: 10 })

export function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  return withoutStacks(() => runSeeds(options))
}

async function runSeeds(options: ChaosOptions): Promise<ChaosReport> {
  const { seeds, entries, failuresMax, onSeed } = { ...chaosDefaults, ...options }
  const counts = new Map<string, number>()
  for (const { name } of faults) counts.set(`fault: ${name}`, 0)
  for (const branch of branches) counts.set(branch, 0)
  const failures: SeedResult[] = []
  const sum = { seeds: 0, entries: 0, faults: 0 }
  const least = { entries: Number.POSITIVE_INFINITY, faults: Number.POSITIVE_INFINITY }
  for (const seed of seeds) {
    const result = await runSeed({ seed, entries })
    sum.seeds++
    sum.entries += result.entries
    sum.faults += result.faults
    least.entries = Math.min(least.entries, result.entries)
    least.faults = Math.min(least.faults, result.faults)
    for (const [what, count] of result.trace.counts) {
      counts.set(what, (counts.get(what) ?? 0) + count)
    }
    if (result.violations.length > 0 && failures.length < failuresMax) failures.push(result)
    await onSeed?.(sum.seeds, result, counts)
  }
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    ...sum,
    entriesMin: least.entries,
    faultsMin: least.faults,
    failures,
    counts: Object.fromEntries(sorted),
    missing: sorted.filter(([, count]) => count === 0).map(([what]) => what),
  }
}

export type Hunt = {
  readonly mutant: string
  readonly law: string
  /** Seeds that were run until the law found it; undefined when it did not. */
  readonly seeds: number | undefined
  readonly problem: string
}

/** Runs seeds with a planted bug until its law finds it. */
export async function hunt(mutant: Mutant, first = 0): Promise<Hunt> {
  const { name, law, planted = {}, patch } = mutant
  const takeOut = patch?.()
  try {
    for (let n = 0; n < SEEDS_FOR_MUTANT; n++) {
      const { violations } = await runSeed({ ...seedDefaults, seed: first + n, planted })
      const found = violations.find((violation) => violation.law === law)
      if (found) return { mutant: name, law, seeds: n + 1, problem: found.problem }
    }
  } finally {
    takeOut?.()
  }
  return { mutant: name, law, seeds: undefined, problem: 'it was not found' }
}

/** Laws that no mutant shows to be able to fail. */
export function unprovenLaws(mutants: readonly Mutant[]): string[] {
  const proven = new Set(mutants.map(({ law }) => law))
  return laws.map(({ name }) => name).filter((name) => !proven.has(name))
}
