/**
 * What a worker does, wherever it runs: an engine behind a ring and a channel. Blocks are folded as
 * they come, a few at a time; messages are served in order in between, and background slices of
 * about a millisecond, so neither blocks nor a build hold up an answer for long.
 */
import {
  bySpace,
  type Clock,
  errorCode,
  letGo,
  type PageOptions,
  receivedIds,
  toWire,
} from '../../base/index.ts'
import { GraphView } from '../../graph/index.ts'
import { Cooccurrence, DeepModel, FeatureTable, loadRanker } from '../../ranking/index.ts'
import { Engine } from '../engine.ts'
import type { Epoch, HostedType } from '../engine-options.ts'
import type { Disk } from '../log/index.ts'
import type { GraphMemoryOptions } from '../projections/graph-projection.ts'
import type { RecordBlock } from '../shard/record-block.ts'
import type { ColdStore } from '../store/index.ts'
import { BlockFolder } from './block-folder.ts'
import { BlockRing, type Signals } from './block-ring.ts'
import type { Channel } from './channel.ts'
import { Durations } from './durations.ts'
import type {
  Ask,
  EpochMemory,
  FromWorker,
  ToWorker,
  TypeModule,
  WorkerSetup,
  WorkerStats,
} from './messages.ts'
import { Pace } from './pace.ts'
import { doing, Vitals } from './vitals.ts'
import { readParts, takeOver, writeParts } from './worker-snapshot.ts'

/** What a worker stands on: a thread's own, or a simulator's. */
export type WorkerHome = {
  readonly clock: Clock
  readonly signals: Signals
  readonly loadType: (module: TypeModule) => Promise<HostedType>
  /** Where actors go that leave memory; `path` is where a file of them may lie. */
  readonly openCold: (path: string) => ColdStates
  /** Where snapshots lie. */
  readonly disk: Disk
  /** How the state of actors and the graph lie in memory, where it is not as usual. */
  readonly pages?: PageOptions
  readonly graph?: GraphMemoryOptions
}

export interface ColdStates {
  storeOf(type: string): ColdStore
  close(): Promise<void>
}

function packEpoch({ view, sequences, owners }: Epoch): EpochMemory {
  const bytes = view.frozen.byteLength
  return { view: view.memory(), bytes, sequences: sequences?.memory, owners }
}

function unpackEpoch({ view, sequences, owners }: EpochMemory): Epoch {
  const fitted = sequences && new Cooccurrence(sequences)
  return { view: GraphView.received(view), sequences: fitted, owners }
}

/** Serves until the channel closes; rejects when the worker cannot go on. */
export async function serve(
  channel: Channel<FromWorker, ToWorker>,
  setup: WorkerSetup,
  home: WorkerHome,
): Promise<void> {
  const { clock, disk, pages, graph } = home
  const types = await Promise.all(setup.types.map(home.loadType))
  const post = (message: FromWorker) => channel.post(message)
  const vitals = new Vitals(setup.vitals)
  const states = setup.memory && home.openCold(setup.memory.path)
  /** The epoch before is not held any more from the next message on. */
  const leave = () => {
    const { byteLength } = engine.epoch.view.frozen
    void clock.yield().then(() => letGo(byteLength))
  }
  const engine = new Engine({
    names: bySpace((space) => receivedIds(setup.names[space])),
    features: new FeatureTable(setup.features),
    clock,
    boardCapacity: setup.boardCapacity,
    writesGraph: setup.writesGraph,
    desk: setup.desk,
    stride: setup.workers,
    ...(states && {
      memory: {
        bytesMax: setup.memory!.bytesMax,
        coldOf: (type: string) => states.storeOf(type),
      },
    }),
    folds: setup.folds,
    ranks: setup.ranks,
    ...(setup.freshShare !== undefined && { freshShare: setup.freshShare }),
    vitals,
    blamed: setup.blamed,
    types,
    kinds: setup.kinds,
    ...(pages && { pages }),
    ...(graph && { graph }),
    onDeadLetter: (letter) => post({ type: 'dead-letter', letter }),
    onEpoch: (epoch) => {
      const shared = setup.workers > 1 && { shared: packEpoch(epoch) }
      post({ type: 'epoch', epoch: epoch.view.epoch, ...shared })
      leave()
    },
  })
  if (setup.takesOver) takeOver(engine, setup)
  let open = false
  let building = false
  const pace = new Pace(setup.buildShare ?? 1, clock)
  /** Slices of background work between messages, while there is any. */
  const build = () => {
    if (building || !open || !engine.isBuilding) return
    building = true
    void pace.rest().then(() => {
      building = false
      pace.work(() => engine.buildSlice())
      build()
    })
  }
  const answer = async (ask: Ask, id: number): Promise<unknown> => {
    switch (ask.what) {
      case 'recommend':
        return engine.recommend(ask.ask)
      case 'rank':
        return engine.recommendFor(ask.user, ask.ask)
      case 'context':
        return engine.contextOf(ask.user)
      case 'help':
        return engine.help(ask.job)
      case 'board':
        return engine.graph?.board(ask.board)
      case 'cards':
        return engine.cards(ask.pins)
      case 'inspect':
        return engine.inspect(ask.space, ask.key)
      case 'top-users':
        return engine.topUsers(ask.limit)
      case 'digest':
        return engine.digest()
      case 'numbers-digest':
        return engine.numbersDigest()
      case 'kept-actions':
        return engine.keptActions()
      case 'stats':
        return stats(engine, durations)
      case 'scored':
        return engine.scored.all()
      case 'build':
        return engine.buildNow(ask.part)
      case 'call':
        vitals.begin(doing.answering, id)
        try {
          return engine.shards.call(ask.call, ask.argument, ask.state)
        } finally {
          vitals.end()
        }
      case 'evict':
        return engine.shards.of(ask.type).evict(ask.key)
      case 'restore':
        return engine.shards.putBack(ask.type, ask.key, ask.state)
      case 'use-model':
        return engine.useModel(await loadRanker(ask.bytes))
      case 'use-deep':
        return engine.useDeep(
          await DeepModel.open(ask.memory, { onJob: (job) => post({ type: 'job', job }) }),
        )
      case 'use-fitted':
        return engine.useFitted(ask.memory)
      case 'use-rules':
        return engine.useRules(ask.rules)
      case 'load':
        await readParts(engine, { disk, folder: ask.folder }, ask.sections, setup)
        // Behind the answer: whoever waits for it reads the log meanwhile.
        void clock.yield().then(() => engine.graph?.table.find())
        return
      case 'trust':
        engine.isCareful = false
        return
      case 'open':
        open = true
    }
  }
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  const durations = new Durations()
  const ring = new BlockRing(setup.ring, home.signals)
  const fold = (block: RecordBlock) => {
    const began = clock.monotonic()
    vitals.begin(doing.folding)
    engine.deliver(block)
    vitals.addFolded(block.count)
    vitals.end()
    durations.add(clock.monotonic() - began)
    const { snapshot: folder } = block
    if (folder === undefined) return
    writeParts(engine, { disk, folder }, setup, clock).then(
      (sections) => post({ type: 'snapshot', folder, sections }),
      (error: unknown) => {
        post({ type: 'no-snapshot', folder, error: toWire(error) })
        if (errorCode(error) === 'STORE_DAMAGED') fail(error)
      },
    )
  }
  const folder = new BlockFolder(ring, fold)
  const hear = (message: ToWorker) => {
    switch (message.type) {
      case 'attachment':
        folder.take(message.number, message.attachment)
        break
      case 'epoch':
        engine.useEpoch(unpackEpoch(message.epoch))
        leave()
        break
      case 'ask':
        folder.foldUntil(message.after)
        answer(message.ask, message.id).then(
          (value) => post({ type: 'answer', id: message.id, value }),
          (error: unknown) => {
            post({ type: 'refusal', id: message.id, error: toWire(error) })
            // What is derived is damaged: a successor makes it anew.
            if (errorCode(error) === 'STORE_DAMAGED') fail(error)
          },
        )
        break
      case 'stop':
        // Nobody will ask for what is being built.
        open = false
        void Promise.resolve(states?.close()).then(() => channel.close())
        return
    }
    build()
  }
  channel.onMessage((message) => {
    try {
      hear(message)
    } catch (error) {
      fail(error)
    }
  })
  await Promise.race([folder.run(clock, build), failed])
}

function stats(engine: Engine, durations: Durations): WorkerStats {
  return {
    users: engine.users.actors,
    pins: engine.pins.actors,
    turns: engine.users.turns + engine.pins.turns,
    folded: engine.shards.folded,
    edges: engine.graph?.table.live ?? 0,
    boards: engine.graph?.table.boards.size ?? 0,
    epoch: engine.epoch.view.epoch,
    stateBytes: engine.users.residents.usedBytes + engine.pins.residents.usedBytes,
    userBytes: engine.users.residents.usedBytes,
    pinBytes: engine.pins.residents.usedBytes,
    reservedBytes: engine.users.residents.reservedBytes + engine.pins.residents.reservedBytes,
    edgeBytes: engine.graph?.table.bytes ?? 0,
    epochBytes: engine.graph?.view.frozen.byteLength ?? 0,
    blockTimes: durations.counts(),
    evictions: engine.users.residents.evictions + engine.pins.residents.evictions,
    activations: engine.users.residents.activations + engine.pins.residents.activations,
    model: engine.services.model()?.version,
    fitted: engine.services.fitted?.()?.version,
    counters: engine.counters,
  }
}
