/**
 * What may go wrong in a run: each fault by itself, struck at a moment that the seed chooses. One
 * that cannot strike now (the host is down, say) says so and is tried again a little later.
 */
import type { Random } from '../../base/index.ts'
import { damaged, damages } from './disk-damage.ts'
import type { Network } from './network.ts'
import type { HostSizes, OperatedHost } from './operated-host.ts'
import type { SimulatedThreads } from './simulated-threads.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What faults work on. One disk may replace another: what ends must end on the one it began on. */
export type World = {
  readonly time: VirtualTime
  readonly random: Random
  readonly host: OperatedHost
  readonly network: Network
  /** Outside ids of users and pins that may be known. */
  readonly ids: { readonly users: readonly string[]; readonly pins: readonly string[] }
}

export type Fault = {
  readonly name: string
  /** Whether it ends the host's life: a start is dear, so a run has few of them. */
  readonly ends: boolean
  /** Of hosts where it can strike at all. */
  readonly fits?: (sizes: HostSizes) => boolean
  /** False when it cannot strike now. */
  readonly strike: (world: World) => boolean
}

const DAY_MS = 86_400_000
/** More than a client waits for its answer, and much less. */
const pauseMs = (random: Random) => (random.below(2) === 0 ? 30 : 400) + random.below(200)

const oneOf = <T>(random: Random, of: readonly T[]): T => of[random.below(of.length)]!
const alive = ({ workers }: SimulatedThreads) => workers.filter(({ process }) => process.isAlive)

const lasting = (name: string, strike: Fault['strike']): Fault => ({ name, ends: false, strike })
const ending = (name: string, strike: Fault['strike']): Fault => ({ name, ends: true, strike })

/** On the life that serves. */
const whileServing =
  (strike: (world: World, life: NonNullable<OperatedHost['serving']>) => void): Fault['strike'] =>
  (world) => {
    const life = world.host.serving
    if (life) strike(world, life)
    return life !== undefined
  }

const kill = ending('kill of the process', ({ host }) => {
  if (!host.life) return false
  host.end('kill')
  return true
})

const killTwice = ending('kill during recovery', ({ host, time, random }) => {
  if (!host.life) return false
  host.end('kill')
  const strikeAgain = () => {
    // Between two steps of the start, if it is under way.
    if (host.life && !host.serving) host.end('kill')
    else if (!host.life) time.after(1, strikeAgain)
  }
  time.after(random.below(45), strikeAgain)
  return true
})

const powerLoss: Fault = {
  ...ending('power loss', ({ host }) => {
    if (!host.life) return false
    host.end('power loss')
    return true
  }),
  // What is acknowledged when it is written is not promised to survive it.
  fits: ({ acknowledge }) => acknowledge === 'flushed',
}

const flushFails = ending('a flush fails', ({ host, random }) => {
  if (!host.serving) return false
  host.disk.failFlushes(1, random)
  return true
})

const flushesFail = ending('every flush fails for a while', ({ host, random, time }) => {
  if (!host.serving) return false
  const { disk } = host
  disk.failFlushes(Number.POSITIVE_INFINITY, random)
  time.after(60 + random.below(100), () => disk.failFlushes(0, random))
  return true
})

const silentDamage: readonly Fault[] = damages.map((damage) =>
  ending(damage, ({ host, random }) => {
    const disk = host.serving && damaged(host.disk, damage, random)
    if (disk) host.damage(disk)
    return disk !== undefined
  }),
)

const stop = ending('stop', ({ host, time }) => {
  if (!host.serving) return false
  host.stop().then(() => time.after(5, () => host.life ?? host.start()))
  return true
})

const pauseOfProcess = lasting(
  'pause of the process',
  whileServing(({ time, random }, { process }) => {
    process.pause()
    time.after(pauseMs(random), () => process.resume())
  }),
)

const pauseOfWorker = lasting('pause of a worker', ({ host, time, random }) => {
  const workers = host.serving ? alive(host.serving.threads) : []
  // It may just have ended.
  if (workers.length === 0) return false
  const { process } = oneOf(random, workers)
  process.pause()
  time.after(pauseMs(random), () => process.resume())
  return true
})

const workerEnds = lasting('a worker ends', ({ host, random }) => {
  const workers = host.serving ? alive(host.serving.threads) : []
  if (workers.length === 0) return false
  oneOf(random, workers).end('a fault')
  return true
})

const evictions = lasting(
  'actors leave memory',
  whileServing(({ ids, random }, { process, runtime }) => {
    const some = (of: readonly string[]) => of.filter(() => random.below(2) === 0)
    process.do(() => {
      // An id that nobody has used yet is refused: there is nobody to leave.
      for (const id of some(ids.users)) runtime.evict('User', id).catch(() => {})
      for (const id of some(ids.pins)) runtime.evict('Pin', id).catch(() => {})
    })
  }),
)

/** Of actors that have left memory, some of them just now. */
const stateDamaged = lasting(
  'states out of memory are damaged',
  whileServing((world, { threads }) => {
    evictions.strike(world)
    world.time.after(10, () => {
      for (const { states } of alive(threads)) states.damage(world.random)
    })
  }),
)

/** The newest; what a start does without it is the law's business. */
const damageSnapshot: Fault['strike'] = ({ host, random }) => {
  if (!host.serving) return false
  const whole = [...host.disk.files.keys()].filter((path) => path.endsWith('/manifest.json')).sort()
  const folder = whole.at(-1)?.slice(0, -'manifest.json'.length)
  if (folder === undefined) return false
  const files = [...host.disk.files.keys()].filter((path) => path.startsWith(folder))
  const path = oneOf(random, files)
  const bytes = host.disk.files.get(path)!.bytes.slice()
  bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
  host.end('kill')
  host.disk.put(path, bytes)
  return true
}
const snapshotDamaged: Fault = {
  ...ending('a base snapshot is damaged', damageSnapshot),
  fits: ({ snapshotBytes }) => snapshotBytes !== undefined,
}

const fullDisk = lasting('full disk', ({ host, time, random }) => {
  const { disk } = host
  disk.room = random.below(400)
  time.after(100 + random.below(200), () => {
    disk.room = Number.POSITIVE_INFINITY
  })
  return true
})

const slowDisk = lasting('slow disk', ({ host, time, random }) => {
  const { disk } = host
  disk.slowness = 10 + random.below(90)
  time.after(100 + random.below(200), () => {
    disk.slowness = 1
  })
  return true
})

const clockForward = lasting('clock a day forward', ({ host }) => {
  host.jump(DAY_MS)
  return true
})

const clockBack = lasting('clock a day back', ({ host }) => {
  host.jump(-DAY_MS)
  return true
})

const answersLost = lasting('answers lost', ({ network, random }) => {
  network.answersToLose += 1 + random.below(3)
  return true
})

const requestsLost = lasting('requests lost', ({ network, random }) => {
  network.requestsToLose += 1 + random.below(3)
  return true
})

export const faults: readonly Fault[] = [
  kill,
  killTwice,
  powerLoss,
  flushFails,
  flushesFail,
  ...silentDamage,
  snapshotDamaged,
  stop,
  pauseOfProcess,
  pauseOfWorker,
  workerEnds,
  stateDamaged,
  fullDisk,
  slowDisk,
  clockForward,
  clockBack,
  answersLost,
  requestsLost,
  evictions,
]
