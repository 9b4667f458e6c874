/** The process that is killed: an embedded host that takes work and questions from its parent. */
// Past the rooms' indices: a host of its own needs no sidecar, and starts twice as fast.
import { Runtime } from '../../actors/hosts/embedded/runtime.ts'
import { silentLogger, systemClock } from '../../base/index.ts'
import type { Question, Seen, Work } from '../../simulator/checkers/process/oracle.ts'
import { counterActor, emitterOf, tallyActor } from '../contracts/test-actors.ts'
import { type Crash, crashDisk, lateDisk } from './crash-disk.ts'
import type { Mutant } from './victim.ts'

export type ChildSetup = {
  readonly directory: string
  readonly crash?: Crash
  readonly mutant?: Mutant
}
export type Request = Work | ({ readonly what: 'look' } & Question) | { readonly what: 'end' }
export type ToChild = { readonly number: number; readonly request: Request }
/** The answer to the request of that number; 0 says that the host is ready. */
export type FromChild = {
  readonly number: number
  readonly refusal?: string
  readonly seen?: Seen
}

const { directory, crash, mutant } = JSON.parse(process.argv[2]!) as ChildSetup
const disk = mutant === 'acknowledges-early' ? lateDisk : crash && crashDisk(crash)
const say = (message: FromChild) => process.send!(message)

const module = new URL('../contracts/test-actors.ts', import.meta.url).href
const runtime = await Runtime.start({
  directory,
  workers: 1,
  partitions: 2,
  usersMax: 10_000,
  pinsMax: 1_000_000,
  boardsMax: 10_000,
  tagsMax: 1_000,
  clock: systemClock,
  logger: silentLogger,
  bulk: true,
  // Small, so that segments are made while it runs.
  snapshotBytes: 8_000,
  files: { segmentBytes: 16_384, ...(disk && { disk }) },
  types: [
    { type: counterActor, module, exported: 'counterActor', space: 'actor' },
    { type: tallyActor, module, exported: 'tallyActor', space: 'user' },
  ],
})

const [TRIES, AGAIN_MS] = [100, 50]

async function look({ pins, counters }: Question): Promise<Seen> {
  await runtime.settled()
  const known = pins.map((id) => runtime.names.pin.find(id))
  const cards = await runtime.cards(known.filter((pin) => pin >= 0) as never)
  let at = 0
  const saves = known.map((pin) => (pin < 0 ? -1 : (cards[at++]?.saves ?? -1)))
  const sums = await Promise.all(counters.map((id) => runtime.asks.ask('Counter', id, 'get')))
  return { saves, sums: sums as number[], told: await told(counters, sums as number[]) }
}

/** Events that counters emitted; a host that has just started may be sending the last ones. */
async function told(counters: readonly string[], sums: readonly number[]): Promise<number[]> {
  for (let tries = 0; ; tries++) {
    const counts = await Promise.all(counters.map(toldOf))
    const isComplete = counts.every((count, i) => count >= sums[i]!)
    if (isComplete || tries === TRIES) return counts
    await systemClock.sleep(AGAIN_MS)
  }
}

async function toldOf(counter: string): Promise<number> {
  const user = emitterOf(counter)
  if (runtime.names.user.find(user) < 0) return 0
  return (await runtime.asks.ask('Tally', user, 'entries')) as number
}

async function answer(request: Request): Promise<Omit<FromChild, 'number'>> {
  switch (request.what) {
    case 'save': {
      const { entries } = request
      if (mutant === 'applies-twice') {
        void runtime.ingest(entries.map((entry) => ({ ...entry, id: `again ${entry.id}` })))
      }
      await runtime.ingest(entries)
      return {}
    }
    case 'add':
      await runtime.asks.ask('Counter', request.counter, 'addAndTell', 1)
      return {}
    case 'look':
      return { seen: await look(request) }
    case 'end':
      await runtime.stop()
      process.disconnect()
      return {}
  }
}

process.on('message', ({ number, request }: ToChild) => {
  answer(request).then(
    (given) => process.connected && say({ number, ...given }),
    (error: unknown) => say({ number, refusal: String(error) }),
  )
})
// Its parent has gone: nobody would end it.
process.once('disconnect', () => process.exit())
say({ number: 0 })
