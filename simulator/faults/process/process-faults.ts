/**
 * What goes wrong around a real server. Each strikes once, waits until it is over, and tells when
 * nothing hindered the server any more: from then on it is to recover.
 */
import type { Clock, Random } from '../../../base/index.ts'
import { LEVERS_POLL_MS } from './levers.ts'
import { fill } from './tight-disk.ts'
import type { VictimServer } from './victim-server.ts'

export type Struck = {
  readonly server: VictimServer
  readonly clock: Clock
  readonly random: Random
}

export type ProcessFault = {
  readonly name: string
  /** What of it is real. */
  readonly how: string
  /** Needs a disk of its own, which can be filled. */
  readonly needsTightDisk?: true
  /** Resolves to the instant of `clock.monotonic()` from which recovery counts. */
  readonly strike: (struck: Struck) => Promise<number>
}

/** Further than an entry may be ahead. */
const STEP_MS = 2 * 86_400_000

/** Holds for a while and lets go. */
const holds =
  (least: number, most: number, hold: (struck: Struck) => () => void): ProcessFault['strike'] =>
  async (struck) => {
    const letGo = hold(struck)
    try {
      await struck.clock.sleep(least + struck.random.below(most - least))
    } finally {
      letGo()
    }
    return struck.clock.monotonic()
  }

export const processFaults: readonly ProcessFault[] = [
  {
    name: 'kill',
    how: 'SIGKILL; started again at once, recovery counts from the kill',
    strike: async ({ server, clock }) => {
      const at = clock.monotonic()
      await server.kill()
      await server.start()
      return at
    },
  },
  {
    name: 'pause',
    how: 'SIGSTOP for .3 to 2.5 s',
    strike: holds(300, 2_500, ({ server }) => {
      server.pause()
      return () => server.resume()
    }),
  },
  {
    name: 'connections reset',
    how: 'a proxy in front resets every connection, ten times in a second',
    strike: async ({ server, clock, random }) => {
      for (let cut = 0; cut < 10; cut++) {
        server.cut()
        await clock.sleep(random.below(200))
      }
      return clock.monotonic()
    },
  },
  {
    name: 'slow disk',
    how: 'every flush takes 50 to 350 ms longer, for 1 to 2 s; the device itself is not slowed',
    strike: holds(1_000, 2_000, ({ server, random }) => {
      server.pull({ flushMs: 50 + random.below(300) })
      return () => server.pull({})
    }),
  },
  {
    name: 'kill on a slow disk',
    how: 'SIGKILL while flushes take 200 ms longer: more is under way',
    strike: async ({ server, clock }) => {
      server.pull({ flushMs: 200 })
      await clock.sleep(500)
      const at = clock.monotonic()
      await server.kill()
      server.pull({})
      await server.start()
      return at
    },
  },
  {
    name: 'stop in order',
    how: 'SIGINT under load; started again, recovery counts from its end',
    strike: async ({ server, clock }) => {
      const code = await server.stop()
      const at = clock.monotonic()
      if (code !== 0) server.surprises.push(`a stop in order ended with code ${code}`)
      await server.start()
      return at
    },
  },
  {
    name: 'clock back',
    how: 'Date.now of every thread steps back two days; the clock of the machine does not',
    strike: holds(500, 1_500, ({ server }) => {
      server.pull({ clockMs: -STEP_MS })
      return () => server.pull({})
    }),
  },
  {
    name: 'clock forward',
    how: 'Date.now of every thread steps forward two days; the clock of the machine does not',
    strike: holds(500, 1_500, ({ server }) => {
      server.pull({ clockMs: STEP_MS })
      return () => server.pull({})
    }),
  },
  {
    name: 'full disk',
    how: 'a file system in memory, filled to the last byte for .5 to 1.5 s',
    needsTightDisk: true,
    strike: holds(500 + LEVERS_POLL_MS, 1_500, ({ server }) => fill(server.directory)),
  },
]
