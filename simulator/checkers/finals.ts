/** Asks a host that nothing hinders what it has become, starts it again, and asks again. */
import type { Runtime } from '../../actors/index.ts'
import type { Random } from '../../base/index.ts'
import type { HostSizes, OperatedHost, Trace } from '../faults/index.ts'
import type { Finals } from './evidence.ts'
import type { History } from './history.ts'

export type FinalsOptions = {
  readonly host: OperatedHost
  readonly history: History
  readonly trace: Trace
  readonly random: Random
  readonly sizes: HostSizes
  readonly users: readonly string[]
  readonly pins: readonly string[]
  /** Runs until then; false when nothing leads there. */
  readonly until: (what: string, isDone: () => boolean) => Promise<boolean>
  readonly isStuck: (what: string) => void
}

/** Fewer than a worker takes. */
const ASKED_AT_ONCE = 4

const ATTEMPTS = 5
const AGAIN_MS = 20

type Said = Omit<Finals, 'digestRedelivered' | 'digestRestarted'>

export async function readFinals(options: FinalsOptions): Promise<Finals | undefined> {
  const { host, random, sizes, until } = options
  const said = await asked(options, 'the host is asked', (runtime) => questions(runtime, options))
  if (!said) return undefined
  const { digest } = said
  const next = random.below(4)
  if (next < 2) return said
  if (next === 2) {
    const digestRedelivered = await asked(options, 'the log is read again', async (runtime) => {
      await runtime.redeliver()
      return digestOf(runtime, options.history)
    })
    return { ...said, ...(digestRedelivered && { digestRedelivered }) }
  }
  let isStopped = false
  host.stop().then(() => {
    isStopped = true
  }, options.isStuck)
  if (!(await until('the host stops', () => isStopped))) return said
  host.start(otherSizes(sizes, random))
  if (!(await until('the host starts again', () => host.serving !== undefined))) return said
  const again = await asked(options, 'the host is asked again', (runtime) =>
    digestOf(runtime, options.history),
  )
  return { ...said, digest, ...(again && { digestRestarted: again }) }
}

/** Everything a restart may change without changing state. */
function otherSizes(sizes: HostSizes, random: Random): HostSizes {
  const { bounds, workers, stateBytesMax } = sizes
  return {
    ...sizes,
    workers: random.below(2) === 0 ? workers : 3 - workers,
    bounds: { ...bounds, records: bounds.records === 8 ? 32 : bounds.records / 8 },
    stateBytesMax: stateBytesMax === undefined ? 3_000 : undefined,
    recommends: false,
  }
}

/**
 * What the host answers, asked again when it was too busy or its life ended meanwhile: a flush that
 * had failed before faults stopped may be told only now.
 */
async function asked<T>(
  { host, until, isStuck }: FinalsOptions,
  what: string,
  ask: (runtime: Runtime) => Promise<T>,
): Promise<T | undefined> {
  let refusal: unknown = 'its life ended again and again'
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (!(await until('the host serves', () => host.isWell))) return undefined
    const life = host.serving!
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined
    const answer = async () => {
      try {
        outcome = { value: await ask(life.runtime) }
      } catch (error) {
        await life.process.sleep(AGAIN_MS)
        outcome = { error }
      }
    }
    life.process.do(() => void answer())
    const isOver = () => outcome !== undefined || host.serving !== life
    if (!(await until(what, isOver))) return undefined
    if (outcome && 'value' in outcome) return outcome.value
    if (outcome) refusal = outcome.error
  }
  isStuck(`${what}: ${String(refusal)}`)
  return undefined
}

async function questions(runtime: Runtime, options: FinalsOptions): Promise<Said> {
  const { users, pins, history, random } = options
  await runtime.settled()
  const { names, asks } = runtime
  // A new write of every counter must be possible too.
  for (const [id, counter] of history.counters) {
    counter.attempts++
    counter.results.push((await asks.ask('Counter', id, 'add', 1)) as number)
  }
  const known = users.filter((user) => names.user.find(user) >= 0)
  const applied: unknown[] = []
  for (let i = 0; i < known.length; i += ASKED_AT_ONCE) {
    const some = known.slice(i, i + ASKED_AT_ONCE)
    applied.push(...(await Promise.all(some.map((user) => asks.ask('Witness', user, 'applied')))))
  }
  const actions = new Map<
    string,
    Finals['actions'] extends ReadonlyMap<string, infer A> ? A : never
  >()
  for (const user of known) {
    if (random.below(6) > 0) continue
    const { state } = await runtime.inspect('user', names.user.find(user))
    actions.set(user, state['actions'] as never)
  }
  const knownPins = pins.filter((pin) => names.pin.find(pin) >= 0 && random.below(2) === 0)
  const cards = await runtime.cards(knownPins.map((pin) => names.pin.find(pin) as never))
  const counters = await sums(runtime, history)
  const digest = await runtime.digest()
  const stats = await runtime.stats()
  for (const { evictions, activations } of stats) {
    if (evictions > 0) options.trace.count('actors had left memory')
    if (activations > 0) options.trace.count('actors had come back')
  }
  if (runtime.deadLetters.length > 0) options.trace.count('dead letters')
  return {
    applied: new Map(known.map((user, i) => [user, applied[i] as number[]])),
    cards: new Map(knownPins.map((pin, i) => [pin, cards[i] ?? {}])),
    actions,
    counters,
    stateBytes: stats.map(({ stateBytes }) => stateBytes),
    digest,
  }
}

/** Commanded actors come into memory, and so into the digest, when they are asked. */
async function digestOf(runtime: Runtime, history: History): Promise<string> {
  await sums(runtime, history)
  return runtime.digest()
}

async function sums(runtime: Runtime, history: History): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const id of history.counters.keys()) {
    found.set(id, (await runtime.asks.ask('Counter', id, 'sum')) as number)
  }
  return found
}
