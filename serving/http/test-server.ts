/** A server over a MemoryRecommender with a handful of pins, for the tests of this folder. */
import { type Entry, ManualClock, silentLogger } from '../../base/index.ts'
import { MemoryRecommender } from './memory-recommender.ts'
import type { Recommender } from './recommender-port.ts'
import { createServer, type Server, type ServerOptions } from './server.ts'

export const testNow = 1_750_000_000_000

/** Pins p0 to p19 of two topics; u1 has saved p0. */
export const testEntries: readonly Entry[] = [
  ...Array.from({ length: 20 }, (_, i): Entry => {
    const topic = i % 2 === 0 ? 'boats' : 'bread'
    const title = `${topic} number ${i}`
    return { kind: 'pin', id: `p${i}`, time: testNow - 1000, title, topic, tags: [topic] }
  }),
  { kind: 'user', id: 'u0', time: testNow - 900 },
  { kind: 'save', id: 'e0', time: testNow - 800, user: 'u1', pin: 'p0' },
]

export async function testServer(
  options: Partial<ServerOptions> = {},
): Promise<{ readonly server: Server; readonly recommender: Recommender }> {
  const recommender = options.recommender ?? new MemoryRecommender()
  await recommender.ingest(testEntries)
  const clock = new ManualClock(testNow)
  const server = createServer({ clock, logger: silentLogger, ...options, recommender })
  return { server, recommender }
}

/** What a body of an error says. */
export type ErrorBody = {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details: Readonly<Record<string, unknown>>
  }
}
