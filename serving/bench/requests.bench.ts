/**
 * What a request takes of a processor, over HTTP against the demo's server: feeds by generation,
 * events one by one and in batches. Quantiles of it are what `simulate cluster` is calibrated by.
 */
import { type Clock, Random } from '../../base/index.ts'
import { untilCalm } from '../../tests/deep-world.ts'
import { type Asked, feedOf, patient, RequestSeries } from '../../tests/request-series.ts'
import { startServer, stopServer } from '../../tests/setup/server.ts'

const sizes = {
  small: { asks: 4, warmUp: 2, feedsBefore: 2, trained: false },
  // A feed's code is as fast as it gets after some thousands of them.
  large: { asks: 600, warmUp: 100, feedsBefore: 4_000, trained: true },
} as const
const SEED = 1
const USERS = 2_000
const PINS = 2_000
const TRAINED_MS_MAX = 180_000

export const bench = {
  name: 'serving/requests',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const server = await startServer([], patient)
    const series = new RequestSeries(server.address, server.child.pid ?? 0, clock)
    try {
      if (options.trained) {
        await untilTrained(series, clock)
        await untilCalm(server, clock)
      }
      for (let n = 0; n < options.feedsBefore; n++) {
        await series.send(feedOf(`u${n % USERS}`, 'mixed'))
      }
      const feed = (generation: string) =>
        series.run(options, (n) => feedOf(`u${n % USERS}`, generation))
      const random = new Random(SEED)
      const batch = (events: number) => (n: number) =>
        batchOf({ name: `b${events}-${n}`, events, time: clock.now() }, () => ({
          user: `u${random.below(USERS)}`,
          pin: `p${random.below(PINS)}`,
        }))
      return {
        seed: SEED,
        options,
        mixed: await feed('mixed'),
        tags: await feed('tags'),
        collaborative: await feed('collaborative'),
        alive: await series.run(options, () => ({ method: 'GET', path: 'livez' })),
        event: await series.run(options, batch(1)),
        batch: { events: 100, ...(await series.run(options, batch(100))) },
      }
    } finally {
      series.close()
      await stopServer(server)
    }
  },
}

function batchOf(
  { name, events, time }: { readonly name: string; readonly events: number; readonly time: number },
  draw: () => { readonly user: string; readonly pin: string },
): Asked {
  const entries = Array.from({ length: events }, (_, i) => {
    return { kind: 'impression', id: `${name}-${i}`, time, ...draw() }
  })
  return { method: 'POST', path: 'v1/events', body: JSON.stringify({ entries }) }
}

async function untilTrained(series: RequestSeries, clock: Clock): Promise<void> {
  const began = clock.monotonic()
  while (!(await series.send(feedOf('u1', 'mixed'))).includes('"model":')) {
    if (clock.monotonic() - began > TRAINED_MS_MAX) throw new Error('no ranker in three minutes')
    await clock.sleep(250)
  }
}
