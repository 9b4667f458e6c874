/**
 * Saves that come and go, one by one, in RP3beta and co-occurrence that learn from each; the
 * baseline is what fits of the same data take. Users are of one length; of two pins the popular one
 * is saved far more often.
 */
import { type Clock, hash32, Random } from '../../base/index.ts'
import { type Rows, rowOf, rowsFrom } from '../algebra/index.ts'
import { cooccurrenceDefaults, fitCooccurrence } from '../models/cooccurrence.ts'
import { IncrementalCooccurrence, IncrementalRp3beta } from '../models/incremental/index.ts'
import { fitRp3Beta } from '../models/rp3beta.ts'

const sizes = {
  small: { users: 200, items: 100, saves: 10, updates: 200 },
  large: { users: 37_500, items: 9_800, saves: 21, updates: 20_000 },
} as const
const SEED = 1

export const bench = {
  name: 'ranking/incremental',

  run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const rows = randomRows(options)
    const random = new Random(SEED).split('updates')
    // All go before any comes back: what one touched is no longer in the cache.
    const users = random.shuffle(Array.from({ length: options.users }, (_, user) => user))
    const who = users.slice(0, options.updates)
    const lap = timer(clock)
    fitRp3Beta(rows, options.items)
    const rp3betaFit = lap()
    const rp3beta = IncrementalRp3beta.from(rows)
    lap()
    for (const user of who) rp3beta.unsave(user, rowOf(rows, user)[0]!)
    for (const user of who) rp3beta.save(user, rowOf(rows, user)[0]!)
    const rp3betaSeconds = lap()
    fitCooccurrence({ ...rows, itemCount: options.items }, cooccurrenceDefaults)
    const cooccurrenceFit = lap()
    const sequences = new IncrementalCooccurrence()
    for (let user = 0; user < options.users; user++) {
      for (const [time, item] of rowOf(rows, user).entries()) sequences.save({ user, item, time })
    }
    const cooccurrenceSeconds = lap()
    const updates = 2 * options.updates
    const saves = rows.items.length
    return {
      seed: SEED,
      options,
      rp3beta: figures(updates, rp3betaSeconds, rp3betaFit, rp3beta.memory),
      cooccurrence: figures(saves, cooccurrenceSeconds, cooccurrenceFit, sequences.memory),
      baseline: { name: 'a fit of all', rp3betaFit, cooccurrenceFit },
      digest: digestOf(rp3beta, sequences, options.items),
    }
  },
}

type Memory = { readonly pairs: number; readonly bytes: number }

/** `ratio`: updates in the time of one fit. */
function figures(updates: number, seconds: number, fitSeconds: number, memory: Memory) {
  const updatesPerSecond = Math.round(updates / seconds)
  const ratio = Math.round(fitSeconds * updatesPerSecond)
  return { updatesPerSecond, ratio, bytesPerPair: memory.bytes / memory.pairs, ...memory }
}

/** Seconds since it was asked last. */
function timer(clock: Clock): () => number {
  let last = clock.monotonic()
  return () => {
    const before = last
    last = clock.monotonic()
    return Math.max(1, Math.round(last - before)) / 1000
  }
}

function randomRows({ users, items, saves }: (typeof sizes)[keyof typeof sizes]): Rows {
  const random = new Random(SEED)
  const row = () => {
    const own = new Set<number>()
    while (own.size < saves) own.add(Math.floor(items * random.unit() ** 2))
    return [...own]
  }
  return rowsFrom(Array.from({ length: users }, row))
}

function digestOf(
  rp3beta: IncrementalRp3beta,
  sequences: IncrementalCooccurrence,
  items: number,
): string {
  const into = new Float64Array(items)
  rp3beta.score([0, 1, 2], into)
  sequences.query([0, 1, 2], into, () => {})
  let digest = 0
  for (const bits of new Uint32Array(into.buffer)) digest = hash32(bits, digest)
  return digest.toString(16)
}
