/**
 * As `serving/requests`, in the large world of generation 3, with a deep ranker: what a feed of each
 * generation takes of a processor among a million pins.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, Random } from '../../base/index.ts'
import { importWorld, placeRankers, untilCalm, untilFull } from '../../tests/deep-world.ts'
import { feedOf, patient, RequestSeries } from '../../tests/request-series.ts'
import { startServer, stopServer } from '../../tests/setup/server.ts'

const sizes = {
  small: { asks: 4, warmUp: 2, pins: 2_000, users: 300, saves: 20, topics: 20, pinRows: 1_024 },
  large: {
    asks: 300,
    warmUp: 40,
    pins: 1_000_000,
    users: 250_000,
    saves: 20,
    topics: 100,
    pinRows: 262_144,
  },
} as const
const SEED = 1

export const bench = {
  name: 'serving/deep-requests',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const folder = await mkdtemp(join(tmpdir(), 'pinwheel-requests-'))
    try {
      const data = join(folder, 'data')
      await importWorld(options, folder, data)
      await placeRankers(data, options, clock)
      const server = await startServer(['--data', data], patient)
      const series = new RequestSeries(server.address, server.child.pid ?? 0, clock)
      try {
        await untilFull(() => series.rung('1', 'deep'), clock)
        await untilCalm(server, clock)
        const random = new Random(SEED)
        const feed = (generation: string) =>
          series.run(options, () => feedOf(`${random.below(options.users)}`, generation))
        return {
          seed: SEED,
          options,
          mixed: await feed('mixed'),
          tags: await feed('tags'),
          collaborative: await feed('collaborative'),
          deep: await feed('deep'),
        }
      } finally {
        series.close()
        await stopServer(server)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}
