/**
 * A large world in a data directory, with rankers that have the sizes of trained ones and learned
 * nothing: what a request costs does not hang on what they learned.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { type Clock, Random } from '../base/index.ts'
import {
  deepDefaults,
  deepFeatureNames,
  factorBounds,
  featureNames,
  modelsDirectory,
  modelVersion,
  saveModel,
  trainRanker,
} from '../ranking/index.ts'
import { randomDeepBytes } from '../ranking/rankers/deep/testing.ts'
import { plantedRows } from '../ranking/training/testing.ts'
import { watchProcess } from './process-watch.ts'
import type { RunningServer } from './setup/server.ts'

const SEED = 1
/** A server that nobody asks takes less of a core. */
const CALM_CORES = 0.1
const LOOK_MS = 1_000
const LOOKS_MAX = 90
/** On a machine that has much else to do a ranker takes minutes to open. */
const FULL_MS_MAX = 600_000
/** Saves that stay within a user's topic. */
const FAITHFUL = 0.8

export type DeepWorld = { readonly [name in 'pins' | 'users' | 'saves' | 'topics']: number }

export async function importWorld(world: DeepWorld, folder: string, data: string): Promise<void> {
  const { pins, users, saves, topics } = world
  const random = new Random(SEED)
  const file = join(folder, 'train.txt')
  const out = createWriteStream(file)
  const perTopic = Math.floor(pins / topics)
  for (let user = 0; user < users; user++) {
    const own = random.below(topics)
    const saved = Array.from({ length: saves }, () => {
      const topic = random.unit() < FAITHFUL ? own : random.below(topics)
      return Math.floor(perTopic * random.unit() ** 4) * topics + topic
    })
    if (!out.write(`${user} ${[...new Set(saved)].join(' ')}\n`)) await once(out, 'drain')
  }
  // So that every pin is there, saved or not.
  const every = Array.from({ length: pins }, (_, pin) => pin)
  for (let from = 0; from < pins; from += 1_000) {
    out.write(`${users + from} ${every.slice(from, from + 1_000).join(' ')}\n`)
  }
  out.end()
  await once(out, 'finish')
  const words = ['serving/pinwheel.mjs', 'import', '--format', 'lightgcn', file, '--data', data]
  const [code] = await once(spawn(process.execPath, words, { stdio: 'ignore' }), 'exit')
  if (code !== 0) throw new Error(`the import ended with ${code}`)
}

/** The small one, too: nothing is trained beside the requests then. */
export async function placeRankers(
  data: string,
  { pins, pinRows }: { readonly pins: number; readonly pinRows: number },
  clock: Clock,
): Promise<void> {
  // Low numbers are saved most.
  const factored = Array.from(
    { length: Math.min(pins, factorBounds.pinsMax) },
    (_, pin) => `${pin}`,
  )
  const bytes = randomDeepBytes({ ...deepDefaults, pinRows }, SEED, factored)
  await saveModel(modelsDirectory(data, 'deep'), bytes, {
    version: modelVersion(bytes),
    kind: 'deep',
    inputs: deepFeatureNames,
    metrics: {},
    entries: 0,
    trainedAt: clock.now(),
    range: { from: 0, to: 0 },
  })
  const rows = plantedRows(featureNames, { count: 400, seed: SEED }, (f) => f[0]!)
  const light = trainRanker(rows, { epochs: 1 })
  await saveModel(modelsDirectory(data, 'light'), light.bytes, {
    version: light.version,
    inputs: featureNames,
    metrics: {},
    entries: 0,
    trainedAt: clock.now(),
    range: light.range,
  })
}

/** Until `rung` says that the deep ranker answers: while it is opened a lower one may, or none. */
export async function untilFull(rung: () => Promise<string>, clock: Clock): Promise<void> {
  const began = clock.monotonic()
  while ((await rung().catch(() => 'none')) !== 'full') {
    if (clock.monotonic() - began > FULL_MS_MAX)
      throw new Error(`no deep ranker after ${FULL_MS_MAX} ms`)
    await clock.sleep(250)
  }
}

/** What a start leaves to be built in the background is built. */
export async function untilCalm({ child }: RunningServer, clock: Clock): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const taken = watchProcess(child.pid ?? 0, clock)
    await clock.sleep(LOOK_MS)
    if (taken().cores < CALM_CORES) return
  }
}
