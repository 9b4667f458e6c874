/** The process that is killed: an embedded host that takes batches and asks from its parent. */
import { Runtime } from '../../actors/index.ts'
import { type Entry, silentLogger, systemClock } from '../../base/index.ts'
import { counterActor } from '../contracts/test-actors.ts'
import { type Crash, crashDisk, lateDisk } from './crash-disk.ts'

/** Bugs that are planted to see that the oracle finds them. */
export type Mutant = 'acknowledges-early' | 'applies-twice'
export type ChildSetup = {
  readonly directory: string
  readonly crash?: Crash
  readonly mutant?: Mutant
}
export type ToChild =
  | { readonly what: 'ingest'; readonly batch: number; readonly entries: readonly Entry[] }
  | { readonly what: 'count'; readonly batch: number; readonly counter: string }
  | {
      readonly what: 'look'
      readonly pins: readonly string[]
      readonly counters: readonly string[]
    }
  | { readonly what: 'end' }
export type FromChild =
  | { readonly what: 'ready' }
  | { readonly what: 'done'; readonly batch: number }
  | { readonly what: 'refused'; readonly batch: number; readonly reason: string }
  /** Saves of each pin (-1 for one never heard of), sums of counters, and the digest of all. */
  | {
      readonly what: 'seen'
      readonly saves: readonly number[]
      readonly sums: readonly number[]
      readonly digest: string
    }

const { directory, crash, mutant } = JSON.parse(process.argv[2]!) as ChildSetup
const disk = mutant === 'acknowledges-early' ? lateDisk : crash && crashDisk(crash)
const say = (message: FromChild) => process.send!(message)

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
  files: { segmentBytes: 16_384, ...(disk && { disk }) },
  types: [
    {
      type: counterActor,
      module: new URL('../contracts/test-actors.ts', import.meta.url).href,
      exported: 'counterActor',
      space: 'actor',
    },
  ],
})

async function look(pins: readonly string[], counters: readonly string[]): Promise<void> {
  await runtime.settled()
  const known = pins.map((id) => runtime.names.pin.find(id))
  const cards = await runtime.cards(known.filter((pin) => pin >= 0) as never)
  let at = 0
  const saves = known.map((pin) => (pin < 0 ? -1 : (cards[at++]?.saves ?? -1)))
  const sums = await Promise.all(counters.map((id) => runtime.asks.ask('Counter', id, 'get')))
  say({ what: 'seen', saves, sums: sums as number[], digest: await runtime.digest() })
}

async function answer(batch: number, work: Promise<unknown>): Promise<void> {
  try {
    await work
    say({ what: 'done', batch })
  } catch (error) {
    say({ what: 'refused', batch, reason: String(error) })
  }
}

process.on('message', (message: ToChild) => {
  if (message.what === 'ingest') {
    const { batch, entries } = message
    if (mutant === 'applies-twice') {
      void runtime.ingest(entries.map((entry) => ({ ...entry, id: `again ${entry.id}` })))
    }
    void answer(batch, runtime.ingest(entries))
  } else if (message.what === 'count') {
    void answer(message.batch, runtime.asks.ask('Counter', message.counter, 'add', 1))
  } else if (message.what === 'look') void look(message.pins, message.counters)
  else void runtime.stop().then(() => process.disconnect())
})
say({ what: 'ready' })
