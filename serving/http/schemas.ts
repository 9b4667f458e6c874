/**
 * The outside shapes of the API, for checks of what comes in and for the OpenAPI document. Replies
 * are documented by the same schemas; the tests hold every reply against them. The four that recur
 * stand in the document once and are pointed at by name.
 */
import Type, { type Static, type TSchema } from 'typebox'
import { limits } from '../../base/index.ts'
import {
  devices,
  type GenerationName,
  generationNames,
  placeDefaults,
  rungs,
  surfaces,
} from '../../ranking/index.ts'
import { bounds } from './bounds.ts'
import type { ModelReport, PinCard, PinCounter, RecommendedPin } from './recommender-port.ts'

export const generationDefault: GenerationName = 'mixed'

const closed = { additionalProperties: false }
const count = Type.Integer({ minimum: 0 })
const optional = Type.Optional
/** Points at a shape of `sharedSchemas`. */
export const shared = (name: string): TSchema => Type.Unsafe({ $ref: `${name}#` })
const outsideId = (what: string) =>
  Type.String({ minLength: 1, maxLength: limits.idBytesMax, description: what })

export const errorSchema = Type.Object(
  {
    error: Type.Object(
      {
        code: Type.String({ description: 'A code of docs/errors.md; compare this one.' }),
        message: Type.String(),
        details: Type.Record(Type.String(), Type.Unknown()),
      },
      closed,
    ),
  },
  { $id: 'Error', ...closed },
)

const totals = {
  saves: count,
  closeups: count,
  impressions: count,
  hides: count,
  outbounds: count,
  declared: count,
} satisfies Record<PinCounter, TSchema>
const fading = Type.Number({ minimum: 0 })
const recentCounts = {
  saves: fading,
  closeups: fading,
  impressions: fading,
  hides: fading,
  outbounds: fading,
  declared: fading,
} satisfies Record<PinCounter, TSchema>
const cardFields = {
  id: Type.String(),
  title: optional(Type.String()),
  description: optional(Type.String()),
  image: optional(Type.String({ description: 'Address of a picture.' })),
  topic: optional(Type.String()),
  tags: Type.Array(Type.String()),
  language: optional(Type.String()),
  created: optional(Type.Number({ description: 'ms since 1970' })),
  ...totals,
  stub: Type.Boolean({ description: 'Known from events only.' }),
} satisfies Record<keyof PinCard, TSchema>
export const pinSchema = Type.Object(cardFields, { $id: 'Pin', ...closed })
const recent = Type.Object(recentCounts, {
  ...closed,
  description: 'Of the last eight days, halved for each two days of age.',
})
export const pinDetailSchema = Type.Object({ ...cardFields, recent }, closed)

const traceSchema = Type.Object(
  {
    stage: Type.String(),
    kind: Type.Enum(['source', 'hydrator', 'filter', 'scorer', 'selector', 'effect']),
    outcome: Type.Enum(['ok', 'failed', 'late', 'off']),
    ms: Type.Number(),
    candidatesIn: count,
    candidatesOut: count,
    reason: optional(Type.String()),
    dropped: optional(
      Type.Record(Type.String(), count, {
        description: 'Candidates that it dropped, by the rule that did.',
      }),
    ),
  },
  closed,
)
const itemFields = {
  pin: Type.String(),
  score: Type.Number(),
  propensity: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    description:
      'Probability that it stands at this rank: goes into the context of its impression.',
  }),
  sources: Type.Array(Type.String()),
  because: optional(Type.String({ description: 'The saved pin that spoke loudest for it.' })),
  becauseTitle: optional(Type.String()),
  features: optional(Type.Record(Type.String(), Type.Number())),
  card: shared('Pin'),
} satisfies Record<keyof RecommendedPin, TSchema>
export const recommendationsSchema = Type.Object(
  {
    board: optional(Type.String()),
    user: optional(Type.String({ description: 'For whom it is: of a board, who owns it.' })),
    request: Type.String({ description: 'Goes into the context of impressions.' }),
    generation: Type.Enum([...generationNames]),
    rung: Type.Enum([...rungs], { description: 'Where on the ladder of answers it came from.' }),
    epoch: Type.Integer({ description: 'The graph that was walked.' }),
    model: optional(Type.String()),
    stale: optional(
      Type.Literal(true, {
        description: '`after` was not reached in time, or the ranker is far behind the log.',
      }),
    ),
    items: Type.Array(Type.Object(itemFields, closed)),
    trace: optional(Type.Array(traceSchema)),
  },
  { $id: 'Recommendations', ...closed },
)

export const statusSchema = Type.Object(
  {
    ready: Type.Boolean(),
    reasons: Type.Array(Type.String()),
    epoch: Type.Integer(),
    model: optional(Type.String()),
    users: count,
    pins: count,
    boards: count,
    edges: count,
    entries: count,
    lag: Type.Integer({
      minimum: 0,
      description: 'Entries acknowledged that the worker furthest behind has not folded.',
    }),
  },
  { $id: 'Status', ...closed },
)
export const sharedSchemas = [errorSchema, pinSchema, recommendationsSchema, statusSchema]

export const usersSchema = Type.Object({
  users: Type.Array(Type.Object({ id: Type.String(), saves: count }, closed)),
})
const moments = Type.Object(
  {
    mean: Type.Number(),
    deviation: Type.Number(),
    atDefault: Type.Number({ description: 'Share of rows where nothing is known.' }),
  },
  closed,
)
const driftFields = {
  name: Type.String(),
  drift: Type.Number({
    description:
      'Population stability index of what is asked against what was taught: from .1 on ' +
      'something has changed, from .25 on much.',
  }),
  taught: moments,
  asked: moments,
} satisfies Record<keyof ModelReport['features'][number], TSchema>
const modelFields = {
  kind: Type.Enum(['light', 'deep']),
  version: Type.String(),
  trainedAt: Type.Number({ description: 'ms since 1970' }),
  entries: count,
  metrics: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()])),
  rows: Type.Integer({ minimum: 0, description: 'Of the last answers, that features speak of.' }),
  features: Type.Array(Type.Object(driftFields, closed), {
    description: 'The most drifted first; none while rows are too few to tell.',
  }),
} satisfies Record<keyof ModelReport, TSchema>
export const modelsSchema = Type.Object({ models: Type.Array(Type.Object(modelFields, closed)) })
export const stateSchema = Type.Object({}, { description: 'What the actor of the user holds.' })

export const userParams = Type.Object({ id: outsideId('User.') })
export const boardParams = Type.Object({ id: outsideId('Board.') })
export const pinParams = Type.Object({ id: outsideId('Pin.') })

const limit = optional(
  Type.Integer({
    minimum: 1,
    maximum: limits.recommendationsMax,
    default: bounds.recommendationsDefault,
  }),
)
const explain = optional(
  Type.Boolean({ default: false, description: 'With features of each pin and the trace.' }),
)
const after = optional(
  Type.String({
    maxLength: 1_000,
    description: 'Read your writes: a `position` of POST /v1/events.',
  }),
)

export const recommendationsQuery = Type.Object(
  {
    limit,
    // An unknown name has an error of its own, so the list is told here but checked by the route.
    generation: optional(Type.String({ description: `One of ${generationNames.join(', ')}.` })),
    explain,
    device: optional(
      Type.Enum([...devices], {
        description: `On what the answer is looked at; ${placeDefaults.device} where not said.`,
      }),
    ),
    surface: optional(
      Type.Enum([...surfaces], {
        description:
          `On which page; where not said ${placeDefaults.surface}, or board for ideas for one. ` +
          'Both go into the context of impressions, too.',
      }),
    ),
    exclude: optional(
      Type.Array(outsideId('Pin.'), {
        maxItems: limits.excludedPinsMax,
        description: 'Pins not to be answered; repeat the parameter.',
      }),
    ),
    after,
    at: optional(
      Type.Integer({ minimum: 0, maximum: 253_402_300_799_999, description: 'ms since 1970' }),
    ),
    seed: optional(
      Type.Integer({
        minimum: 0,
        maximum: 0xffffffff,
        description: 'With `at`, the whole of the randomness.',
      }),
    ),
    off: optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
        maxItems: 32,
        description: 'Names of stages to leave out; repeat the parameter.',
      }),
    ),
    impressions: optional(
      Type.Boolean({
        description:
          'The caller shows all of it and will not tell what was seen: the server writes an ' +
          'impression of each pin. A failure to do so is logged, and the answer is the same.',
      }),
    ),
  },
  closed,
)
export type RecommendationsQuery = Static<typeof recommendationsQuery>
export const relatedQuery = Type.Object({ limit, explain }, closed)
export const stateQuery = Type.Object({ after }, closed)
export const usersQuery = Type.Object(
  { limit: optional(Type.Integer({ minimum: 1, maximum: bounds.usersListedMax, default: 100 })) },
  closed,
)
export const noQuery = Type.Object({}, closed)
