/**
 * Bugs that only a test plants. What is tested is the real code: each bug lies in a port that is
 * handed to it, in what its calls pass through, or in an actor, and stands for an error that the
 * code could have, or had. Each names the law that must find it.
 */
import type {
  Answers,
  AnyActorType,
  DocumentStore,
  DocumentWrite,
  Sending,
  StoredDocument,
} from '../../actors/index.ts'
import { type Clock, errorCode } from '../../base/index.ts'
import type { ClusterBugs, ShardServer } from '../faults/index.ts'
import { hostedTypes, miscountingPin, splitMindingPin } from './dapr-actors.ts'
import type { DaprLawName } from './dapr-laws.ts'

export type DaprMutant = {
  readonly breaks: DaprLawName
  readonly plant: () => ClusterBugs
  /** A seed that has found it, where the first ones do not and each takes long. */
  readonly found?: number
}

/** Changes what hosts read and write. */
const documents =
  (change: (store: DocumentStore, host: string) => Partial<DocumentStore>) => (): ClusterBugs => ({
    documents: (store, host) => ({
      read: (keys) => store.read(keys),
      write: (writes) => store.write(writes),
      ...change(store, host),
    }),
  })

/**
 * Changes documents on their way to the store, and on their way back to who brings them in. Who
 * reads what it has just written sees just that.
 */
const between =
  (change: {
    readonly write?: (writes: readonly DocumentWrite[]) => readonly DocumentWrite[]
    readonly read?: (key: string, document: StoredDocument) => StoredDocument
  }) =>
  (): ClusterBugs => ({
    documents: (store) => {
      const written = new Map<string, DocumentWrite>()
      return {
        write: async (writes) => {
          for (const write of writes) written.set(write.key, write)
          await store.write(change.write?.(writes) ?? writes)
        },
        read: async (keys) => {
          const found = await store.read(keys)
          for (const key of keys) {
            const own = written.get(key)
            const stored = found.get(key)
            written.delete(key)
            if (own) found.set(key, { ...own.document, etag: stored?.etag ?? 'none' })
            else if (stored && change.read) found.set(key, change.read(key, stored))
          }
          return found
        },
      }
    },
  })

/** Changes what a host answers to its sidecar; `next` counts the calls. */
const server =
  (change: (real: ShardServer, next: () => number) => ShardServer['answer']) => (): ClusterBugs => {
    let calls = 0
    return {
      serve: (real) => ({
        answer: change(real, () => calls++),
        deactivate: (type, shard) => real.deactivate(type, shard),
      }),
    }
  }

/** The clock that shards have: for them no time passes. */
const stopped = (clock: Clock): Clock => ({
  now: () => clock.now(),
  monotonic: () => 0,
  sleep: (ms, signal) => clock.sleep(ms, signal),
  every: (ms, task) => clock.every(ms, task),
  yield: () => clock.yield(),
})

/** Other pins than the real ones. */
const pinInstead =
  (pin: AnyActorType): NonNullable<ClusterBugs['types']> =>
  (names, folded) =>
    hostedTypes(names, folded).map((hosted) =>
      hosted.type.name === 'Pin' ? { ...hosted, type: pin } : hosted,
    )

export const daprMutants = {
  'the store ignores etags': {
    breaks: 'committedOnce',
    plant: () => ({
      world: ({ store }) => {
        store.ignoresEtags = true
      },
    }),
  },
  'an etag that was read after a write is taken for its own': {
    breaks: 'committedOnce',
    plant: documents((store) => {
      const written = new Map<string, StoredDocument>()
      return {
        write: async (writes) => {
          await store.write(writes)
          for (const { key, document } of writes) written.set(key, { ...document, etag: '' })
        },
        read: async (keys) => {
          const found = await store.read(keys)
          for (const key of keys) {
            const [own, other] = [written.get(key), found.get(key)]
            if (own && other) found.set(key, { ...own, etag: other.etag })
            written.delete(key)
          }
          return found
        },
      }
    }),
  },
  'turns of a shard overlap': {
    breaks: 'appliedOnce',
    found: 5,
    plant: server((real, next) => (type, shard, method, body) => {
      const by = 1_000 * (next() % 2)
      const moved = (sending: Sending) => ({ ...sending, shard: sending.shard + by })
      const given = method === 'apply' ? (body as readonly Sending[]).map(moved) : body
      return real.answer(type, shard + by, method, given)
    }),
  },
  'what one shard answered is taken for what another did': {
    breaks: 'appliedOnce',
    plant: server((real) => async (type, shard, method, body) => {
      const answer = await real.answer(type, shard, method, body)
      if (method !== 'apply') return answer
      const { answers, ...of } = answer as Answers
      return { ...of, answers: answers.toReversed() }
    }),
  },
  'a write that was not done is taken for done': {
    breaks: 'appliedOnce',
    plant: () => {
      let writes = 0
      return between({ write: (all) => all.filter(() => ++writes % 5 > 0) })()
    },
  },
  'a shard says that all is written': {
    breaks: 'appliedOnce',
    plant: () => ({
      send: (send) => async (type, shard, delivery) => {
        await send(type, shard, delivery)
        return { written: delivery.positions.at(-1) ?? delivery.after ?? -1 }
      },
    }),
  },
  'a shard that lost what it had is not asked': {
    breaks: 'appliedOnce',
    plant: () => ({
      send: (send) => (type, shard, delivery) => send(type, shard, { ...delivery, after: -1 }),
    }),
  },
  'a delivery without an answer is taken for done': {
    breaks: 'appliedOnce',
    plant: () => ({
      send: (send) => (type, shard, delivery) =>
        send(type, shard, delivery).catch((error: unknown) => {
          if (errorCode(error) !== 'SIDECAR_MISSING') throw error
          return { written: delivery.positions.at(-1) ?? -1 }
        }),
    }),
  },
  'a bookmark lies ahead': {
    breaks: 'appliedOnce',
    plant: documents((store) => ({
      write: (writes) => {
        const early = writes.map(({ document, ...write }) => {
          const isMark = write.key.startsWith('Delivery-')
          const applied = [...document.applied].map(
            ([p, at]) => [p, isMark ? at + 50 : at] as const,
          )
          return { ...write, document: { ...document, applied: new Map(applied) } }
        })
        return store.write(early)
      },
    })),
  },
  'documents do not tell what they have': {
    breaks: 'inOrder',
    plant: between({
      read: (key, document) => {
        return key.includes('Shard-') ? document : { ...document, applied: new Map() }
      },
    }),
  },
  'documents tell of the next entry too': {
    breaks: 'appliedOnce',
    plant: between({
      read: (_key, document) => {
        const applied = [...document.applied].map(([p, position]) => [p, position + 1] as const)
        return { ...document, applied: new Map(applied) }
      },
    }),
  },
  'a read gives another document': {
    breaks: 'nothingMadeUp',
    plant: documents((store) => ({
      read: async (keys) => {
        const found = await store.read(keys)
        const [a, b] = [...found.keys()]
        if (a === undefined || b === undefined) return found
        return new Map(found).set(a, { ...found.get(b)!, etag: found.get(a)!.etag })
      },
    })),
  },
  'an append is acknowledged and forgotten': {
    breaks: 'logged',
    plant: () => {
      let appends = 0
      return {
        log: (log) => ({
          ...log,
          append: async (partition, payload, count) => {
            if (++appends % 7 > 0) return log.append(partition, payload, count)
            const first = log.positions()[partition]!
            return { partition, first, last: first + count - 1 }
          },
        }),
      }
    },
  },
  'a pin counts hides twice': {
    breaks: 'counted',
    plant: () => ({ types: pinInstead(miscountingPin) }),
  },
  'a pin minds how its entries were split': {
    breaks: 'sameBytes',
    plant: () => ({ types: pinInstead(splitMindingPin) }),
  },
  'entries are numbered anew when they are delivered again': {
    breaks: 'idempotent',
    plant: () => ({
      send: (send) => (type, shard, delivery) => {
        const isAgain = delivery.after === -1
        const positions = delivery.positions.map((at) => (isAgain ? at + 10_000 : at))
        return send(type, shard, { ...delivery, positions })
      },
    }),
  },
  'copies of a call are calls of their own': {
    breaks: 'gifts',
    plant: server((real, next) => (type, shard, method, body) => {
      return real.answer(type, shard, method, { ...(body as object), call: `own ${next()}` })
    }),
  },
  'a write is acknowledged before it is written': {
    breaks: 'gifts',
    plant: documents((store) => ({
      write: async (writes) => {
        const isTold = writes.some(({ key }) => key.startsWith('Tokens-'))
        if (isTold) store.write(writes).catch(() => {})
        else await store.write(writes)
      },
    })),
  },
  'what is held never grows old': {
    breaks: 'freshReads',
    plant: () => ({ clock: stopped }),
  },
  'nobody hears that a shard moved, and what is held never grows old': {
    breaks: 'settledReads',
    plant: () => ({
      clock: stopped,
      serve: (real) => ({
        answer: (type, shard, method, body) => real.answer(type, shard, method, body),
        deactivate: () => {},
      }),
    }),
  },
  'a dead letter is thrown away': {
    breaks: 'buried',
    plant: () => ({
      world: ({ deadLetters }) => {
        deadLetters.push = () => 0
      },
    }),
  },
  'a delivery that failed is never sent again': {
    breaks: 'lively',
    plant: () => ({
      send: (send) => (type, shard, delivery) =>
        send(type, shard, delivery).catch(() => new Promise(() => {})),
    }),
  },
  'a host that met a conflict keeps what it has': {
    breaks: 'lively',
    plant: documents((store) => {
      const stale = new Map<string, StoredDocument>()
      return {
        read: async (keys) => {
          const found = await store.read(keys)
          for (const [key, document] of found) {
            if (!stale.has(key)) stale.set(key, document)
          }
          return new Map([...found.keys()].map((key) => [key, stale.get(key)!]))
        },
      }
    }),
  },
} satisfies Record<string, DaprMutant>
export type DaprMutantName = keyof typeof daprMutants
