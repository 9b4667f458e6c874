/**
 * What one thread of a host runs: its share of user and pin actors, and for one thread also the
 * graph. It folds blocks of records, answers reads, recommends, and builds the next epoch in slices
 * in between. Pure of threads and files: hosts bring it records and take its answers.
 */
import {
  Interner,
  type Names,
  NONE,
  noDeclaredKinds,
  pinwheelError,
  type StateView,
  type UserIndex,
} from '../base/index.ts'
import { TopK } from '../graph/index.ts'
import {
  ActiveRules,
  CatalogueIndex,
  catalogueIndexSteps,
  type DeepModel,
  type FeatureTable,
  type FittedMemory,
  FittedModel,
  fitCooccurrenceSteps,
  type GenerationName,
  type JobMemory,
  type RankerModel,
  type RankingServices,
  type RankReply,
  rulesDefaults,
  ScoredRows,
  ScratchPool,
  type SlateRules,
  sequencesOfSteps,
  TagWords,
  type UserContext,
} from '../ranking/index.ts'
import type { AnyActorType } from './actor.ts'
import type { EngineOptions, Epoch, Inspected } from './engine-options.ts'
import { type PinActorCard, pinActor } from './pin-actor.ts'
import type { EdgeLists } from './projections/edge-table.ts'
import { GraphProjection } from './projections/graph-projection.ts'
import { PinColumns } from './projections/pin-features.ts'
import { rankerActor } from './ranker-actor.ts'
import { type RecommendAsk, stranger } from './recommend-ask.ts'
import { rehearsalDefaults, rehearse } from './rehearsal.ts'
import { CarefulFold } from './shard/careful-fold.ts'
import { Digest, WordDigest } from './shard/digest.ts'
import { Lane } from './shard/lane.ts'
import type { RecordBlock } from './shard/record-block.ts'
import { Shard } from './shard/shard.ts'
import { Shards } from './shard/shards.ts'
import { userActor } from './user-actor.ts'
import { userServices } from './user-services.ts'
import type { userState } from './user-state.ts'
import { Vitals } from './worker/vitals.ts'

/** The number of the one lane. */
const LANE = 0

export class Engine {
  readonly shards: Shards
  readonly users: Shard
  readonly pins: Shard
  readonly graph: GraphProjection | undefined
  readonly columns: PinColumns
  readonly #options: EngineOptions
  readonly #ranker: Shard
  readonly #lane = new Lane()
  readonly #services: RankingServices
  #epoch: Epoch
  #catalogue = new CatalogueIndex()
  #model: RankerModel | undefined
  #deep: DeepModel | undefined
  #fitted: FittedModel | undefined
  readonly #tagWords: TagWords
  #rules: ActiveRules
  #building: Generator<void, void> | undefined
  readonly counters: Record<string, number> = {}
  /** Of what was answered. */
  readonly scored = new ScoredRows()
  /** Whether records are folded one by one, each told before. */
  isCareful = false

  constructor(options: EngineOptions) {
    this.#options = options
    const { names, features } = options
    this.columns = new PinColumns(features)
    this.#rules = new ActiveRules(rulesDefaults, names.tag)
    this.#tagWords = new TagWords(names.tag)
    const letters = options.onDeadLetter ? { onDeadLetter: options.onDeadLetter } : {}
    const kinds = options.kinds ?? noDeclaredKinds
    const services = userServices(kinds, names)
    const { memory, stride = 1, pages, graph } = options
    // One budget for both: their shares are those that they had when it was full first.
    const room = (type: AnyActorType, othersBytes: () => number) =>
      memory ? { bytesMax: memory.bytesMax, othersBytes, cold: memory.coldOf(type.name) } : {}
    const shared = { names, stride, ...(pages && { pages }), ...letters }
    this.users = new Shard({
      ...shared,
      type: userActor,
      space: 'user',
      services,
      ...room(userActor, () => this.pins.residents.usedBytes),
    })
    this.pins = new Shard({
      ...shared,
      type: pinActor,
      space: 'pin',
      ...room(pinActor, () => this.users.residents.usedBytes),
    })
    const more = options.types ?? []
    const { blamed = [], vitals = new Vitals() } = options
    this.shards = new Shards(
      [
        ...(options.folds === 'pins' ? [] : [this.users]),
        this.pins,
        ...more.map(({ type, space }) => new Shard({ ...shared, type, space, emits: kinds })),
      ],
      new CarefulFold(blamed, vitals.carefully.bind(vitals)),
    )
    const projection = new GraphProjection({
      pinCapacity: features.capacity,
      boardCapacity: options.boardCapacity,
      ...(graph && { memory: graph }),
      listsEdges: options.ranks !== false,
      ...(options.freshShare !== undefined && { freshShare: options.freshShare }),
      onEpoch: (view, edges) => {
        const owners = edges && projection.owners()
        this.#epoch = { ...this.#epoch, view, owners }
        this.#edges = edges
      },
    })
    if (options.writesGraph) this.graph = projection
    this.#epoch = { view: projection.view, sequences: undefined, owners: undefined }
    this.#services = {
      graph: () => this.#epoch.view,
      features,
      catalogue: () => this.#catalogue,
      sequences: () => this.#epoch.sequences,
      model: () => this.#model,
      deep: () => this.#deep,
      fitted: () => this.#fitted,
      rules: () => this.#rules,
      tagWords: () => this.#tagWords,
      owners: () => this.#epoch.owners,
      scored: this.scored,
      names,
      clock: options.clock,
      scratch: new ScratchPool(features.capacity, options.desk),
      count: (name) => {
        this.counters[name] = (this.counters[name] ?? 0) + 1
      },
    }
    const lane = new Interner()
    lane.intern('lane')
    this.#ranker = new Shard({
      type: rankerActor,
      space: 'actor',
      ...(pages && { pages }),
      names: { ...names, actor: lane },
      services: this.#services,
    })
  }

  #edges: EdgeLists | undefined
  /** Of the epoch that is built: whether its graph and catalogue are there. */
  #isWalkable = false

  get names(): Names {
    return this.#options.names
  }

  get features(): FeatureTable {
    return this.#options.features
  }

  get services(): RankingServices {
    return this.#services
  }

  get epoch(): Epoch {
    return this.#epoch
  }

  /** Folds a block: every record by each part that its roles name. */
  deliver(block: RecordBlock): void {
    this.shards.fold(block, this.isCareful)
    this.#project(block)
  }

  /** Answers a recommendation by the user's context and a generation. */
  recommend(ask: RecommendAsk): Promise<RankReply> {
    return this.#inTurn(ask, () => this.contextOf(ask.user))
  }

  /** The same for a context that comes from elsewhere. */
  recommendFor(user: UserContext, ask: Omit<RecommendAsk, 'user'>): Promise<RankReply> {
    return this.#inTurn(ask, () => user)
  }

  /** One engine is one lane: a call waits for those before it, and its deadline runs meanwhile. */
  #inTurn(ask: Omit<RecommendAsk, 'user'>, context: () => UserContext): Promise<RankReply> {
    const { clock } = this.#options
    const deadline = clock.monotonic() + ask.deadlineMs
    return this.#lane.run(() => {
      const deadlineMs = Math.max(0, deadline - clock.monotonic())
      const call = { ...ask, deadlineMs, user: context() }
      return this.#ranker.call(LANE, 'recommend', call) as Promise<RankReply>
    })
  }

  /** A stranger's for NONE, below 0, and who has no actor here. */
  contextOf(user: number): UserContext {
    return user >= 0 && user !== NONE && this.users.has(user) ? this.context(user) : stranger
  }

  context(user: number): UserContext {
    return this.users.call(user, 'context', undefined) as UserContext
  }

  cards(pins: readonly number[]): (PinActorCard | undefined)[] {
    return pins.map((pin) =>
      this.pins.has(pin) ? (this.pins.call(pin, 'card', undefined) as PinActorCard) : undefined,
    )
  }

  /** What an actor holds, for people. USER_UNKNOWN, PIN_UNKNOWN. */
  inspect(space: 'user' | 'pin', key: number): Inspected {
    const shard = space === 'user' ? this.users : this.pins
    const state = shard.inspect(key)
    if (!state) {
      const id = this.#options.names[space].id(key)
      throw pinwheelError(space === 'user' ? 'USER_UNKNOWN' : 'PIN_UNKNOWN', { id })
    }
    return { state, storedBytes: shard.bytes(key)!.length }
  }

  /** Users with the most saves: by their actors; where those live elsewhere, on public boards. */
  topUsers(limit: number): { readonly user: UserIndex; readonly saves: number }[] {
    const isElsewhere = this.#options.folds === 'pins'
    const heap = new TopK(limit)
    for (const [key, saves] of isElsewhere ? this.#savesOfOwners() : this.#savesOfActors()) {
      heap.offer(key, saves)
    }
    const { keys, scores } = heap.sorted()
    return Array.from(keys, (user, i) => ({ user: user as UserIndex, saves: scores[i]! }))
  }

  *#savesOfActors(): Generator<readonly [number, number]> {
    for (const key of this.users.keys()) yield [key, this.context(key).saves]
  }

  #savesOfOwners(): Map<number, number> {
    const { view, owners = [] } = this.#epoch
    const saves = new Map<number, number>()
    owners.forEach((owner, board) => {
      if (owner !== NONE) saves.set(owner, (saves.get(owner) ?? 0) + view.boardDegree(board))
    })
    return saves
  }

  /**
   * Puts a model in charge after it has answered some of this engine's users: code that runs for
   * the first time is many times slower, and nobody shall wait for it.
   */
  async useModel(model: RankerModel): Promise<void> {
    await this.#rehearse('mixed', { model: () => model })
    this.#model = model
  }

  /** The same for the ranker of generation 3. */
  async useDeep(model: DeepModel): Promise<void> {
    await this.#rehearse('deep', { deep: () => model })
    const former = this.#deep
    this.#deep = model
    // Behind whatever still asks it.
    await this.#lane.run(async () => former?.close())
  }

  /** The same for the model of generation 2. MODEL_TOO_LARGE, KERNEL_MISSING. */
  async useFitted(memory: FittedMemory): Promise<void> {
    const model = new FittedModel(memory)
    await this.#rehearse('collaborative', { fitted: () => model })
    this.#fitted = model
  }

  /** Takes part in what another thread of the host ranks by the same model. */
  async help(job: JobMemory): Promise<void> {
    await this.#deep?.help(job)
  }

  async #rehearse(generation: GenerationName, fresh: Partial<RankingServices>): Promise<void> {
    const { answers } = rehearsalDefaults
    const known = this.#options.folds === 'pins' ? [] : this.topUsers(answers)
    const users = known.map(({ user }) => this.context(user))
    // Where actors live elsewhere, strangers must do.
    while (users.length < answers) users.push(stranger)
    const services = { ...this.#services, ...fresh }
    for (const user of users) {
      // One at a time, so that real asks come between.
      await this.#lane.run(() => rehearse(generation, services, user, this.#options.clock))
    }
  }

  useRules(rules: SlateRules): void {
    this.#rules = new ActiveRules(rules, this.names.tag)
  }

  /** Takes over what the graph's engine built. */
  useEpoch(epoch: Epoch): void {
    this.#epoch = epoch
    if (this.#options.ranks !== false) this.#building ??= this.#catalogueSteps()
  }

  /** Actions that users in memory keep, over all of them. */
  keptActions(): number {
    const { residents } = this.users
    let kept = 0
    for (const [slot] of residents.slots()) {
      kept += (residents.look(slot) as StateView<typeof userState.fields>).actions.length
    }
    return kept
  }

  /** The order-independent digest of this engine's actors. */
  digest(): string {
    const digest = new Digest()
    this.shards.digest(digest)
    return digest.hex()
  }

  /** The same over actors and edges, by this host's numbers. */
  numbersDigest(): string {
    const digest = new WordDigest()
    this.shards.digestNumbers(digest)
    this.graph?.table.digest(digest, this.shards.folding.length)
    return digest.hex()
  }

  /** Whether there is background work now. */
  get isBuilding(): boolean {
    return this.#building !== undefined || this.graph?.isDue === true
  }

  /** One slice of background work, about a millisecond; false when there is none. */
  buildSlice(): boolean {
    if (!this.#building && this.graph?.isDue) this.#building = this.#epochSteps(this.graph)
    if (!this.#building) return false
    if (this.#building.next().done) this.#building = undefined
    return true
  }

  /**
   * Builds an epoch now, whether or not one is due; `part`: as far as its graph and catalogue, and
   * what pins follow each other is learned in slices.
   */
  buildNow(part: 'whole' | 'graph' = 'whole'): void {
    while (this.#building) this.buildSlice()
    this.#building = this.#everySteps()
    this.#isWalkable = false
    while (this.#building && !(part === 'graph' && this.#isWalkable)) this.buildSlice()
  }

  #everySteps(): Generator<void, void> | undefined {
    if (this.graph) return this.#epochSteps(this.graph)
    return this.#options.ranks === false ? undefined : this.#catalogueSteps()
  }

  *#epochSteps(graph: GraphProjection): Generator<void, void> {
    yield* graph.rebuildSteps()
    this.#options.onEpoch?.(this.#epoch)
    if (this.#options.ranks === false) return
    yield* this.#catalogueSteps()
    this.#isWalkable = true
    yield
    const edges = this.#edges
    this.#edges = undefined
    if (!edges) return
    yield
    const { boards, pins, times, edgeCount } = edges
    const rows = yield* sequencesOfSteps(boards, pins, times, edgeCount)
    const sequences = yield* fitCooccurrenceSteps(rows)
    this.#epoch = { ...this.#epoch, sequences }
    this.#options.onEpoch?.(this.#epoch)
  }

  *#catalogueSteps(): Generator<void, void> {
    yield* this.#tagWords.learnSteps()
    this.#catalogue = yield* catalogueIndexSteps(this.#options.features)
  }

  /** Pin columns of the feature table, and the graph. */
  #project(block: RecordBlock): void {
    this.columns.applyBlock(block)
    this.graph?.applyBlock(block)
  }
}
