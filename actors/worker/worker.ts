/**
 * A worker thread: an engine behind a ring and a port. Blocks are folded as they come, a few at a
 * time; messages are served in order in between, and background slices of about a millisecond, so
 * neither blocks nor a build hold up an answer for long.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { assert, bySpace, type Clock, Interner, systemClock, toWire } from '../../base/index.ts'
import { GraphView } from '../../graph/index.ts'
import { Cooccurrence, FeatureTable, loadRanker } from '../../ranking/index.ts'
import type { AnyActorType } from '../actor.ts'
import { Engine, type Epoch, type HostedType } from '../engine.ts'
import { LmdbStates } from '../store/index.ts'
import { BlockFolder } from './block-folder.ts'
import { BlockRing } from './block-ring.ts'
import { type Channel, channelOver } from './channel.ts'
import type {
  Ask,
  EpochMemory,
  FromWorker,
  ToWorker,
  TypeModule,
  WorkerSetup,
  WorkerStats,
} from './messages.ts'

function packEpoch({ view, sequences }: Epoch): EpochMemory {
  return { view: view.memory(), sequences: sequences?.memory }
}

function unpackEpoch({ view, sequences }: EpochMemory): Epoch {
  return { view: GraphView.received(view), sequences: sequences && new Cooccurrence(sequences) }
}

type WorkerChannel = Channel<FromWorker, ToWorker>

/** Time and scheduling are the clock's: a simulator may hand in its own. */
async function serve(channel: WorkerChannel, setup: WorkerSetup, clock: Clock): Promise<void> {
  const types = await Promise.all(setup.types.map(loadType))
  const post = (message: FromWorker) => channel.post(message)
  const states = setup.memory && LmdbStates.create(setup.memory.path)
  const engine = new Engine({
    names: bySpace((space) => new Interner({}, setup.names[space])),
    features: new FeatureTable(setup.features),
    clock,
    boardCapacity: setup.boardCapacity,
    writesGraph: setup.writesGraph,
    desk: setup.desk,
    isSparse: setup.isSparse,
    ...(states && {
      memory: {
        bytesMax: setup.memory!.bytesMax,
        coldOf: (type: string) => states.storeOf(type),
      },
    }),
    foldsActors: setup.foldsActors,
    types,
    kinds: setup.kinds,
    onDeadLetter: (letter) => post({ type: 'dead-letter', letter }),
    onEpoch: (epoch) => post({ type: 'epoch', epoch: packEpoch(epoch) }),
  })
  let open = false
  let building = false
  /** Slices of background work between messages, while there is any. */
  const build = () => {
    if (building || !open || !engine.isBuilding) return
    building = true
    void clock.yield().then(() => {
      building = false
      engine.buildSlice()
      build()
    })
  }
  const answer = async (ask: Ask): Promise<unknown> => {
    switch (ask.what) {
      case 'recommend':
        return engine.recommend(ask.ask)
      case 'rank':
        return engine.recommendFor(ask.user, ask.ask)
      case 'cards':
        return engine.cards(ask.pins)
      case 'inspect':
        return engine.inspectUser(ask.user)
      case 'top-users':
        return engine.topUsers(ask.limit)
      case 'digest':
        return engine.digest()
      case 'stats':
        return stats(engine)
      case 'build':
        return engine.buildNow()
      case 'call':
        return engine.call(ask.call, ask.argument, ask.state)
      case 'evict':
        return engine.evict(ask.type, ask.key)
      case 'restore':
        return engine.restore(ask.type, ask.key, ask.state)
      case 'use-model':
        return engine.useModel(await loadRanker(ask.bytes))
      case 'open':
        open = true
    }
  }
  const folder = new BlockFolder(new BlockRing(setup.ring), (block) => engine.deliver(block))
  void folder.run(clock, build)
  channel.onMessage((message) => {
    switch (message.type) {
      case 'payloads':
        folder.take(message.number, message.payloads)
        break
      case 'epoch':
        engine.useEpoch(unpackEpoch(message.epoch))
        break
      case 'ask':
        folder.foldUntil(message.after)
        answer(message.ask).then(
          (value) => post({ type: 'answer', id: message.id, value }),
          (error: unknown) => post({ type: 'refusal', id: message.id, error: toWire(error) }),
        )
        break
      case 'stop':
        void Promise.resolve(states?.close()).then(() => channel.close())
        return
    }
    build()
  })
}

async function loadType({ module, exported, space }: TypeModule): Promise<HostedType> {
  const loaded = (await import(module)) as Readonly<Record<string, AnyActorType>>
  const type = loaded[exported]
  assert(type !== undefined, 'the module exports the actor type that it was named for')
  return { type, space }
}

function stats(engine: Engine): WorkerStats {
  return {
    users: engine.users.actors,
    pins: engine.pins.actors,
    turns: engine.users.turns + engine.pins.turns,
    folded: engine.folded,
    edges: engine.graph?.table.live ?? 0,
    boards: engine.graph?.table.boards.size ?? 0,
    epoch: engine.epoch.view.epoch,
    stateBytes: engine.users.residents.usedBytes + engine.pins.residents.usedBytes,
    evictions: engine.users.residents.evictions + engine.pins.residents.evictions,
    activations: engine.users.residents.activations + engine.pins.residents.activations,
    model: engine.services.model()?.version,
    counters: engine.counters,
  }
}

assert(parentPort !== null, 'this file is the entry of a worker thread')
const port = parentPort
const channel: WorkerChannel = channelOver(port, () => port.close())
await serve(channel, workerData as WorkerSetup, systemClock)
