/**
 * Entries as the OpenAPI document tells them. What decides is `entryProblem` of base/entry.ts,
 * entry by entry, so that one bad entry does not refuse its neighbours; a law in the tests says
 * that whatever it takes fits this document too.
 */
import Type from 'typebox'
import { type DeclaredKinds, eventKinds, limits } from '../../base/index.ts'

const closed = { additionalProperties: false }
const optional = Type.Optional
const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength })
const id = text(limits.idBytesMax, 1)
const tag = text(limits.tagBytesMax, 1)
const time = Type.Number({
  minimum: 0,
  maximum: 253_402_300_799_999,
  description: 'ms since 1970; at most a day ahead of the server',
})

const context = Type.Object(
  {
    request: optional(tag),
    rank: optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
    viewed: optional(Type.Boolean()),
    propensity: optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    dwell: optional(Type.Number({ minimum: 0, maximum: 86_400, description: 'seconds' })),
    surface: optional(tag),
    source: optional(tag),
    generation: optional(tag),
    model: optional(tag),
    device: optional(tag),
  },
  closed,
)
const done = {
  id,
  time,
  user: id,
  board: optional(id),
  weight: optional(Type.Number({ minimum: -1_000_000, maximum: 1_000_000 })),
  context: optional(context),
}
const pinKinds = Object.keys(eventKinds).filter((kind) => kind !== 'follow-topic')

/** An entry of our kinds or of those that the operator declared. */
export const entrySchema = (declared: DeclaredKinds) =>
  Type.Union(
    [
      Type.Object({ kind: Type.Enum([...pinKinds, ...declared.keys()]), ...done, pin: id }, closed),
      Type.Object(
        { kind: Type.Literal('follow-topic'), ...withoutBoard(done), topic: tag },
        closed,
      ),
      Type.Object({ kind: Type.Literal('user'), id, time }, closed),
      Type.Object(
        {
          kind: Type.Literal('pin'),
          id,
          time,
          title: optional(text(limits.titleBytesMax)),
          description: optional(text(limits.descriptionBytesMax)),
          tags: optional(Type.Array(tag, { maxItems: limits.tagsPerPinMax })),
          topic: optional(tag),
          language: optional(tag),
          image: optional(text(limits.imageBytesMax)),
          created: optional(time),
          hidden: optional(Type.Boolean()),
        },
        closed,
      ),
      Type.Object(
        {
          kind: Type.Literal('board'),
          id,
          time,
          user: id,
          title: optional(text(limits.titleBytesMax)),
          private: optional(Type.Boolean()),
        },
        closed,
      ),
      Type.Object(
        { kind: Type.Enum(['delete-user', 'delete-pin', 'delete-board']), id, time },
        closed,
      ),
    ],
    { $id: 'Entry' },
  )

function withoutBoard({ board: _board, ...rest }: typeof done): Omit<typeof done, 'board'> {
  return rest
}

/** The body of POST /v1/events, with entries told in full. */
export const eventsBody = Type.Object(
  {
    entries: Type.Array(Type.Unsafe({ $ref: 'Entry#' }), {
      minItems: 1,
      maxItems: limits.entriesPerRequestMax,
    }),
  },
  closed,
)

const verdict = Type.Object(
  {
    status: Type.Enum(['accepted', 'duplicate', 'rejected']),
    code: optional(Type.String({ description: 'Of the error table; only when rejected.' })),
    reason: optional(Type.String({ description: 'Only when rejected.' })),
  },
  closed,
)
export const eventsReply = Type.Object(
  {
    position: optional(
      Type.String({ description: 'For `after=`; absent when every entry was rejected.' }),
    ),
    entries: Type.Array(verdict, { description: 'One for each entry, in order.' }),
  },
  closed,
)
