/**
 * Rounds of real kills: `node tests/crash/rounds.ts --rounds 1000 --seed 1` prints one JSON line.
 *
 * A generation is some rounds on one directory, which starts empty so that its log stays short; it
 * ends with a start that only compares. The generations of one seed do not depend on each other:
 * two run at a time, and one that failed can be run again by itself.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Random, systemClock } from '../../base/index.ts'
import { type Diet, Oracle } from '../../simulator/checkers/process/oracle.ts'
import { crashPoints } from './crash-disk.ts'
import { type Death, deathFromOutside, deathOf, runRound } from './round.ts'
import { ServerVictim } from './server-victim.ts'
import { EmbeddedVictim, type Mutant, type Victim } from './victim.ts'

const LANES = 2
const PROGRESS_MS = 5_000

type Host = 'embedded' | 'server'
type Generation = { readonly host: Host; readonly first: number; readonly rounds: number }

/** Again and again: of thirty rounds, the last five are of the real server. */
const schedule: readonly Omit<Generation, 'first'>[] = [
  { host: 'embedded', rounds: 25 },
  { host: 'server', rounds: 5 },
]
// The server is asked for its pins one by one.
const diets: Readonly<Record<Host, Diet>> = {
  embedded: { entriesPerBatch: 20, counters: 4 },
  server: { entriesPerBatch: 5, counters: 0 },
}

export type Options = {
  readonly rounds: number
  readonly seed: number
  /** A round of the first generation, which begins where it always does. */
  readonly first?: number
  readonly mutant?: Mutant
  readonly schedule?: typeof schedule
  /** Leaves the files where something was found. */
  readonly keep?: boolean
  readonly onRound?: () => void
}

type Where = Death['point'] | 'server'

class Tally {
  /** How often the embedded host died at each point, and the server at any. */
  readonly deaths: Record<Where, number>
  acknowledged = 0
  lost = 0
  doubled = 0
  /** Hosts that did not start, did not answer, refused work or ended by themselves. */
  refused = 0
  undecided = 0
  resent = 0
  readonly failures: string[] = []

  constructor() {
    this.deaths = { loaded: 0, starting: 0, server: 0 } as Record<Where, number>
    for (const point of crashPoints) this.deaths[point] = 0
  }
}

export async function crashRounds(options: Options): Promise<Readonly<Tally>> {
  const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-crash-'))
  const tally = new Tally()
  const waiting = plan(options)
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await runGeneration(next, scratch, options, tally)
    }
  }
  try {
    await keepCompiled(new Set(waiting.map(({ host }) => host)), scratch)
    await Promise.all(Array.from({ length: LANES }, lane))
    return tally
  } finally {
    const isKept = options.keep === true && tally.failures.length > 0
    if (!isKept) rmSync(scratch, { recursive: true, force: true })
  }
}

/** Who is killed keeps nothing: a start and an end in good order make the later starts cheap. */
async function keepCompiled(hosts: ReadonlySet<Host>, scratch: string): Promise<void> {
  const start = async (host: Host) => {
    const directory = join(scratch, `empty-${host}`)
    const victim = await startVictim(host, { directory, scratch })
    if (await victim.ready) await victim.end()
  }
  await Promise.all([...hosts].map(start))
}

function plan(options: Options): Generation[] {
  const kinds = options.schedule ?? schedule
  const { first = 0, rounds } = options
  const end = first + rounds
  const planned: Generation[] = []
  for (let g = 0, at = 0; at < end; g++) {
    const kind = kinds[g % kinds.length]!
    const generation = { ...kind, first: at, rounds: Math.min(kind.rounds, end - at) }
    if (at + kind.rounds > first) planned.push(generation)
    at += kind.rounds
  }
  return planned
}

async function runGeneration(
  { host, first, rounds }: Generation,
  scratch: string,
  options: Options,
  tally: Tally,
): Promise<void> {
  const { seed, mutant } = options
  const directory = join(scratch, `from-${first}`)
  const random = new Random(seed, first)
  const oracle = new Oracle(random, diets[host])
  const end = first + rounds
  // A mutant has a disk of its own, and the server none that we know: they die under load.
  const isOutside = mutant !== undefined || host === 'server'
  for (let round = first; round <= end; round++) {
    const drawn = isOutside ? deathFromOutside(random) : deathOf(round - first, random)
    const death = round < end ? drawn : undefined
    const victim = await startVictim(host, { directory, scratch, death, mutant })
    const { lost, doubled, refused, reason } = await runRound(victim, oracle, death)
    options.onRound?.()
    if (lost + doubled + refused === 0) {
      if (death) tally.deaths[host === 'server' ? host : death.point]++
      continue
    }
    tally.lost += lost
    tally.doubled += doubled
    tally.refused += refused
    const what = reason ?? `${lost} lost, ${doubled} doubled`
    const place = `round ${round} (${host}, ${death?.point ?? 'the last look'})`
    const words = `--seed ${seed} --first ${first} --rounds ${Math.min(round + 1, end) - first}`
    const again = `node tests/crash/rounds.ts ${words}`
    tally.failures.push(`${place}: ${what}; again: ${again}; files: ${directory}`)
    break
  }
  tally.acknowledged += oracle.acknowledged
  tally.undecided += oracle.undecided
  tally.resent += oracle.resent
}

async function startVictim(
  host: Host,
  start: {
    readonly directory: string
    readonly scratch: string
    readonly death?: Death | undefined
    readonly mutant?: Mutant | undefined
  },
): Promise<Victim> {
  const { directory, death, mutant } = start
  // The test's own, where it has one: warm, as a rule.
  const cache = process.env['NODE_COMPILE_CACHE'] ?? join(start.scratch, 'cache')
  const setup = { directory, ...(mutant && { mutant }) }
  if (host === 'server') return ServerVictim.start({ ...setup, cache })
  const crash = death?.crash
  const isQuiet = mutant !== undefined
  return new EmbeddedVictim({ ...setup, ...(crash && { crash }) }, { cache, isQuiet })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      first: { type: 'string', default: '0' },
    },
  })
  const [rounds, seed, first] = [values.rounds, values.seed, values.first].map(Number) as [
    number,
    number,
    number,
  ]
  let done = 0
  const began = systemClock.monotonic()
  const seconds = () => Math.round((systemClock.monotonic() - began) / 1000)
  const say = () => console.error(`${done} starts, ${seconds()} s`)
  const stop = systemClock.every(PROGRESS_MS, say)
  const result = await crashRounds({ rounds, seed, first, keep: true, onRound: () => done++ })
  stop()
  console.log(JSON.stringify({ rounds, seed, first, seconds: seconds(), ...result }))
  for (const failure of result.failures) console.error(failure)
  if (result.failures.length > 0) process.exitCode = 1
}
