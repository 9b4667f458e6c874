/** The API itself: events in; recommendations, pins and users out. */
import type { FastifyBaseLogger } from 'fastify'
import { idProblem, pinwheelError } from '../../base/index.ts'
import { type GenerationName, generationNames } from '../../ranking/index.ts'
import type { App, RouteContext } from './app.ts'
import { bounds } from './bounds.ts'
import { readEnvelope, takeEntries } from './entries.ts'
import { eventsBody, eventsReply } from './entry-schema.ts'
import { mediaTypes } from './error-reply.ts'
import type { RecommendReply } from './recommender-port.ts'
import {
  boardParams,
  generationDefault,
  modelsSchema,
  noQuery,
  pinDetailSchema,
  pinParams,
  type RecommendationsQuery,
  recommendationsQuery,
  relatedQuery,
  shared,
  stateQuery,
  stateSchema,
  userParams,
  usersQuery,
  usersSchema,
} from './schemas.ts'
import { tellShown } from './shown.ts'
import { bodyUnchecked } from './validate.ts'

const errors = { '4xx': shared('Error'), '5xx': shared('Error') }

export function registerV1(app: App, context: RouteContext): void {
  registerEvents(app, context)
  registerFeeds(app, context)
  registerLookups(app, context)
  registerModels(app, context)
}

function registerEvents(app: App, { recommender, clock, kinds }: RouteContext): void {
  const schema = {
    operationId: 'postEvents',
    summary: 'Append entries to the log',
    description:
      'Events and catalogue entries. The reply leaves when they are durable; each entry is ' +
      'answered by itself. As NDJSON: one entry a line, without the envelope.',
    tags: ['events'],
    consumes: [...mediaTypes],
    querystring: noQuery,
    body: eventsBody,
    response: { 202: eventsReply, ...errors },
  }
  // The schema of the body documents; entryProblem decides, so that one bad entry is one rejection.
  app.post('/v1/events', { schema, validatorCompiler: bodyUnchecked }, async (request, reply) => {
    const given = readEnvelope(request.body)
    const taken = await takeEntries(recommender, given, { now: clock.now(), kinds })
    return reply.code(202).send(taken)
  })
}

function registerFeeds(app: App, { recommender, clock }: RouteContext): void {
  const shown = (answer: RecommendReply, query: RecommendationsQuery, log: FastifyBaseLogger) => {
    const lost = (reason: string) => {
      log.warn({ request: answer.request, reason }, 'impressions of an answer are lost')
    }
    const { device, surface } = query
    const place = { ...(device && { device }), ...(surface && { surface }) }
    if (query.impressions === true) void tellShown(answer, place, { recommender, clock, lost })
    return answer
  }
  app.get(
    '/v1/users/:id/recommendations',
    {
      schema: {
        operationId: 'getRecommendations',
        summary: 'Pins for a user',
        description: 'A user who is not known is answered from the cold-start rungs.',
        tags: ['recommendations'],
        params: userParams,
        querystring: recommendationsQuery,
        response: { 200: shared('Recommendations'), ...errors },
      },
    },
    async ({ params, query, log }) => {
      const user = checkId('user', params.id)
      return shown(await recommender.recommend({ user, ...asked(query) }), query, log)
    },
  )
  app.get(
    '/v1/boards/:id/recommendations',
    {
      schema: {
        operationId: 'getBoardRecommendations',
        summary: 'Pins for a board',
        description:
          'Ideas for the owner of a board: by what is on it; by its title (`rung` "title") while ' +
          'nothing is; by what is known of its owner ("owner"); by what is popular. What is on ' +
          'the board, and what its owner saved, hid or saw lately, is left out. Of a private ' +
          'board, too, the answer is for its owner alone, whom `user` names.',
        tags: ['recommendations'],
        params: boardParams,
        querystring: recommendationsQuery,
        response: { 200: shared('Recommendations'), ...errors },
      },
    },
    async ({ params, query, log }) => {
      const board = checkId('board', params.id)
      return shown(await recommender.forBoard({ board, ...asked(query) }), query, log)
    },
  )
  app.get(
    '/v1/pins/:id/related',
    {
      schema: {
        operationId: 'getRelated',
        summary: 'Pins near a pin',
        tags: ['recommendations'],
        params: pinParams,
        querystring: relatedQuery,
        response: { 200: shared('Recommendations'), ...errors },
      },
    },
    async ({ params, query }) =>
      recommender.related({
        pin: checkId('pin', params.id),
        limit: query.limit ?? bounds.recommendationsDefault,
        explain: query.explain ?? false,
      }),
  )
}

/** What is asked beside for whom, of users and boards alike. */
function asked({ exclude = [], off, after, at, seed, ...query }: RecommendationsQuery) {
  for (const pin of exclude) checkId('exclude', pin)
  for (const stage of off ?? []) checkId('off', stage)
  return {
    limit: query.limit ?? bounds.recommendationsDefault,
    generation: readGeneration(query.generation),
    exclude,
    explain: query.explain ?? false,
    ...(query.device !== undefined && { device: query.device }),
    ...(query.surface !== undefined && { surface: query.surface }),
    ...(after !== undefined && { after }),
    ...(at !== undefined && { at }),
    ...(seed !== undefined && { seed }),
    ...(off !== undefined && { off }),
  }
}

function registerLookups(app: App, { recommender }: RouteContext): void {
  app.get(
    '/v1/pins/:id',
    {
      schema: {
        operationId: 'getPin',
        summary: 'A pin: what was told of it, and its counters',
        tags: ['catalogue'],
        params: pinParams,
        querystring: noQuery,
        response: { 200: pinDetailSchema, ...errors },
      },
    },
    async ({ params }) => recommender.pin(checkId('pin', params.id)),
  )
  app.get(
    '/v1/users/:id/state',
    {
      schema: {
        operationId: 'getUserState',
        summary: 'What the actor of a user holds',
        tags: ['catalogue'],
        params: userParams,
        querystring: stateQuery,
        response: { 200: stateSchema, ...errors },
      },
    },
    async ({ params, query }) => recommender.userState(checkId('user', params.id), query.after),
  )
  app.get(
    '/v1/users',
    {
      schema: {
        operationId: 'getUsers',
        summary: 'Some users, most saves first',
        tags: ['catalogue'],
        querystring: usersQuery,
        response: { 200: usersSchema, ...errors },
      },
    },
    async ({ query }) => ({ users: await recommender.users(query.limit ?? 100) }),
  )
}

function registerModels(app: App, { recommender }: RouteContext): void {
  app.get(
    '/v1/models',
    {
      schema: {
        operationId: 'getModels',
        summary: 'Rankers that serve, and how their features drift',
        description:
          'Features of pins in the last answers beside those of the pins that taught, the most ' +
          'drifted first.',
        tags: ['operations'],
        querystring: noQuery,
        response: { 200: modelsSchema, ...errors },
      },
    },
    async () => ({ models: [...(await recommender.models())] }),
  )
}

function checkId(what: string, id: string): string {
  const expected = idProblem(id)
  if (!expected) return id
  throw pinwheelError('BAD_REQUEST', { reason: `${what} "${id.slice(0, 80)}" is not ${expected}` })
}

function readGeneration(name: string = generationDefault): GenerationName {
  const found = generationNames.find((known) => known === name)
  if (found) return found
  throw pinwheelError('GENERATION_UNKNOWN', { value: name, known: generationNames.join(', ') })
}
