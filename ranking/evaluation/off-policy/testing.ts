/**
 * A small world whose truth is known, logged by chance: for tests and the bench.
 *
 * Users of 200 kinds, each with a taste of four numbers, are shown 3 of 20 items. An item at a rank
 * from 0 earns 1 with probability (1 + rank)^-.3 × logistic(base + quality + taste · item), else 0.
 * Logging draws slates by a coarse idea of what a kind likes, the target by a better one. The model
 * that DM and DR are given is wrong on purpose: it knows no users. It is fitted to the log, for the
 * rows of half of the users to those of the others.
 */
import type { Random } from '../../../base/index.ts'
import { downTheList, type LoggedRows, type TargetColumns } from './logged-rows.ts'
import { chancesByPosition, chancesOf, drawSlate, softmaxPolicy } from './slate-policy.ts'

const KINDS = 200
const ITEMS = 20
const PLACES = 3
const TASTES = 4
/** Slates that one user looks at. */
const VISITS = 4
const EXAMINED = -0.3

const logging = softmaxPolicy({ temperature: 0.7 })
const target = softmaxPolicy({ temperature: 0.5 })

/** A kind of user. Chances are by rank and item. */
type Kind = {
  readonly earns: readonly Float64Array[]
  readonly loggingScores: Float64Array
  readonly targetScores: Float64Array
  readonly loggingChances: readonly Float64Array[]
  readonly targetChances: readonly Float64Array[]
}

export type BanditWorld = {
  readonly kinds: readonly Kind[]
  /** What the target earns a row: exact, over every item at every rank. */
  readonly truth: number
  readonly loggingTruth: number
}

/** `base` is the log-odds of what an item of no appeal earns at the top. */
export function banditWorld({ random, base }: { readonly random: Random; readonly base: number }) {
  const quality = normals(ITEMS, random)
  const features = Array.from({ length: ITEMS }, () => normals(TASTES, random))
  const kinds = Array.from({ length: KINDS }, (): Kind => {
    const taste = normals(TASTES, random)
    const likes = quality.map((q, i) => 0.7 * q + 0.5 * dot(features[i]!, taste))
    const loggingScores = likes.map((x, i) => 0.4 * x + 0.4 * quality[i]!)
    const targetScores = likes.map((x) => 0.7 * x + 0.2 * random.normal())
    return {
      earns: Array.from({ length: PLACES }, (_, rank) =>
        likes.map((x) => (1 + rank) ** EXAMINED / (1 + Math.exp(-base - x))),
      ),
      loggingScores,
      targetScores,
      loggingChances: chancesByPosition(logging, loggingScores, PLACES),
      targetChances: chancesByPosition(target, targetScores, PLACES),
    }
  })
  const worth = (chances: (kind: Kind) => readonly Float64Array[]) => {
    const ofKind = (kind: Kind) =>
      chances(kind).reduce((sum, row, rank) => sum + dot(row, kind.earns[rank]!), 0)
    return kinds.reduce((sum, kind) => sum + ofKind(kind), 0) / KINDS / PLACES
  }
  const truth = worth(({ targetChances }) => targetChances)
  const loggingTruth = worth(({ loggingChances }) => loggingChances)
  return { kinds, truth, loggingTruth }
}

export type Asked = { readonly rows: LoggedRows; readonly target: TargetColumns }
/** One log in several forms, made when asked for. */
export type BanditLog = {
  /** With the chance of an item at its position. */
  readonly byPosition: () => Asked
  /** The same rows with the chance of the list down to the item. */
  readonly byList: () => Asked
  /** A mistake: the chance given what was drawn above, as if it were that of the position. */
  readonly givenAbove: () => Asked
}

/** At least so many rows, of whole users; a user's rows are one cluster. */
export function banditLog(world: BanditWorld, impressions: number, random: Random): BanditLog {
  const slates = Math.ceil(impressions / (VISITS * PLACES)) * VISITS
  const shown = show(world, slates, random)
  const { rewards, clusters, items, kindOf } = shown
  const halves = [1, 0].map((half) => {
    const cells = meansByCell(shown, half)
    const expected = world.kinds.map(({ targetChances }) =>
      targetChances.map((row, rank) => dot(row, cells[rank]!)),
    )
    return { cells, expected }
  })
  const column = (value: (row: number, rank: number) => number) =>
    rewards.map((_, row) => value(row, row % PLACES))
  const chance = (of: 'loggingChances' | 'targetChances') =>
    column((row, rank) => world.kinds[kindOf[row]!]![of][rank]![items[row]!]!)
  const halfOf = (row: number) => halves[clusters[row]! % 2]!
  const model = {
    logged: column((row, rank) => halfOf(row).cells[rank]![items[row]!]!),
    target: column((row, rank) => halfOf(row).expected[kindOf[row]!]![rank]!),
  }
  const asked = (propensities: Float64Array, probabilities: Float64Array): Asked => ({
    rows: { rewards, clusters, propensities },
    target: { probabilities, model },
  })
  const { slates: lists, loggedAbove } = shown
  const askedAbove = () => chancesAbove(world, shown)
  return {
    byPosition: () => asked(chance('loggingChances'), chance('targetChances')),
    byList: () => asked(downTheList(lists, loggedAbove), downTheList(lists, askedAbove())),
    givenAbove: () => asked(loggedAbove, askedAbove()),
  }
}

/** Columns of what users were shown. */
function show({ kinds }: BanditWorld, slates: number, random: Random) {
  const rows = slates * PLACES
  const shown = {
    slates: Uint32Array.from({ length: rows }, (_, row) => row / PLACES),
    clusters: Uint32Array.from({ length: rows }, (_, row) => row / PLACES / VISITS),
    kindOf: new Uint32Array(rows),
    items: new Uint32Array(rows),
    rewards: new Float64Array(rows),
    /** Chances given what stands above. */
    loggedAbove: new Float64Array(rows),
  }
  for (let first = 0, number = 0; first < rows; first += PLACES) {
    if (first % (PLACES * VISITS) === 0) number = random.below(KINDS)
    const kind = kinds[number]!
    const { slate, givenAbove } = drawSlate(logging, kind.loggingScores, { places: PLACES, random })
    shown.kindOf.fill(number, first, first + PLACES)
    shown.items.set(slate, first)
    shown.loggedAbove.set(givenAbove, first)
    for (const [rank, item] of slate.entries()) {
      shown.rewards[first + rank] = random.unit() < kind.earns[rank]![item]! ? 1 : 0
    }
  }
  return shown
}

/** Of the target, given what stands above. */
function chancesAbove({ kinds }: BanditWorld, { items, kindOf }: ReturnType<typeof show>) {
  const chances = new Float64Array(items.length)
  for (let first = 0; first < items.length; first += PLACES) {
    const { targetScores } = kinds[kindOf[first]!]!
    const slate = items.subarray(first, first + PLACES)
    chances.set(chancesOf(target, targetScores, slate), first)
  }
  return chances
}

/**
 * By rank and item, what it earned on average from users of one half; of what none of them saw
 * there nothing is expected.
 */
function meansByCell(
  { items, rewards, clusters }: ReturnType<typeof show>,
  half: number,
): Float64Array[] {
  const [sums, counts] = [0, 1].map(() =>
    Array.from({ length: PLACES }, () => new Float64Array(ITEMS)),
  )
  for (let row = 0; row < items.length; row++) {
    if (clusters[row]! % 2 !== half) continue
    const item = items[row]!
    sums![row % PLACES]![item]! += rewards[row]!
    counts![row % PLACES]![item]!++
  }
  return sums!.map((row, rank) => row.map((sum, item) => sum / Math.max(1, counts![rank]![item]!)))
}

function normals(count: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => random.normal())
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!
  return sum
}
