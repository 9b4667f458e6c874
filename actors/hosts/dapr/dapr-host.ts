/**
 * The Dapr host: our actors in shards behind a sidecar, which places them, calls them one turn at a
 * time and moves them when a host dies. Dapr's actor routes are served by our own fastify app.
 *
 * Actor types for Dapr: `{Type}Shard` with ids 0 to SHARDS - 1 and the methods `ask`, `apply`,
 * `evict`; `Ranker`, on hosts that have the log; `User` and `Board`, thin fronts with the method
 * `recommend`, which any Dapr client can invoke. Replies are envelopes { ok, value | error }: a
 * status code would lose the error's own code on the way.
 *
 * Entries come from the log: one frame in flight per partition, sent again until the shards have
 * it. What they folded is written behind.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, fastify } from 'fastify'
import {
  assert,
  bySpace,
  type Clock,
  type DeclaredKinds,
  type Entry,
  Interner,
  idProblem,
  inTime,
  type Logger,
  limits,
  type Names,
  noDeclaredKinds,
  pinwheelError,
} from '../../../base/index.ts'
import type { JetStreamLogOptions } from '../../ingest/index.ts'
import { entryParts } from '../../log/index.ts'
import { pinActor } from '../../pin-actor.ts'
import type { DeadLetter } from '../../shard/dead-letter.ts'
import type { ReadableLog } from '../../training/train-from-log.ts'
import { userActor } from '../../user-actor.ts'
import { userServices } from '../../user-services.ts'
import type { NameSizes } from '../../worker/shared-names.ts'
import { type ActorCall, actorApp } from './actor-app.ts'
import { askRanker } from './ask-ranker.ts'
import { type Answers, decodeBundle, encodeBundle } from './bundle.ts'
import { Carrier } from './carrier.ts'
import type { DaprDocuments } from './dapr-documents.ts'
import { FeedPath } from './feed-path.ts'
import { frontRecommend, frontTypes } from './front.ts'
import { type HostLog, openDirectoryLog, openStreamLog } from './host-log.ts'
import { HostRanker } from './host-ranker.ts'
import { type Hosted, HostedShard } from './hosted-shard.ts'
import { LocalShards } from './local-shards.ts'
import { LogDelivery } from './log-delivery.ts'
import { PARTITION, PartitionKeeper } from './partition-keeper.ts'
import { SHARDS, shardOf } from './shard-of.ts'
import { PATIENCE_MS, Sidecar, sendCall } from './sidecar.ts'
import { WriteQueue } from './write-queue.ts'

export type DaprHostOptions = NameSizes & {
  /** Where the log is; without one or a stream this host only holds shards for others. */
  readonly directory?: string
  /** The cluster's log. */
  readonly stream?: Omit<JetStreamLogOptions, 'clock' | 'partitions'>
  readonly partitions: number
  /** What this host does; by default everything. */
  readonly roles?: readonly HostRole[]
  readonly clock: Clock
  readonly logger: Logger
  /** Actor types beside users and pins. */
  readonly types?: readonly Hosted[]
  /** Weights of the operator's own kinds of event. */
  readonly kinds?: DeclaredKinds
  /** Bytes of entries between two base snapshots of a ranker in `directory`, at least; 0: none. */
  readonly snapshotBytes?: number
  /** What the sidecar wants of us, and what we want of it: DAPR_API_TOKEN, APP_API_TOKEN. */
  readonly sidecarToken?: string
  readonly appToken?: string
}

/** Hosts of a cluster hold shards and deliver the log to them, or rank, or train rankers. */
export const hostRoles = ['shards', 'ranker', 'jobs'] as const
export type HostRole = (typeof hostRoles)[number]

/** Loaded by `open`: every command imports actors/, and Dapr's SDK and fastify take 0.4 s. */
type Libraries = {
  readonly fastify: typeof fastify
  readonly DaprDocuments: typeof DaprDocuments
}

export class DaprHost {
  readonly #options: DaprHostOptions
  readonly #app: FastifyInstance
  /** Of shards; the ranker has its own. */
  readonly #names: Names = bySpace(() => new Interner())
  readonly #log: HostLog | undefined
  readonly #isShardHost: boolean
  readonly #libraries: Libraries
  readonly #hosted: ReadonlyMap<string, Hosted>
  readonly #shards = new Map<string, HostedShard>()
  readonly #local: LocalShards
  readonly #name = randomUUID()
  readonly deadLetters: DeadLetter[] = []
  /** On a host that has the log. */
  readonly ranker: HostRanker | undefined
  #store: DaprDocuments | undefined
  #delivery: LogDelivery | undefined
  #sidecar: Sidecar | undefined
  readonly #path: FeedPath
  readonly #stop = new AbortController()
  #keeper: PartitionKeeper | undefined

  private constructor(
    options: DaprHostOptions,
    libraries: Libraries,
    { log, ranker }: { readonly log?: HostLog; readonly ranker?: HostRanker } = {},
  ) {
    this.#options = options
    this.#local = new LocalShards({ shards: this.#shards, clock: options.clock })
    this.#libraries = libraries
    this.#log = log
    const { kinds = noDeclaredKinds, roles = hostRoles } = options
    this.#isShardHost = roles.includes('shards')
    const services = userServices(kinds, this.#names)
    const all: Hosted[] = [
      { type: userActor, space: 'user', services },
      { type: pinActor, space: 'pin' },
      ...(options.types ?? []),
    ]
    this.#hosted = new Map(all.map((hosted) => [hosted.type.name, hosted]))
    this.ranker = ranker
    this.#path = new FeedPath({
      invoke: ({ type, id, method }, body, ms) => this.#invoke(type, id, method, body, ms),
      clock: options.clock,
    })
    this.#app = actorApp(libraries.fastify, {
      entities: () => [
        ...(this.#isShardHost ? this.#shardTypes() : []),
        // The graph comes from the log.
        ...(this.ranker ? ['Ranker'] : []),
      ],
      answer: (call, body) => {
        // Only the sidecar knows what lives here.
        const name = actorType(call.type)
        if (this.#shards.has(name)) this.#local.called(name, Number(call.id))
        return this.#answer(call, body)
      },
      deactivate: (type, id) => this.#deactivate(type, id),
      appToken: options.appToken,
    })
  }

  /** What rankers are trained from. */
  get log(): ReadableLog | undefined {
    return this.#log
  }

  /** Opens the log; `serve` and `connect` follow. */
  static async open(options: DaprHostOptions): Promise<DaprHost> {
    const { directory, stream, partitions, clock } = options
    const libraries = { ...(await import('fastify')), ...(await import('./dapr-documents.ts')) }
    if (!stream && directory === undefined) return new DaprHost(options, libraries)
    const log = stream
      ? await openStreamLog({ ...stream, partitions, clock })
      : await openDirectoryLog(directory!, partitions, clock)
    const { kinds = noDeclaredKinds, roles = hostRoles, snapshotBytes = 0 } = options
    if (!roles.includes('ranker')) return new DaprHost(options, libraries, { log })
    const bases =
      stream && directory !== undefined && snapshotBytes > 0
        ? { bases: { directory, growthMin: snapshotBytes } }
        : {}
    const ranker = await HostRanker.open({ ...options, log, kinds, ...bases })
    return new DaprHost(options, libraries, { log, ranker })
  }

  /**
   * Listens on loopback for the sidecar; resolves to the port. A ranker reads the log and builds
   * its graph before: until it can answer, lanes lie elsewhere. PORT_IN_USE.
   */
  async serve(port = 0): Promise<number> {
    await this.ranker?.follow()
    await this.ranker?.build('graph')
    const place = { host: '127.0.0.1', port }
    await this.#app.listen(place).catch((cause: NodeJS.ErrnoException) => {
      throw cause.code === 'EADDRINUSE' ? pinwheelError('PORT_IN_USE', place, cause) : cause
    })
    const address = this.#app.server.address()
    return typeof address === 'object' && address ? address.port : port
  }

  /** Begins to deliver the log, from where everything was written; a sidecar is at `daprPort`. */
  async connect(daprPort: number): Promise<void> {
    const { clock, logger, sidecarToken: token } = this.#options
    this.#sidecar = new Sidecar(daprPort, { token })
    this.#store = new this.#libraries.DaprDocuments(daprPort, { token })
    const queue = new WriteQueue({ clock })
    for (const hosted of this.#hosted.values()) {
      const onDeadLetter = (letter: DeadLetter) => {
        this.deadLetters.push(letter)
        // What it says, `pinwheel log` shows from its position on.
        logger.error(letter, 'an entry could not be applied; it is passed over')
      }
      const { name } = hosted.type
      const onLost = (shard: number) => this.#local.left(name, shard)
      const ports = { names: this.#names, store: this.#store, clock, onDeadLetter, onLost }
      this.#shards.set(name, new HostedShard({ hosted, queue, ...ports }))
    }
    const log = this.#log
    if (!log || !this.#isShardHost) return
    const folded = [...this.#hosted.values()].filter(
      ({ type }) => this.#shards.get(type.name)!.folds,
    )
    const carrier = new Carrier({
      ...{ local: this.#local, clock: this.#options.clock },
      call: async (sendings) => {
        const { type, shard } = sendings[0]!
        const bundle = encodeBundle(sendings)
        return (await this.#invoke(`${type}Shard`, String(shard), 'apply', bundle)) as Answers
      },
    })
    this.#delivery = new LogDelivery({
      log: log.delivered,
      store: this.#store,
      types: folded.map(({ type, space }) => ({ name: type.name, space })),
      shards: SHARDS,
      clock: this.#options.clock,
      send: (type, shard, delivery) => carrier.send(type, shard, delivery),
      onRefused: (error) => {
        const reason = error instanceof Error ? error.message : String(error)
        this.#options.logger.error({ reason }, 'entries cannot be delivered; they wait')
      },
    })
    this.#keeper = new PartitionKeeper(this.#sidecar, this.#options.clock, (partition) => {
      return this.#delivery?.position(partition) !== undefined
    })
    await this.#keeper.start(log.partitions)
  }

  /** Calls a listed method of an actor, through the sidecar, wherever it lives. */
  async ask(type: string, id: string, method: string, argument?: unknown): Promise<unknown> {
    if (!this.#hosted.has(type)) {
      const known = [...this.#hosted.keys()].join(', ')
      throw pinwheelError('ACTOR_TYPE_UNKNOWN', { type, known })
    }
    if (idProblem(id)) {
      const details = { id: JSON.stringify(id).slice(0, 80), limit: limits.idBytesMax }
      throw pinwheelError('ACTOR_ID_INVALID', details)
    }
    const body = { id, method, argument, call: randomUUID() }
    return sendCall(() => this.#invoke(`${type}Shard`, String(shardOf(id)), 'ask', body))
  }

  evict(type: string, id: string): Promise<unknown> {
    return this.#invoke(`${type}Shard`, String(shardOf(id)), 'evict', { id })
  }

  /** Appends checked entries, and waits for shards whose partitions are delivered from here. */
  async append(entries: readonly Entry[]): Promise<void> {
    const log = this.#log
    assert(log !== undefined, 'a host that appends has a log')
    if (this.ranker?.failure !== undefined) throw this.ranker.failure
    const lasts = new Array<number>(log.partitions).fill(-1)
    await Promise.all(
      entryParts(entries, log.partitions).map(async ({ partition, payload, count }) => {
        lasts[partition] = (await log.append(partition, payload, count)).last
      }),
    )
    await this.#delivery?.reached(lasts)
  }

  /** Sends the whole log to the shards once more. */
  async redeliver(): Promise<void> {
    await this.#delivery?.sendAll()
  }

  /** Builds the graph from everything delivered. */
  async buildEpoch(): Promise<void> {
    await this.ranker?.build()
  }

  /**
   * Resolves when the sidecar has not answered for a while: what is held cannot be written any
   * more, and whoever has the shards now reads it from the log. The process is to end then.
   * SIDECAR_OLD.
   */
  async sidecarGone(): Promise<void> {
    const { clock, logger } = this.#options
    await this.#sidecar?.gone(clock, this.#stop.signal, {
      hears: (components) => {
        const store = components.find(({ type }) => type === 'state.redis')
        if (store) logger.warn(store, 'documents are lost with a Redis without appendonly yes')
      },
    })
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('the host is stopping'))
    await this.#keeper?.stop()
    await this.#delivery?.stop()
    await Promise.all([...this.#shards.values()].map((shard) => shard.stop()))
    await this.#app.close()
    await this.#store?.stop()
    await this.ranker?.stop()
    await this.#log?.close()
  }

  async #deactivate(type: string, id: string): Promise<void> {
    if (type === PARTITION) return this.#delivery?.end(Number(id))
    const shard = this.#shards.get(actorType(type))
    this.#local.left(shard?.name ?? type, Number(id))
    await shard?.deactivate(Number(id))
  }

  #shardTypes(): string[] {
    const names = Array.from(this.#hosted.keys(), (name) => `${name}Shard`)
    return [...names, ...frontTypes, ...(this.#log ? [PARTITION] : [])]
  }

  #invoke(
    type: string,
    id: string,
    method: string,
    body: unknown,
    patienceMs?: number,
  ): Promise<unknown> {
    const sidecar = this.#sidecar
    // What lives here needs nobody to find it.
    if (method === 'ask' && this.#local.has(actorType(type), Number(id))) {
      return this.#atHome({ type, id, method }, body, patienceMs)
    }
    if (sidecar) return sidecar.invoke(type, id, method, body, patienceMs)
    // A front that is asked before the host is connected.
    return Promise.reject(pinwheelError('SIDECAR_MISSING', { address: 'no port yet' }))
  }

  /** As through a sidecar: copies, and no longer than one would be waited for. CALL_UNANSWERED. */
  async #atHome(call: ActorCall, body: unknown, ms = PATIENCE_MS): Promise<unknown> {
    const answer = this.#answer(call, copyOf(body)).then((value) => ({ value: copyOf(value) }))
    const answered = await inTime(this.#options.clock, ms, answer)
    if (answered) return answered.value
    const details = { actor: `${call.type}/${call.id}`, method: call.method, ms }
    throw pinwheelError('CALL_UNANSWERED', details)
  }

  async #answer({ type, id, method }: ActorCall, body: unknown): Promise<unknown> {
    const front = frontTypes.find((name) => name === type)
    if (front) {
      if (method !== 'recommend') throw pinwheelError('METHOD_UNLISTED', { type, method })
      const { clock } = this.#options
      return frontRecommend({ type: front, id }, body, { clock, path: this.#path })
    }
    if (type === PARTITION) {
      if (method === 'position') return this.#delivery?.position(Number(id))
      if (method !== 'keep') throw pinwheelError('METHOD_UNLISTED', { type, method })
      return this.#delivery?.start(Number(id))
    }
    if (type === 'Ranker' && this.ranker) return askRanker(this.ranker, method, body)
    const shard = this.#shards.get(actorType(type))
    if (!shard) throw pinwheelError('ACTOR_TYPE_UNKNOWN', { type, known: 'none yet' })
    const asked = body as Record<string, unknown>
    const number = Number(id)
    switch (method) {
      case 'ask':
        return shard.ask(number, {
          id: String(asked['id']),
          method: String(asked['method']),
          argument: asked['argument'],
          ...(typeof asked['call'] === 'string' && { call: asked['call'] }),
        })
      case 'apply':
        return {
          host: this.#name,
          answers: await this.#local.take(decodeBundle(body as Buffer)),
        } satisfies Answers
      case 'evict':
        return shard.evict(number, String(asked['id']))
      case 'inspect':
        return shard.inspect(number, String(asked['id']))
      default:
        throw pinwheelError('METHOD_UNLISTED', { type, method })
    }
  }
}

/** What is left of a value that crosses hosts. */
const copyOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))

/** Of the shards that Dapr calls, the type of their actors. */
const actorType = (type: string) => type.replace(/Shard$/, '')
