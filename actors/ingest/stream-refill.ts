/**
 * A cluster's stream in the place of the one before: that is shut first, so that nobody appends
 * what would be lost with it; then it goes, and a new one begins at a sequence that is newer than
 * all of it. What is appended has the sequences that were foretold for it, or is refused.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import {
  fillSubject,
  refillSettings,
  type StreamOptions,
  shutSettings,
  streamName,
  wantedStreams,
} from './stream.ts'

type Ports = { readonly js: JetStreamClient; readonly jsm: JetStreamManager }

/** A frame as it lies in the stream. */
export type StreamMessage = { readonly partition: number; readonly data: Uint8Array }

/** Messages that are on their way at one time. */
const TOGETHER = 256

/** Hosts refuse it from now on, and nobody can append. */
export async function shutStream({ jsm }: Ports, cluster: string): Promise<void> {
  const name = streamName(cluster)
  const { config } = await jsm.streams.info(name)
  await jsm.streams.update(name, { ...config, ...shutSettings(config) })
}

/** An empty one, which nobody can append to by the subjects that are known. */
export async function makeStream(
  { jsm }: Ports,
  options: StreamOptions,
  first: number,
): Promise<void> {
  const [log] = wantedStreams(options)
  await jsm.streams.add(refillSettings(log, options.cluster, first))
}

/** Appends what follows the message with the sequence `last`; `onStored` hears of each. */
export async function refill(
  { js }: Ports,
  { cluster, last }: { readonly cluster: string; readonly last: number },
  messages: AsyncIterable<StreamMessage>,
  onStored: (sequence: number) => void,
): Promise<void> {
  let sequence = last
  const waiting: Promise<unknown>[] = []
  for await (const { partition, data } of messages) {
    const expect = { lastSequence: sequence++ }
    const published = js.publish(fillSubject(cluster, partition), data, { expect })
    const stored = published.then(({ seq }) => onStored(seq))
    // One that is refused is heard of when its turn comes.
    stored.catch(() => {})
    waiting.push(stored)
    if (waiting.length === TOGETHER) await waiting.shift()
  }
  await Promise.all(waiting)
}
