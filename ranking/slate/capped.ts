/**
 * The slate: the best by score that the rules allow, each pin once. Hard caps hold for whatever
 * comes in; soft caps, and what was served lately, give way when the slate would stay short, in
 * that order. With a diversifier the best are chosen for being different, too; with exploration
 * chance fills some places, and the reply says with what probability.
 */
import { Random } from '../../base/index.ts'
import { byScore, QUANTA } from '../pipeline/by-score.ts'
import { always, type Ranking, type Selector } from '../pipeline/stage.ts'
import { type ActiveRules, defaultRules } from './active-rules.ts'
import { CapCounts, capKeys } from './cap-counts.ts'
import { type Greedy, inOrder } from './diversifier.ts'
import { dpp } from './dpp.ts'
import { drawPlaces, openPlaces } from './explore.ts'
import { mmr } from './mmr.ts'
import type { SlateRules } from './rules.ts'
import { similarityOf } from './similarity.ts'

export { slateDefaults } from './rules.ts'

/**
 * Soft caps look no further than this among the best: who would stand there only for being of
 * another kind is worse for the reader than more of one kind.
 */
export const softDepth = 1_000

export const cappedSlate: Selector = {
  kind: 'selector',
  name: 'slate',
  budgetMs: 0,
  enabled: always,
  select(ranking) {
    const { rules } = activeRules(ranking)
    const { topic, ...others } = rules.caps.soft
    // What belongs on a board is of its topic.
    const ofFeeds = ranking.request.board || topic === undefined ? {} : { topic }
    const plan = new Plan(ranking, { ...others, ...ofFeeds })
    plan.fill(greedyOf(ranking, plan.order, rules.diversity))
    plan.countDropped()
    explore(ranking, plan, rules.explore)
  },
}

/**
 * Where the slate is dropped (late, failed, switched off): the best by score. What the operator
 * forbids stays forbidden.
 */
export const plainSlate: Selector = {
  kind: 'selector',
  name: 'plain slate',
  budgetMs: 0,
  required: true,
  enabled: always,
  select(ranking) {
    const plan = new Plan(ranking, {})
    plan.fill(inOrder(plan.order.length))
    plan.countDropped()
    ranking.slate = plan.slate
    delete ranking.propensities
  },
}

function activeRules({ services }: Ranking): ActiveRules {
  return services.rules?.() ?? defaultRules
}

/** An answer without chance, in the making. */
class Plan {
  readonly ranking: Ranking
  /** What rules allow, best first. */
  readonly order: readonly number[]
  readonly slate: number[] = []
  readonly hard: CapCounts
  readonly soft: CapCounts
  readonly served: ReadonlySet<number>

  constructor(ranking: Ranking, soft: SlateRules['caps']['soft']) {
    this.ranking = ranking
    const { limit, served = [] } = ranking.request
    const active = activeRules(ranking)
    ranking.dropped = {}
    refuse(ranking, active)
    this.order = active.rules.duplicates.allow ? byScore(ranking) : oncePerThing(ranking)
    this.served = new Set(served)
    const keys = capKeys(ranking)
    this.hard = new CapCounts(active.rules.caps.hard, keys, limit, 'hard')
    this.soft = new CapCounts(soft, keys, limit, 'soft')
  }

  wasServed(candidate: number): boolean {
    return this.served.size > 0 && this.served.has(this.ranking.candidates.pins[candidate]!)
  }

  /** Takes what greedy gives, by ever weaker conditions, until the answer is long enough. */
  fill(greedy: Greedy): void {
    const { hard, soft } = this
    const passes = [
      (c: number, i: number) => i < softDepth && !this.wasServed(c) && hard.fits(c) && soft.fits(c),
      (c: number) => !this.wasServed(c) && hard.fits(c),
      (c: number) => hard.fits(c),
    ]
    const { limit } = this.ranking.request
    for (const fits of passes) {
      if (this.slate.length === limit) return
      for (const item of greedy.picks((i) => fits(this.order[i]!, i))) {
        const candidate = this.order[item]!
        this.slate.push(candidate)
        hard.add(candidate)
        soft.add(candidate)
        if (this.slate.length === limit) return
      }
    }
  }

  /** What stands above the last of the slate and was passed over, by the rule in its way. */
  countDropped(): void {
    const shown = new Set(this.slate)
    const last = this.order.findLastIndex((candidate) => shown.has(candidate))
    const isFull = this.slate.length === this.ranking.request.limit
    for (const candidate of isFull ? this.order.slice(0, last) : this.order) {
      if (shown.has(candidate)) continue
      const [hard, soft] = [this.hard.refusal(candidate), this.soft.refusal(candidate)]
      if (hard) count(this.ranking, `hard cap of a ${hard}`)
      else if (this.wasServed(candidate)) count(this.ranking, 'served lately')
      else if (soft) count(this.ranking, `soft cap of a ${soft}`)
    }
  }
}

/** Drops candidates that a rule refuses by themselves, or that went away while they were scored. */
function refuse(ranking: Ranking, active: ActiveRules): void {
  const { candidates, services } = ranking
  const { features } = services
  const refusal = active.refusals(features)
  for (let i = 0; i < candidates.count; i++) {
    if (candidates.alive[i] === 0) continue
    const pin = candidates.pins[i]!
    const reason = features.isGone(pin) ? 'gone' : refusal?.(pin)
    if (reason === undefined) continue
    candidates.alive[i] = 0
    count(ranking, reason)
  }
}

/** By score, and of pins that are the same thing the first alone, whatever becomes of it. */
function oncePerThing(ranking: Ranking): number[] {
  const { likeness } = ranking.services.features.columns
  const taken = new Set<number>()
  return byScore(ranking).filter((candidate) => {
    const thing = likeness[ranking.candidates.pins[candidate]!] ?? 0
    const isFirst = thing === 0 || !taken.has(thing)
    if (isFirst) taken.add(thing)
    else count(ranking, 'duplicate')
    return isFirst
  })
}

function count({ dropped }: Ranking, rule: string): void {
  if (dropped) dropped[rule] = (dropped[rule] ?? 0) + 1
}

/** The best `pool` by relevance and difference, then the others by score. */
function greedyOf(
  { candidates, services }: Ranking,
  order: readonly number[],
  { method, lambda, pool }: SlateRules['diversity'],
): Greedy {
  if (method === 'off' || order.length === 0) return inOrder(order.length)
  const best = order.slice(0, pool)
  const pins = Uint32Array.from(best, (candidate) => candidates.pins[candidate]!)
  const scores = best.map((candidate) => Math.round(candidates.final[candidate]! * QUANTA))
  const span = scores[0]! - scores.at(-1)!
  const relevance = Float64Array.from(scores, (score) => {
    return span > 0 ? 1 - (scores[0]! - score) / span : 1
  })
  const similarity = similarityOf(pins, services.features, services.vectors?.())
  const items = { count: best.length, relevance, similarity }
  const chosen = (method === 'mmr' ? mmr : dpp).begin(items, lambda)
  const rest = inOrder(order.length - best.length)
  return {
    *picks(fits) {
      yield* chosen.picks(fits)
      for (const item of rest.picks((i) => fits(best.length + i))) yield best.length + item
    },
  }
}

function explore(ranking: Ranking, plan: Plan, rules: SlateRules['explore']): void {
  const { request, candidates } = ranking
  ranking.slate = plan.slate
  // Lists of related pins have one seed for all: nothing there is by chance.
  if (rules.slots === 0 || request.relatedTo !== undefined) return
  const planned = new Set(plan.slate)
  const reserve = plan.order.filter(
    (candidate) =>
      !planned.has(candidate) &&
      !plan.wasServed(candidate) &&
      (rules.from === 'reserve' || candidates.sourcesOf(candidate).includes('fresh')),
  )
  const columns = [...plan.hard.columns, ...plan.soft.columns]
  const places = openPlaces(reserve, columns, plan.slate, rules)
  const random = new Random(request.seed).split('explore')
  Object.assign(ranking, drawPlaces(plan.slate, places, rules.chance, random))
}
