/**
 * A ranker: many ids (lanes) on few hosts, since a turn lock lets one call in per id; all lanes of
 * a host share its graph, features and model. It holds no state and reads through its services
 * alone.
 */
import {
  dictionaryShape,
  flagShape,
  limits,
  listShape,
  numberShape,
  oneOfShape,
  optionalShape,
  type PinIndex,
  recordShape,
  refShape,
  type ShapeOf,
  stateSchema,
  textShape,
} from '../base/index.ts'
import {
  devices,
  generationNames,
  type RankingServices,
  type RankReply,
  recommend,
  rungs,
  surfaces,
} from '../ranking/index.ts'
import { type ActorContext, actorType } from './actor.ts'
import { seedShape, userContextShape } from './user-actor.ts'

export const rankerState = stateSchema('Ranker', 1, {})

const pin = refShape<PinIndex>('pin')
const name = textShape(64)
const madeListShape = recordShape({
  version: name,
  items: listShape(numberShape(0), limits.servedPinsMax),
  scores: listShape(numberShape(), limits.servedPinsMax),
})
export const rankAskShape = recordShape({
  user: userContextShape,
  limit: numberShape(1, limits.recommendationsMax),
  generation: oneOfShape(generationNames),
  candidates: optionalShape(numberShape(1)),
  exclude: listShape(pin, limits.excludedPinsMax),
  relatedTo: optionalShape(listShape(pin, limits.excludedPinsMax)),
  board: optionalShape(
    recordShape({
      title: textShape(limits.titleBytesMax),
      pins: listShape(pin, limits.boardPinsMax),
      seeds: listShape(seedShape, 1000),
    }),
  ),
  served: optionalShape(listShape(pin, limits.servedPinsMax)),
  list: optionalShape(madeListShape),
  wantsList: optionalShape(flagShape),
  device: optionalShape(oneOfShape(devices)),
  surface: optionalShape(oneOfShape(surfaces)),
  explain: flagShape,
  at: numberShape(),
  seed: numberShape(0),
  /** From the moment that the ranker has the call. */
  deadlineMs: numberShape(0, 60_000),
  off: listShape(name, 64),
})
export type RankAsk = ShapeOf<typeof rankAskShape>

export const rankReplyShape = recordShape({
  pins: listShape(
    recordShape({
      pin,
      score: numberShape(),
      propensity: numberShape(0, 1),
      sources: listShape(name, 16),
      because: optionalShape(pin),
      features: optionalShape(dictionaryShape(numberShape(), 64)),
    }),
    limits.recommendationsMax,
  ),
  rung: oneOfShape(rungs),
  generation: oneOfShape(generationNames),
  epoch: numberShape(0),
  model: optionalShape(name),
  list: optionalShape(madeListShape),
  trace: listShape(
    recordShape({
      stage: name,
      kind: oneOfShape(['source', 'hydrator', 'filter', 'scorer', 'selector', 'effect']),
      outcome: oneOfShape(['ok', 'failed', 'late', 'off']),
      ms: numberShape(0),
      candidatesIn: numberShape(0),
      candidatesOut: numberShape(0),
      reason: optionalShape(textShape(10_000)),
      dropped: optionalShape(dictionaryShape(numberShape(0), 16)),
    }),
    64,
  ),
})

export class RankerActor {
  readonly #services: RankingServices

  constructor(_context: ActorContext<typeof rankerState.fields>, services: RankingServices) {
    this.#services = services
  }

  recommend({ deadlineMs, ...ask }: RankAsk): Promise<RankReply> {
    const deadline = this.#services.clock.monotonic() + deadlineMs
    return recommend({ ...ask, deadline }, this.#services)
  }
}

export const rankerActor = actorType({
  name: 'Ranker',
  state: rankerState,
  methods: { recommend: { kind: 'read', argument: rankAskShape, result: rankReplyShape } },
  create: (context: ActorContext<typeof rankerState.fields>, services: RankingServices) =>
    new RankerActor(context, services),
})
