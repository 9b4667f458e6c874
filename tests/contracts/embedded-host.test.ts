/** The host contract on the embedded host: real threads, real files. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Recommender, Runtime } from '../../actors/index.ts'
import { Random, silentLogger, systemClock } from '../../base/index.ts'
import { type ContractHost, contractKinds, hostContract } from './host.ts'
import { counterActor, tallyActor } from './test-actors.ts'

async function startEmbedded(workers: number): Promise<ContractHost> {
  const directory = mkdtempSync(join(tmpdir(), 'pinwheel-contract-'))
  const module = new URL('./test-actors.ts', import.meta.url).href
  const open = () =>
    Runtime.start({
      directory,
      workers,
      partitions: 2,
      usersMax: 2_000,
      pinsMax: 2_000,
      boardsMax: 2_000,
      tagsMax: 1_000,
      clock: systemClock,
      logger: silentLogger,
      kinds: contractKinds,
      types: [
        { type: counterActor, module, exported: 'counterActor', space: 'actor' },
        { type: tallyActor, module, exported: 'tallyActor', space: 'user' },
      ],
    })
  let runtime = await open()
  return {
    emits: true,
    ask: (type, id, method, argument) => runtime.asks.ask(type, id, method, argument),
    append: async (entries) => {
      await runtime.ingest(entries)
      await runtime.settled()
    },
    ideas: async (board, ask) => {
      const common = { runtime, clock: systemClock, random: new Random(1) }
      const recommender = new Recommender({ ...common, deadlineMs: 2_000 })
      const more = { generation: 'mixed', exclude: [], explain: false } as const
      const { request: _name, ...answer } = await recommender
        .forBoard({ board, ...ask, ...more })
        .finally(() => recommender.close())
      return answer
    },
    build: () => runtime.buildEpoch(),
    redeliver: () => runtime.redeliver(),
    evict: (type, id) => runtime.evict(type, id),
    restart: async () => {
      await runtime.stop()
      runtime = await open()
    },
    deadLetters: () => runtime.deadLetters,
    stop: async () => {
      await runtime.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

hostContract('embedded, one worker', () => startEmbedded(1))
hostContract('embedded, two workers', () => startEmbedded(2))
