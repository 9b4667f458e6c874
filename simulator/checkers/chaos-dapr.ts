/**
 * Many seeds of the Dapr placement under faults, and how soon planted bugs are found. The same
 * seeds give the same digest.
 */
import { readFileSync } from 'node:fs'
import { hash32 } from '../../base/index.ts'
import { clusterBranches, clusterFaults, Happenings, withoutStacks } from '../faults/index.ts'
import type { DaprLawName } from './dapr-laws.ts'
import { type DaprMutant, type DaprMutantName, daprMutants } from './dapr-mutants.ts'
import { type DaprViolation, runDaprSeed } from './dapr-seed.ts'

export type DaprChaosOptions = {
  /** How many seeds, from `first` on. */
  readonly seeds: number
  readonly first: number
  /** A planted bug. */
  readonly mutant?: DaprMutantName
  /** Ends with the first seed that breaks this law; else with the first that breaks any. */
  readonly until?: DaprLawName
}
export type DaprChaosResult = {
  /** Seeds that were run. */
  readonly seeds: number
  readonly events: number
  readonly faults: number
  readonly violations: readonly DaprViolation[]
  /** Every fault and branch, and how often it happened. */
  readonly happenings: ReadonlyMap<string, number>
  readonly digest: number
  /** The last that happened in the seed that broke a law. */
  readonly trace: readonly string[]
}

const TRACED = 50

/** Seeds that found a bug once, each with what it was. */
export const daprCorpus: readonly { readonly seed: number; readonly found: string }[] = JSON.parse(
  readFileSync(new URL('dapr-corpus.json', import.meta.url), 'utf8'),
)

/** Runs seeds one after the other. */
export function chaosDapr(options: DaprChaosOptions): Promise<DaprChaosResult> {
  return withoutStacks(() => runSeeds(options))
}

async function runSeeds(options: DaprChaosOptions): Promise<DaprChaosResult> {
  const { first, seeds, mutant, until } = options
  const happenings = new Happenings()
  for (const fault of Object.keys(clusterFaults)) happenings.counts.set(`fault: ${fault}`, 0)
  for (const branch of clusterBranches) happenings.counts.set(branch, 0)
  const sum = { seeds: 0, events: 0, faults: 0, digest: 0 }
  let violations: readonly DaprViolation[] = []
  let trace: readonly string[] = []
  for (let seed = first; seed < first + seeds && violations.length === 0; seed++) {
    const found = await runDaprSeed(seed, mutant)
    happenings.addAll(found.happenings)
    sum.seeds++
    sum.events += found.events
    sum.faults += found.faults
    sum.digest = hash32(`${sum.digest} ${found.digest}`)
    if (until && !found.violations.some(({ law }) => law === until)) continue
    violations = found.violations
    if (violations.length > 0) trace = (await runDaprSeed(seed, mutant, true)).trace.slice(-TRACED)
  }
  return { ...sum, violations, happenings: happenings.counts, trace }
}

export type DaprMutantRow = {
  readonly mutant: DaprMutantName
  /** Must find it. */
  readonly law: DaprLawName
  /** The first seed that did. */
  readonly seed: number | undefined
}

/** Each planted bug and the first seed in which its law finds it; what it names comes first. */
export async function findDaprMutant(
  mutant: DaprMutantName,
  seeds: number,
): Promise<DaprMutantRow> {
  const { breaks: law, found }: DaprMutant = daprMutants[mutant]
  if (found !== undefined) {
    const known = await chaosDapr({ first: found, seeds: 1, mutant, until: law })
    if (known.violations.length > 0) return { mutant, law, seed: found }
  }
  const { violations } = await chaosDapr({ first: 0, seeds, mutant, until: law })
  return { mutant, law, seed: violations[0]?.seed }
}
