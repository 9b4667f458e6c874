/**
 * Runs a composition for one request: sources, hydrators, filters, the ladder of scorers, the
 * selector, side effects. Whatever is dropped on the way is in the trace; the reply names the rung
 * it came from.
 */
import { NONE, type PinIndex } from '../../base/index.ts'
import { plainSlate } from '../slate/capped.ts'
import { QUANTA } from './by-score.ts'
import type { RankedPin, RankReply, RankRequest, Rung, TraceEntry } from './request.ts'
import type { RankingServices, RankScratch } from './services.ts'
import type { Composition, Ranking, Stage } from './stage.ts'
import { tastesOf } from './tastes.ts'

export async function runPipeline(
  composition: Composition,
  request: RankRequest,
  services: RankingServices,
): Promise<RankReply> {
  return services.scratch.use(async (scratch) => {
    const ranking = startRanking(request, services, scratch)
    const { candidates } = ranking
    const { candidatesMax } = composition
    const most = Math.min(candidatesMax ?? Infinity, candidates.capacity)
    const part = candidatesMax ? Math.min(1, (request.candidates ?? most) / most) : 1
    const run = new Run(ranking)
    for (const source of composition.sources) {
      // With fewer candidates every source brings fewer, lest the first fill all places.
      const room = part < 1 && source.top ? Math.ceil(part * source.top) : most
      candidates.limit = Math.min(part * most, candidates.count + room)
      await run.stage(source, () => source.find(ranking))
      // Short questions and fresh entries wait for a source at most, not for a whole ranking.
      await services.clock.yield()
    }
    for (const h of composition.hydrators) await run.stage(h, () => h.hydrate(ranking))
    for (const filter of composition.filters) {
      await run.stage(filter, () => dropWhere(ranking, filter.drops(ranking)))
    }
    const rung = await score(composition, ranking, run)
    const { selector } = composition
    if (!(await run.stage(selector, () => selector.select(ranking)))) {
      await run.stage(plainSlate, () => plainSlate.select(ranking))
    }
    for (const effect of composition.effects) await run.stage(effect, () => effect.run(ranking))
    return reply(ranking, rung, run.trace)
  })
}

/**
 * The views and memory of one request; training starts here too. Each view is taken once: what the
 * host swaps while a request pauses is for the next one.
 */
export function startRanking(
  request: RankRequest,
  services: RankingServices,
  scratch: RankScratch,
): Ranking {
  const [view, catalogue] = [services.graph(), services.catalogue()]
  const [sequences, model] = [services.sequences(), services.model()]
  const [deep, fitted] = [services.deep?.(), services.fitted?.()]
  const [rules, owners] = [services.rules?.(), services.owners?.()]
  const factors = services.factors ? services.factors() : deep?.factors
  const taken = {
    ...(rules && { rules: () => rules }),
    owners: () => owners,
    graph: () => view,
    catalogue: () => catalogue,
    sequences: () => sequences,
    model: () => model,
    deep: () => deep,
    fitted: () => fitted,
  }
  return {
    request,
    services: { ...services, ...taken },
    view,
    candidates: scratch.candidates,
    scratch,
    tastes: tastesOf(request, services.features),
    folded: once(() => factors?.fold(savedOf(request))),
    slate: [],
  }
}

/** What factors are folded in by, newest first. */
function savedOf({ relatedTo, user: { exclude, savedCount } }: RankRequest): readonly number[] {
  return relatedTo ?? exclude.slice(0, savedCount)
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

class Run {
  readonly trace: TraceEntry[] = []
  readonly #ranking: Ranking

  constructor(ranking: Ranking) {
    this.#ranking = ranking
  }

  /** Runs one stage; true when it ran and did not decline. */
  async stage(stage: Stage, work: () => unknown): Promise<boolean> {
    const { request, services, candidates } = this.#ranking
    const { clock } = services
    const started = clock.monotonic()
    const candidatesIn = candidates.living
    const done = (outcome: TraceEntry['outcome'], reason?: string) => {
      const { dropped = {} } = this.#ranking
      delete this.#ranking.dropped
      this.trace.push({
        stage: stage.name,
        kind: stage.kind,
        outcome,
        ms: clock.monotonic() - started,
        candidatesIn,
        candidatesOut: candidates.living,
        ...(reason !== undefined && { reason }),
        ...(Object.keys(dropped).length > 0 && { dropped }),
      })
      if (outcome === 'failed' || outcome === 'late') services.count(`${stage.name}_${outcome}`)
      return outcome === 'ok'
    }
    const { required = false } = stage
    if (!required && request.off.includes(stage.name))
      return done('off', 'switched off by the request')
    if (!stage.enabled(request)) return done('off', 'not for this request')
    const left = request.deadline - started
    // What may not be shown may not be shown late either.
    const isRule = required || stage.kind === 'filter'
    if (!isRule && left < stage.budgetMs) return done('late', `${Math.floor(left)} ms left`)
    try {
      const answer = work()
      const kept = answer instanceof Promise ? await answer : answer
      return kept === false ? done('off', 'it has nothing to work with') : done('ok')
    } catch (error) {
      return done('failed', error instanceof Error ? error.message : String(error))
    }
  }
}

export function dropWhere(ranking: Ranking, drops: (index: number) => boolean): void {
  const { candidates } = ranking
  for (let i = 0; i < candidates.count; i++) {
    if (candidates.alive[i] === 1 && drops(i)) candidates.alive[i] = 0
  }
}

async function score(composition: Composition, ranking: Ranking, run: Run): Promise<Rung> {
  const personal = ranking.request.user.seeds.length > 0 || ranking.tastes.topics.size > 0
  for (const scorer of composition.scorers) {
    if (await run.stage(scorer, () => scorer.score(ranking))) {
      return personal ? scorer.rung : 'popular'
    }
  }
  // Every scorer is gone: the order of popularity is left.
  const { candidates } = ranking
  const { features } = ranking.services
  for (let i = 0; i < candidates.count; i++) {
    candidates.final[i] = features.fact(candidates.pins[i]!, 'saves')
  }
  return 'popular'
}

function reply(ranking: Ranking, rung: Rung, trace: readonly TraceEntry[]): RankReply {
  const { candidates, request, services, view } = ranking
  // A pin may have been hidden or deleted while the model was asked.
  const isGone = (index: number) => services.features.isGone(candidates.pins[index]!)
  const pins = ranking.slate.slice(0, request.limit).flatMap((index, rank): RankedPin[] => {
    if (isGone(index)) return []
    const pin = candidates.pins[index]! as PinIndex
    const because = candidates.because[index]!
    const features = request.explain && ranking.features && explain(ranking.features, index)
    const ranked = {
      pin,
      score: Math.round(candidates.final[index]! * QUANTA) / QUANTA,
      propensity: ranking.propensities?.[rank] ?? 1,
      sources: candidates.sourcesOf(index),
      ...(because !== NONE && { because: because as PinIndex }),
      ...(features && { features }),
    }
    return [ranked]
  })
  return {
    pins,
    rung,
    generation: request.generation,
    epoch: view.epoch,
    ...(ranking.model !== undefined && { model: ranking.model }),
    ...(request.wantsList && madeList(ranking)),
    trace,
  }
}

/** More than an answer has, since some of it may not be shown tomorrow. */
const LISTED_MAX = 200

function madeList({ fitted }: Ranking): Pick<RankReply, 'list'> {
  const { version, best, values } = fitted ?? {}
  if (version === undefined || !best || !values) return {}
  const items = Array.from(best.subarray(0, LISTED_MAX))
  return { list: { version, items, scores: items.map((item) => values[item]!) } }
}

function explain(
  { names, matrix, indices }: NonNullable<Ranking['features']>,
  index: number,
): Record<string, number> {
  const row = indices.indexOf(index) * names.length
  return Object.fromEntries(names.map((name, i) => [name, matrix[row + i]!]))
}
