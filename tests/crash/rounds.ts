/**
 * Rounds of real kills: `node tests/crash/rounds.ts --rounds 1000 --seed 1` prints one JSON line.
 *
 * A parent sends batches of saves (each of a pin of its own, so that a pin's saves tell how often
 * the save was applied) and adds of counters to a child, kills it or has it die at a named point,
 * starts the next on the same directory and compares with what it was told. What was not answered
 * is sent again under the same ids, as clients do.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Entry, Random, systemClock } from '../../base/index.ts'
import type { ChildSetup, FromChild, Mutant, ToChild } from './crash-child.ts'
import { type Crash, type CrashPoint, crashPoints } from './crash-disk.ts'

const BATCH = 20
const IN_FLIGHT = 8
const USERS = 40
const COUNTERS = 4
/** A child that does nothing for so long is given up: the test fails. */
const PATIENCE_MS = 30_000

export type Rounds = {
  readonly rounds: number
  readonly seed: number
  /** How often the child died at each point; `anywhere` is a kill from outside. */
  readonly deaths: Readonly<Record<CrashPoint | 'anywhere', number>>
  readonly acknowledged: number
  readonly lost: number
  readonly doubled: number
  /** Starts that the host refused, since it found its own files wrong; the rounds end there. */
  readonly refused: number
  /** Saves that were never acknowledged, and were applied or not: both are right. */
  readonly undecided: number
  readonly resent: number
}

class Oracle {
  readonly #random: Random
  #pins = 0
  #batches = 0
  /** Batches that were sent and not answered, by number. */
  readonly open = new Map<number, { readonly first: number; readonly message: ToChild }>()
  /** Pins whose save was acknowledged. */
  readonly acknowledged = new Set<number>()
  /** Adds of each counter that were acknowledged, and those nobody knows of. */
  readonly added = new Array<number>(COUNTERS).fill(0)
  readonly unsure = new Array<number>(COUNTERS).fill(0)
  resent = 0

  constructor(random: Random) {
    this.#random = random
  }

  get pins(): readonly string[] {
    return Array.from({ length: this.#pins }, (_, n) => `p${n}`)
  }

  next(): ToChild {
    const batch = this.#batches++
    if (this.#random.below(5) === 0) {
      const counter = this.#random.below(COUNTERS)
      const message = { what: 'count', batch, counter: `c${counter}` } as const
      this.open.set(batch, { first: -1 - counter, message })
      return message
    }
    const first = this.#pins
    this.#pins += BATCH
    const entries = Array.from({ length: BATCH }, (_, i): Entry => {
      const n = first + i
      return { kind: 'save', id: `e${n}`, time: n, user: `u${n % USERS}`, pin: `p${n}` }
    })
    const message = { what: 'ingest', batch, entries } as const
    this.open.set(batch, { first, message })
    return message
  }

  answered(batch: number): void {
    const { first } = this.open.get(batch)!
    this.open.delete(batch)
    if (first < 0) this.added[-1 - first]!++
    else for (let n = first; n < first + BATCH; n++) this.acknowledged.add(n)
  }

  /** What the next child is sent first: saves have ids, adds of counters do not. */
  resends(): ToChild[] {
    const again: ToChild[] = []
    for (const [batch, { first, message }] of this.open) {
      if (first >= 0) again.push(message)
      else {
        this.unsure[-1 - first]!++
        this.open.delete(batch)
      }
    }
    this.resent += again.length
    return again
  }
}

class Child {
  readonly #process: ChildProcess
  readonly ended: Promise<unknown>
  #listener: (message: FromChild) => void = () => {}

  constructor(setup: ChildSetup, isQuiet = false) {
    const entry = fileURLToPath(new URL('./crash-child.ts', import.meta.url))
    this.#process = fork(entry, [JSON.stringify(setup)], {
      stdio: ['ignore', 'ignore', isQuiet ? 'ignore' : 'inherit', 'ipc'],
    })
    this.ended = once(this.#process, 'exit')
    this.#process.on('message', (message: FromChild) => this.#listener(message))
  }
  listen(listener: (message: FromChild) => void): void {
    this.#listener = listener
  }
  send(message: ToChild): void {
    // It may be dead, and nobody has told us yet.
    if (this.#process.connected) this.#process.send(message, () => {})
  }
  /** The next message of a kind. Undefined when the child ends first. */
  async hear<W extends FromChild['what']>(
    what: W,
  ): Promise<Extract<FromChild, { what: W }> | undefined> {
    const heard = new Promise<Extract<FromChild, { what: W }>>((resolve) => {
      this.listen((message) => {
        if (message.what === what) resolve(message as Extract<FromChild, { what: W }>)
      })
    })
    return Promise.race([heard, this.ended.then(() => undefined)])
  }
  kill(): void {
    this.#process.kill('SIGKILL')
  }
}

export async function crashRounds(options: {
  readonly rounds: number
  readonly seed: number
  readonly mutant?: Mutant
}): Promise<Rounds> {
  const { mutant } = options
  const directory = mkdtempSync(join(tmpdir(), 'pinwheel-crash-'))
  const random = new Random(options.seed)
  const oracle = new Oracle(random)
  const deaths = { anywhere: 0 } as Record<CrashPoint | 'anywhere', number>
  for (const point of crashPoints) deaths[point] = 0
  const found = { lost: 0, doubled: 0, refused: 0 }
  try {
    for (let round = 0; round < options.rounds && found.refused === 0; round++) {
      // A mutant has a disk of its own, and dies anywhere.
      const point = mutant ? undefined : crashPoints[round % (crashPoints.length * 2)]
      const crash = point && { point, nth: 1 + random.below(12) }
      const child = new Child({ directory, ...(crash && { crash }), ...(mutant && { mutant }) })
      deaths[point ?? 'anywhere']++
      await loadUntilDeath(child, oracle, random, crash)
      const { lost, doubled, refused } = await compare(directory, oracle, mutant !== undefined)
      found.lost += lost
      found.doubled += doubled
      found.refused += refused
    }
    const undecided = oracle.pins.length - oracle.acknowledged.size
    const { resent, acknowledged } = oracle
    return { ...options, deaths, acknowledged: acknowledged.size, ...found, undecided, resent }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Keeps a child busy until it dies, of itself or of us. */
async function loadUntilDeath(
  child: Child,
  oracle: Oracle,
  random: Random,
  crash: Crash | undefined,
): Promise<void> {
  const patience = new AbortController()
  const tired = systemClock.sleep(PATIENCE_MS, patience.signal).then(
    () => {
      child.kill()
      throw new Error(`the child did not reach ${crash?.point ?? 'its load'} in ${PATIENCE_MS} ms`)
    },
    () => {},
  )
  const load = async () => {
    // It may die before it is ready: segments are made while it starts.
    if (!(await child.hear('ready'))) return
    child.listen((message) => {
      if (message.what === 'refused') throw new Error(message.reason)
      if (message.what !== 'done') return
      oracle.answered(message.batch)
      child.send(oracle.next())
    })
    for (const message of oracle.resends()) child.send(message)
    for (let n = 0; n < IN_FLIGHT; n++) child.send(oracle.next())
    if (!crash) {
      await systemClock.sleep(random.below(80))
      child.kill()
    }
    await child.ended
  }
  await Promise.race([load(), tired.then(() => child.ended)])
  patience.abort()
}

/** Starts a child that does nothing else, and compares what it has with what was promised. */
async function compare(directory: string, oracle: Oracle, isQuiet: boolean) {
  const child = new Child({ directory }, isQuiet)
  if (!(await child.hear('ready'))) return { lost: 0, doubled: 0, refused: 1 }
  const counters = Array.from({ length: COUNTERS }, (_, n) => `c${n}`)
  child.send({ what: 'look', pins: oracle.pins, counters })
  const seen = await child.hear('seen')
  if (!seen) throw new Error('the host ended while it was looked at')
  child.send({ what: 'end' })
  await child.ended
  let lost = 0
  let doubled = 0
  seen.saves.forEach((saves, pin) => {
    if (saves > 1) doubled++
    if (saves < 1 && oracle.acknowledged.has(pin)) lost++
  })
  const pending = [...oracle.open.values()]
  seen.sums.forEach((sum, counter) => {
    const open = pending.filter(({ first }) => first === -1 - counter).length
    if (sum < oracle.added[counter]!) lost++
    if (sum > oracle.added[counter]! + oracle.unsure[counter]! + open) doubled++
  })
  return { lost, doubled, refused: 0 }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
    },
  })
  const result = await crashRounds({ rounds: Number(values.rounds), seed: Number(values.seed) })
  console.log(JSON.stringify(result))
  if (result.lost + result.doubled + result.refused > 0) process.exitCode = 1
}
