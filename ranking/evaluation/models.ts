/**
 * The models that `evaluate` knows, behind one port: fitted on rows, they fill scores for one
 * user's history. Each brings its small grid of settings, from which a fold of the training data
 * chooses.
 */
import { type Clock, Random } from '../../base/index.ts'
import {
  allocateSteps,
  buildGraph,
  type EdgeList,
  GraphDelta,
  GraphView,
  type PinBoardGraph,
  threeStep,
  type WalkResult,
  WalkScratch,
  type WalkSeed,
  walk,
  walkDefaults,
  wasmStore,
} from '../../graph/index.ts'
import { distinct, type Rows } from '../algebra/index.ts'
import type { BatchModel } from '../models/batch-model.ts'
import { cooccurrenceDefaults, fitCooccurrence } from '../models/cooccurrence.ts'
import { type cosineDefaults, fitCosineNeighbours } from '../models/item-neighbours.ts'
import { fitRp3Beta, rp3BetaDefaults } from '../models/rp3beta.ts'
import {
  neighboursModel,
  type RowScorer,
  ScorerModel,
  sequencesModel,
} from '../models/scorer-model.ts'
import type { PinTags } from '../models/two-tower/index.ts'
import { UserNeighbours, type userNeighboursDefaults } from '../models/user-neighbours.ts'
import type { Gemm } from '../onnx/index.ts'
import { ease, graphFilter, implicitAls, lowPassFilter, softmaxFactors } from './dense-models.ts'
import { twoTower } from './two-tower.ts'

export type Settings = Readonly<Record<string, number>>
export type Scorer = RowScorer
/** What fits work with. */
export type FitTools = {
  readonly gemm: Gemm
  readonly clock: Clock
  readonly threads: number
  readonly seed: number
  /** What is known of items, where the data says it. */
  readonly tags?: PinTags
  /** Hears how settings did on the fold. */
  readonly onChoice?: (model: ModelName | 'best', settings: Settings, ndcg: number) => void
}
export type EvaluatedModel = {
  readonly grid: readonly Settings[]
  /** Users of the fold that choose the settings; fewer where a model is dear to ask. */
  readonly foldUsers: number
  /** Fits of one data set, which may share what does not depend on the settings. */
  readonly open: (
    train: Rows,
    items: number,
    tools: FitTools,
  ) => (settings: Settings) => BatchModel | Promise<BatchModel>
}
type ScorerFit = (train: Rows, items: number, settings: Settings) => Scorer

/** A model that scores user by user. */
const oneByOne =
  (scorerOf: ScorerFit): EvaluatedModel['open'] =>
  (train, items) =>
  (settings) => {
    const scorer = scorerOf(train, items, settings)
    return batchOf(scorer, items)
  }

/** The same in batches. */
export function batchOf(scorer: Scorer, items: number): BatchModel {
  return new ScorerModel(scorer, items)
}

export const modelNames = [
  'popularity',
  'walk',
  'plain-walk',
  'p3',
  'walk-limit',
  'rp3beta',
  'item-neighbours',
  'user-neighbours',
  'co-occurrence',
  'ease',
  'gf-cf',
  'low-pass',
  'ials',
  'softmax-factors',
  'two-tower',
] as const
export type ModelName = (typeof modelNames)[number]

/** Those that `best` chooses from, alone or blended. */
export const blendedNames: readonly ModelName[] = [
  'rp3beta',
  'co-occurrence',
  'ease',
  'gf-cf',
  'low-pass',
  'ials',
  'softmax-factors',
]

/** Not asked about strangers: its pins need tags. */
const notOfStrangers: readonly ModelName[] = ['two-tower']

/**
 * Those that score the history of users whom they were not fitted on; user numbers beyond the fit's
 * must mean nothing to them but a stranger, or a stream of random numbers.
 */
export const strangerNames: readonly ModelName[] = modelNames.filter(
  (name) => !notOfStrangers.includes(name),
)

const popularity: EvaluatedModel = {
  grid: [{}],
  foldUsers: 0,
  open: oneByOne((train, items) => {
    const counts = new Float64Array(items)
    for (const item of distinct(train).items) counts[item]!++
    return (_history, _user, into) => into.set(counts)
  }),
}

const rp3beta: EvaluatedModel = {
  grid: [0.5, 0.6, 0.7].flatMap((alpha) =>
    [0.4, 0.5, 0.6].map((beta) => ({ ...rp3BetaDefaults, alpha, beta })),
  ),
  foldUsers: Number.POSITIVE_INFINITY,
  open: (train, items) => (settings) => {
    const model = fitRp3Beta(distinct(train), items, settings as typeof rp3BetaDefaults)
    return neighboursModel(model, items)
  },
}

const itemNeighbours: EvaluatedModel = {
  grid: [0, 1].flatMap((inverseFrequency) =>
    [100, 400].map((neighbours) => ({ inverseFrequency, neighbours })),
  ),
  foldUsers: Number.POSITIVE_INFINITY,
  open: (train, items) => (settings) => {
    const model = fitCosineNeighbours(distinct(train), items, settings as typeof cosineDefaults)
    return neighboursModel(model, items)
  },
}

const userNeighbours: EvaluatedModel = {
  grid: [{ neighbours: 100 }, { neighbours: 300 }],
  foldUsers: 8_000,
  open: oneByOne((train, items, settings) => {
    const options = settings as typeof userNeighboursDefaults
    const model = new UserNeighbours(distinct(train), items, options)
    return (history, user, into) => model.score(new Uint32Array(new Set(history)), user, into)
  }),
}

const coOccurrence: EvaluatedModel = {
  grid: [0.5, 0.6, 0.7].flatMap((recency) =>
    [0.25, 0.5].map((backward) => ({
      ...cooccurrenceDefaults,
      neighbours: 100_000,
      recency,
      backward,
    })),
  ),
  foldUsers: 8_000,
  open: (train, items) => (settings) => {
    const { offsets, items: all } = train
    const model = fitCooccurrence({ offsets, items: all, itemCount: items }, settings)
    return sequencesModel(model, items)
  },
}

/**
 * The served walk itself, each row of the data a board, every item of the row a seed of weight 1.
 */
const servedWalk: EvaluatedModel = {
  grid: [0.3, 0.4, 0.5, 0.6].flatMap((degreeExponent) =>
    [0.9, 1].map((restart) => ({ steps: 100_000, restart, degreeExponent })),
  ),
  foldUsers: 4_000,
  open: oneByOne((train, items, settings) => walkScorer(viewOf(train, items), items, settings)),
}

/**
 * Visits as they are, to be held against `p3`; seeds alike, or by Pixie's allocation of steps.
 */
const plainWalk: EvaluatedModel = {
  grid: [0.9, 1].flatMap((restart) =>
    [0, 1].map((seedsAlike) => ({ steps: 100_000, restart, degreeExponent: 0, seedsAlike })),
  ),
  foldUsers: 1_500,
  open: servedWalk.open,
}

/** The exact three-step walk: every seed alike, every edge read. */
const p3: EvaluatedModel = {
  grid: [{ alpha: 1, beta: 0 }],
  foldUsers: 0,
  open: oneByOne((train, items, settings) =>
    threeStepScorer(viewOf(train, items), items, settings),
  ),
}

/** What the walk with restart 1 comes to with ever more steps: seeds weigh as it allots steps. */
const walkLimit: EvaluatedModel = {
  grid: [0.3, 0.4, 0.5, 0.6].map((beta) => ({ alpha: 1, beta })),
  foldUsers: 6_000,
  open: oneByOne((train, items, settings) => {
    const view = viewOf(train, items)
    return threeStepScorer(view, items, settings, allotting(view))
  }),
}

/** Pins found by a walk and passed on. */
const FOUND_MAX = 400

/** Scores by the served walk over a view; `user` keys its random numbers. */
export function walkScorer(
  view: GraphView,
  items: number,
  { seedsAlike = 0, ...settings }: Settings,
): Scorer {
  const scratch = new WalkScratch(items)
  const allot = allotting(view)
  return (history, user, into) => {
    const seed = new Random(1).split(user).u32()
    const options = { ...walkDefaults, ...settings, top: FOUND_MAX, seed }
    fill(into, history, (seeds) => {
      // A weight against the allocation gives every seed as many steps.
      const even = () => allot(seeds).map(({ pin, weight }) => ({ pin, weight: 1 / weight }))
      return walk(view, seedsAlike === 1 ? even() : seeds, [], scratch, options)
    })
  }
}

/** Seeds that weigh what the walk allots to them; those without edges are left out. */
function allotting(view: GraphView): (seeds: readonly WalkSeed[]) => WalkSeed[] {
  const degreeOf = (pin: number) => view.pinDegree(pin)
  return (seeds) => {
    const steps = allocateSteps(degreeOf, seeds, STEPS_FINE)
    return seeds
      .map(({ pin }, i) => ({ pin, weight: steps[i]! }))
      .filter(({ weight }) => weight > 0)
  }
}
/** So many that rounding an allocation to whole steps does not matter. */
const STEPS_FINE = 1_000_000_000

/** Scores by the exact three-step walk over a view, every edge read. */
export function threeStepScorer(
  view: GraphView,
  items: number,
  settings: Settings,
  weigh: (seeds: readonly WalkSeed[]) => readonly WalkSeed[] = (seeds) => seeds,
): Scorer {
  const scratch = new WalkScratch(items)
  const options = { ...settings, top: FOUND_MAX, edgesMax: Number.POSITIVE_INFINITY }
  return (history, _user, into) => {
    fill(into, history, (seeds) => threeStep(view, weigh(seeds), [], scratch, options))
  }
}

function fill(
  into: Float64Array,
  history: Uint32Array,
  find: (seeds: readonly WalkSeed[]) => WalkResult,
): void {
  const seeds = [...new Set(history)].map((pin) => ({ pin, weight: 1 }))
  if (seeds.length === 0) return
  const { pins, scores } = find(seeds)
  pins.forEach((pin, i) => {
    into[pin] = scores[i]!
  })
}

export const models: Readonly<Record<ModelName, EvaluatedModel>> = {
  popularity,
  walk: servedWalk,
  'plain-walk': plainWalk,
  p3,
  'walk-limit': walkLimit,
  rp3beta,
  'item-neighbours': itemNeighbours,
  'user-neighbours': userNeighbours,
  'co-occurrence': coOccurrence,
  ease,
  'gf-cf': graphFilter,
  'low-pass': lowPassFilter,
  ials: implicitAls,
  'softmax-factors': softmaxFactors,
  'two-tower': twoTower,
}

function viewOf(train: Rows, items: number): GraphView {
  return viewOfGraph(buildGraph(edgesOf(train, items), wasmStore))
}

/** A frozen graph to walk, without anything fresh. */
export function viewOfGraph(frozen: PinBoardGraph): GraphView {
  const pinCapacity = frozen.nodeOfPin.length
  const boardCapacity = frozen.nodeOfBoard.length
  const none = { pinCapacity, boardCapacity, edgeCapacity: 1 }
  return new GraphView(frozen, GraphDelta.create(frozen, none), 1)
}

/** Rows as boards, their items as pins. */
export function edgesOf(rows: Rows, items: number): EdgeList {
  const users = rows.offsets.length - 1
  const boards = new Uint32Array(rows.items.length)
  for (let u = 0; u < users; u++) boards.fill(u, rows.offsets[u]!, rows.offsets[u + 1]!)
  const counts = { edgeCount: boards.length, pinCount: items, boardCount: users }
  return { pins: rows.items, boards, ...counts }
}
