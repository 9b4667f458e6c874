/**
 * Documents of actors through a real sidecar into a real PostgreSQL, one request after the other:
 * CPU of a document by its size and by program, new, changed by its etag, and read.
 */
import { type Clock, Random } from '../../../base/index.ts'
import { secondsByProgram, secondsSince } from '../../../tests/program-times.ts'
import { startCluster } from '../../../tests/setup/cluster.ts'
import { DaprDocuments } from '../dapr/dapr-documents.ts'
import type { DocumentWrite, StoredDocument } from '../dapr/document-store.ts'

const sizes = {
  small: { documents: 64, perRequest: 32, stateBytes: [240, 2_600] },
  large: { documents: 10_240, perRequest: 256, stateBytes: [240, 700, 2_600, 16_000] },
} as const
const SEED = 1
/** At the end of a state, as of a trail that grows. */
const CHANGED_BYTES = 60

type Size = { readonly documents: number; readonly perRequest: number }

export const bench = {
  name: 'hosts/documents',

  async run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const cluster = await startCluster(1, clock)
    const store = new DaprDocuments(cluster.hosts[0]!.sidecar.httpPort)
    try {
      const runs: object[] = []
      for (const bytes of options.stateBytes) runs.push(await run(store, options, bytes, clock))
      return { seed: SEED, options, runs }
    } finally {
      await store.stop()
      await cluster.stop()
    }
  },
}

async function run(store: DaprDocuments, size: Size, bytes: number, clock: Clock) {
  const random = new Random(SEED)
  const bytesOf = (length: number) => Uint8Array.from({ length }, () => random.below(256))
  const states = Array.from({ length: size.documents }, () => bytesOf(bytes))
  const known = new Map<string, StoredDocument>()
  const keyOf = (n: number) => `Bench-${bytes}-${n}`

  /** Each request in its turn; `work` has the numbers of its documents. */
  const timed = async (work: (numbers: readonly number[]) => Promise<void>) => {
    const before = secondsByProgram(process.pid)
    const began = clock.monotonic()
    for (let from = 0; from < size.documents; from += size.perRequest) {
      await work(Array.from({ length: size.perRequest }, (_, n) => from + n))
    }
    const seconds = (clock.monotonic() - began) / 1000
    const spent = Object.entries(secondsSince(before, process.pid))
    const micros = spent.flatMap(([name, cpu]) => {
      return cpu > 0 ? [[name, Math.round((1e6 * cpu) / size.documents)]] : []
    })
    const documentsPerSecond = Math.round(size.documents / seconds)
    return { documentsPerSecond, cpuMicrosEach: Object.fromEntries(micros) }
  }
  const write = (numbers: readonly number[]) => {
    const writes = numbers.map((n): DocumentWrite => {
      const etag = known.get(keyOf(n))?.etag
      const document = { applied: new Map([[0, n]]), state: states[n]!, answered: [] }
      return { key: keyOf(n), document, ...(etag !== undefined && { etag }) }
    })
    return store.write(writes)
  }
  const read = async (numbers: readonly number[]) => {
    for (const [key, document] of await store.read(numbers.map(keyOf))) known.set(key, document)
  }
  const change = () => {
    for (const [n, state] of states.entries()) {
      states[n] = Buffer.concat([state.subarray(CHANGED_BYTES), bytesOf(CHANGED_BYTES)])
    }
  }

  const fresh = await timed(write)
  await timed(read)
  // A piece is kept apart once it was the same twice: what a change costs is told of the second.
  change()
  await timed(write)
  await timed(read)
  change()
  return { stateBytes: bytes, fresh, changed: await timed(write), read: await timed(read) }
}
