/**
 * What must hold of the actors behind Dapr whatever went wrong, each law a function from what a run
 * left behind to complaints. Documents are what the store has when everything drained; the log is
 * read back by the record.
 */
import type { DeadLetter, StoredDocument } from '../../actors/index.ts'
import { isEvent } from '../../base/index.ts'
import { type Commit, clusterDefaults, STALE_MS } from '../faults/index.ts'
import { heardIn, tokensIn } from './dapr-actors.ts'
import { type DaprRecord, isPoison, type Logged, pinOf, userOf } from './dapr-record.ts'

/** What a run left behind. */
export type DaprRun = {
  readonly record: DaprRecord
  /** By partition. */
  readonly log: readonly (readonly Logged[])[]
  readonly commits: readonly Commit[]
  readonly deadLetters: readonly DeadLetter[]
  /** The one of the two types that counts. */
  readonly folded: 'Pin' | 'User'
  /** Documents by key, by the id of their actor: of the one who counts, as one fold of the log. */
  readonly refolded: ReadonlyMap<string, StoredDocument>
  /** What actors say when nothing happens any more, by `type id`. */
  readonly answers: ReadonlyMap<string, unknown>
  /** Documents written while the whole log was delivered once more. */
  readonly rewritten: readonly string[]
  /** Why it did not come to an end. */
  readonly stalled: string | undefined
}

export type DaprLaw = (run: DaprRun, documents: ReadonlyMap<string, StoredDocument>) => string[]

export const documentOf = (type: string, id: string) =>
  `${type}-${Buffer.from(id).toString('base64url')}`
const idOf = (key: string) => Buffer.from(key.slice(key.indexOf('-') + 1), 'base64url').toString()
const of = (type: string, documents: ReadonlyMap<string, StoredDocument>) =>
  [...documents].filter(([key]) => key.startsWith(`${type}-`))

/** What was acknowledged is in the log, and the log has only what was sent. */
const logged: DaprLaw = ({ record, log }) => {
  const there = new Set(log.flat().map(({ key }) => key))
  return [
    ...[...record.acknowledged].filter((key) => !there.has(key)).map((key) => `${key} is lost`),
    ...[...there].filter((key) => !record.sent.has(key)).map((key) => `${key} was never sent`),
  ]
}

/** Each entry of a user has its effect once, however often it was delivered; resends have none. */
const appliedOnce: DaprLaw = ({ log }, documents) => {
  const heard = new Map<string, number>()
  for (const [key, { state }] of of('Witness', documents)) {
    for (const { partition, position } of heardIn(state)) {
      const place = `${idOf(key)} ${partition}-${position}`
      heard.set(place, (heard.get(place) ?? 0) + 1)
    }
  }
  return log.flat().flatMap(({ partition, position, entry, isResend }) => {
    const user = userOf(entry)
    if (user === undefined) return []
    const times = heard.get(`${user} ${partition}-${position}`) ?? 0
    const expected = isResend || isPoison(entry) ? 0 : 1
    return times === expected ? [] : [`${user} heard ${partition}-${position} ${times} times`]
  })
}

/** Nobody hears what is not theirs or not in the log. */
const nothingMadeUp: DaprLaw = ({ log, record }, documents) => [
  ...of('Witness', documents).flatMap(([key, { state }]) =>
    heardIn(state)
      .filter(({ partition, position }) => {
        const entry = log[partition]?.[position]?.entry
        return !entry || userOf(entry) !== idOf(key)
      })
      .map(({ partition, position }) => `${idOf(key)} heard ${partition}-${position}: not theirs`),
  ),
  ...of('Tokens', documents).flatMap(([key, { state }]) =>
    tokensIn(state)
      .filter((token) => record.gifts.get(token)?.actor !== idOf(key))
      .map((token) => `${idOf(key)} has token ${token}, which was never given to it`),
  ),
]

/** A user's entries are applied in the order of their partition. */
const inOrder: DaprLaw = (_run, documents) =>
  of('Witness', documents).flatMap(([key, { state }]) => {
    const last = new Map<number, number>()
    return heardIn(state).flatMap(({ partition, position }) => {
      const before = last.get(partition) ?? -1
      last.set(partition, position)
      return position > before
        ? []
        : [`${idOf(key)} heard ${partition}-${position} after ${before}`]
    })
  })

/** An entry is committed to an actor by one activation: positions in documents never go back. */
const committedOnce: DaprLaw = ({ commits }) => {
  const last = new Map<string, Commit>()
  return commits.flatMap((commit) => {
    const { key, by, document } = commit
    const before = last.get(key)
    last.set(key, commit)
    return [...(before?.document.applied ?? [])]
      .filter(([partition, position]) => (document.applied.get(partition) ?? -1) < position)
      .map(([partition, position]) => `${by} took ${partition}-${position} back from ${key}`)
  })
}

const counters = {
  Pin: { impressions: 'impression', closeups: 'closeup', hides: 'hide', outbounds: 'outbound' },
  User: { impressions: 'impression', closeups: 'closeup', saves: 'save' },
} as const

/** Counters are those of the log. */
const counted: DaprLaw = ({ log, folded, answers }) => {
  const counts = new Map<string, number>()
  for (const { entry, isResend } of log.flat()) {
    const id = folded === 'Pin' ? pinOf(entry) : userOf(entry)
    if (isResend || id === undefined || !isEvent(entry)) continue
    const key = `${folded} ${id} ${entry.kind}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...answers].flatMap(([actor, answer]) => {
    if (!actor.startsWith(`${folded} `)) return []
    return Object.entries(counters[folded]).flatMap(([counter, kind]) => {
      const [found, expected] = [Object(answer)[counter], counts.get(`${actor} ${kind}`) ?? 0]
      return found === expected ? [] : [`${actor} has ${found} ${counter}, not ${expected}`]
    })
  })
}

/**
 * However the log was split into deliveries, the bytes are those of one fold of all of it. Tables
 * of a user keep their rows in the order in which these came, which several partitions do not fix.
 */
const sameBytes: DaprLaw = ({ refolded, folded }, documents) =>
  [...new Set([...refolded.keys(), ...of(folded, documents).map(([key]) => key)])]
    .filter((key) => folded === 'Pin' || refolded.get(key)?.applied.size === 1)
    .filter((key) => !isEqual(refolded.get(key)?.state, documents.get(key)?.state))
    .map((key) => `${folded} ${idOf(key)} has other bytes than one fold of the log`)

/** What is delivered again changes nothing. */
const idempotent: DaprLaw = ({ rewritten }) => rewritten.map((key) => `${key} was written again`)

/** An acknowledged gift was given once, in the place that was answered; another at most once. */
const gifts: DaprLaw = ({ record }, documents) => {
  const places = new Map<number, number[]>()
  for (const [, { state }] of of('Tokens', documents)) {
    for (const [place, token] of tokensIn(state).entries()) {
      places.set(token, [...(places.get(token) ?? []), place])
    }
  }
  return [...record.gifts].flatMap(([token, { isAcknowledged, count }]) => {
    const [place, ...more] = places.get(token) ?? []
    if (more.length > 0) return [`token ${token} was given ${1 + more.length} times`]
    if (!isAcknowledged || place === count - 1) return []
    return [`token ${token} was told to be number ${count}, and is ${(place ?? -1) + 1}`]
  })
}

/** A read knows what was acknowledged longer ago than hosts trust what they hold. */
const freshReads: DaprLaw = ({ record }) =>
  record.reads.flatMap(({ actor, began, count }) => {
    const since = began - clusterDefaults.heldMs - STALE_MS
    const before = [...record.gifts.values()].filter(
      (gift) => gift.actor === actor && gift.isAcknowledged && gift.at < since,
    )
    const missed = before.some((gift) => gift.count > count)
    return missed ? [`at ${Math.round(began)} ${actor} said ${count}, too few`] : []
  })

/** When everything is calm, actors say what their documents do. */
const settledReads: DaprLaw = ({ answers }, documents) =>
  [...answers].flatMap(([actor, answer]) => {
    const [type = '', id = ''] = actor.split(' ')
    const state = documents.get(documentOf(type, id))?.state
    if (type !== 'Tokens' || !state) return []
    const count = tokensIn(state).length
    return answer === count ? [] : [`${actor} says ${answer}; its document has ${count}`]
  })

/** What cannot be applied is among the dead letters, and nothing else is. */
const buried: DaprLaw = ({ log, deadLetters }) => {
  const found = new Set(deadLetters.map((d) => `${d.type} ${d.id} ${d.partition}-${d.position}`))
  const expected = log.flat().flatMap(({ partition, position, entry, isResend }) => {
    const isDead = isPoison(entry) && !isResend
    return isDead ? [`Witness ${userOf(entry)} ${partition}-${position}`] : []
  })
  return [
    ...expected.filter((letter) => !found.has(letter)).map((letter) => `${letter} is not buried`),
    ...[...found].filter((f) => !expected.includes(f)).map((f) => `${f} is buried alive`),
  ]
}

/** When faults stop, everything drains. */
const lively: DaprLaw = ({ stalled }) => (stalled === undefined ? [] : [stalled])

export const daprLaws = {
  logged,
  appliedOnce,
  nothingMadeUp,
  inOrder,
  committedOnce,
  counted,
  sameBytes,
  idempotent,
  gifts,
  freshReads,
  settledReads,
  buried,
  lively,
} satisfies Record<string, DaprLaw>
export type DaprLawName = keyof typeof daprLaws

function isEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0
}
