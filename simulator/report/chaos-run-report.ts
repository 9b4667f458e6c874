/** What a chaos run found, as sections of a report. */
import type { ChaosReport } from './chaos-report.ts'
import { type Section, sumFacts } from './run-report.ts'

/** Broken laws that are listed; all are counted. */
const LISTED_MAX = 200

export type ChaosFindings = {
  readonly sums: Readonly<Record<string, number>>
  /** How often each fault and branch was met. */
  readonly counts: Readonly<Record<string, number>>
  /** Those of which a run of this length should have met at least one. */
  readonly mustMeet: boolean
  readonly failures: readonly ChaosFailure[]
  readonly hunts?: readonly BugHunt[]
  /** Seeds that were run after so many seconds. */
  readonly pace: readonly { readonly second: number; readonly seeds: number }[]
}

/** A planted bug, and after how many seeds its law found it; undefined when it did not. */
export type BugHunt = {
  readonly mutant: string
  readonly law: string
  readonly seeds: number | undefined
}

export type ChaosFailure = {
  readonly seed: number
  readonly law: string
  readonly problem: string
  /** The command that shows it again. */
  readonly again: string
}

/** Seeds that broke a law, each with what it broke. */
export function chaosFailures(
  failures: ChaosReport['failures'],
  again: (seed: number) => string,
): ChaosFailure[] {
  return failures.flatMap(({ seed, violations }) =>
    violations.map(({ law, problem }) => ({ seed, law, problem, again: again(seed) })),
  )
}

export function chaosSections(findings: ChaosFindings): Section[] {
  const { failures, hunts = [] } = findings
  const sections: Section[] = [verdicts(findings)]
  if (failures.length > 0) {
    sections.push({
      kind: 'table',
      title: 'Laws that were broken',
      columns: [{ name: 'seed' }, { name: 'law' }, { name: 'how' }, { name: 'see it again' }],
      ...(failures.length > LISTED_MAX && {
        note: `The first ${LISTED_MAX} of ${failures.length}.`,
      }),
      rows: failures
        .slice(0, LISTED_MAX)
        .map(({ seed, law, problem, again }) => [String(seed), law, problem, again]),
      verdicts: failures.slice(0, LISTED_MAX).map(() => 'fail'),
    })
  }
  sections.push(sumFacts('The run', findings.sums), paceSection(findings))
  if (hunts.length > 0) sections.push(huntsSection(hunts))
  sections.push(metSection(findings))
  return sections
}

function verdicts({ counts, mustMeet, failures, hunts = [] }: ChaosFindings): Section {
  const missing = Object.values(counts).filter((times) => times === 0).length
  const lost = hunts.filter(({ seeds }) => seeds === undefined).length
  return {
    kind: 'facts',
    title: 'Verdict',
    facts: [
      {
        name: 'laws broken',
        value: failures.length,
        target: 'none',
        verdict: failures.length === 0 ? 'pass' : 'fail',
      },
      {
        name: 'faults and branches never met',
        value: missing,
        target: mustMeet ? 'none' : 'none, in a longer run',
        verdict: missing === 0 ? 'pass' : mustMeet ? 'fail' : 'open',
      },
      ...(hunts.length === 0
        ? []
        : [
            {
              name: 'planted bugs not found',
              value: lost,
              target: 'none',
              verdict: lost === 0 ? ('pass' as const) : ('fail' as const),
            },
          ]),
    ],
  }
}

function paceSection({ pace }: ChaosFindings): Section {
  const rates = pace.map(({ second, seeds }, n) => {
    const before = pace[n - 1] ?? { second: 0, seeds: 0 }
    return (seeds - before.seeds) / (second - before.second)
  })
  return {
    kind: 'lines',
    title: 'Pace',
    x: { name: 'time', unit: 's' },
    y: { name: 'seeds', unit: 'per second' },
    at: pace.map(({ second }) => second),
    series: [{ name: 'seeds', values: rates }],
  }
}

function huntsSection(hunts: readonly BugHunt[]): Section {
  return {
    kind: 'table',
    title: 'Planted bugs',
    note: 'A law that cannot fail proves nothing: each has a bug that it must find.',
    columns: [{ name: 'bug' }, { name: 'law that finds it' }, { name: 'seeds until then' }],
    rows: hunts.map(({ mutant, law, seeds }) => [mutant, law, seeds ?? null]),
    verdicts: hunts.map(({ seeds }) => (seeds === undefined ? 'fail' : 'pass')),
  }
}

function metSection({ counts, mustMeet }: ChaosFindings): Section {
  const met = Object.entries(counts)
  return {
    kind: 'table',
    title: 'What was met',
    note: 'How often each fault struck, and how often the host took each branch.',
    columns: [{ name: 'fault or branch' }, { name: 'times' }],
    rows: met.map(([what, times]) => [what, times]),
    verdicts: met.map(([, times]) => (times > 0 ? 'pass' : mustMeet ? 'fail' : 'open')),
  }
}
