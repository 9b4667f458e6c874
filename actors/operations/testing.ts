/** Real data directories for the tests of operations. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { type Entry, Random, silentLogger, systemClock } from '../../base/index.ts'
import { Runtime } from '../hosts/embedded/runtime.ts'
import type { RuntimeOptions } from '../hosts/embedded/runtime-options.ts'
import { realDisk } from '../log/index.ts'
import { LmdbStates } from '../store/index.ts'
import { threadSignals } from '../worker/block-ring.ts'
import { channelOver } from '../worker/channel.ts'
import type { FromWorker, ToWorker } from '../worker/messages.ts'
import { serve } from '../worker/serve.ts'
import type { Threads, WorkerEnd } from '../worker/threads.ts'

/** Folders below one that `clear` takes away. */
export function scratchFolders(name: string) {
  const root = mkdtempSync(join(tmpdir(), `pinwheel-${name}-test-`))
  let made = 0
  return {
    next: () => join(root, String(made++)),
    clear: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** A small host with small segments, so that there are many. */
export function startSmall(
  directory: string,
  more: Partial<RuntimeOptions> = {},
): Promise<Runtime> {
  return Runtime.start({
    directory,
    workers: 1,
    partitions: 3,
    usersMax: 2_000,
    pinsMax: 2_000,
    boardsMax: 2_000,
    tagsMax: 500,
    files: { segmentBytes: 3_000 },
    bulk: true,
    clock: systemClock,
    logger: silentLogger,
    ...more,
  })
}

/**
 * Workers on the test's own thread, over real ports, rings and files: where a test starts dozens of
 * hosts to look at what they read, it is spared the thread's start, most of which is imports.
 */
export const inlineThreads: Threads = {
  signals: threadSignals,
  start(setup, onEnd) {
    const { port1: host, port2: worker } = new MessageChannel()
    let end: WorkerEnd = { reason: 'it ended with 0', isError: false }
    host.on('close', () => onEnd(end))
    const channel = channelOver<FromWorker, ToWorker>(worker, () => worker.close())
    const loadType = () => Promise.reject(new Error('no types beside users and pins here'))
    const openCold = (path: string) => LmdbStates.create(path)
    const home = { clock: systemClock, signals: threadSignals, loadType, openCold, disk: realDisk }
    serve(channel, structuredClone(setup), home).catch((error: unknown) => {
      end = { reason: String(error), isError: true }
      worker.close()
    })
    return channelOver<ToWorker, FromWorker>(host, () => host.close())
  },
}

/** Ids that are parts of each other, and such as need more than a byte a letter. */
export const oddUsers = ['anna', 'anna1', 'anna12', 'ann', 'änna 木', 'änna', 'b'] as const

/** Entries of every kind by those users and some more. */
export function entries(seed: number, count: number): Entry[] {
  const random = new Random(seed)
  const users = [...oddUsers, ...Array.from({ length: 13 }, (_, n) => `user ${n}`)]
  return Array.from({ length: count }, (_, n): Entry => {
    const [time, id] = [1e12 + n, `e${seed} ${n}`]
    const user = users[random.below(users.length)]!
    const pin = `p${random.below(60)}`
    switch (random.below(9)) {
      case 0:
        return { kind: 'pin', id: pin, time, title: `Pin ${n}`, tags: [`t${n % 5}`] }
      case 1:
        return { kind: 'board', id: `of ${user}`, time, user, title: `Things of ${user}` }
      case 2:
        return { kind: 'save', id, time, user, pin, board: `of ${user}` }
      case 3:
        return { kind: 'follow-topic', id, time, user, topic: `t${n % 5}` }
      case 4:
        return { kind: 'closeup', id, time, user, pin, context: { rank: 1 } }
      case 5:
        return { kind: 'unsave', id, time, user, pin }
      case 6:
        return { kind: 'user', id: user, time }
      default:
        return { kind: 'save', id, time, user, pin }
    }
  })
}

/** Appends them in small requests. */
export async function ingest(runtime: Runtime, all: readonly Entry[], size = 20): Promise<void> {
  for (let from = 0; from < all.length; from += size) {
    await runtime.ingest(all.slice(from, from + size))
  }
}
