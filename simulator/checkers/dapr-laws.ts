/**
 * What must hold of the actors behind Dapr whatever went wrong, each law a function from what a run
 * left behind to complaints. The log is read back by the record.
 */
import type { DeadLetter, StoredDocument } from '../../actors/index.ts'
import { isEvent } from '../../base/index.ts'
import { type Commit, clusterDefaults } from '../faults/index.ts'
import { listedIn, placeName, placeOf, rowsOf } from './dapr-actors.ts'
import { type DaprRecord, isPoison, type Logged, pinOf, userOf } from './dapr-record.ts'

/** What a run left behind. */
export type DaprRun = {
  readonly record: DaprRecord
  /** Every entry, partition after partition. */
  readonly log: readonly Logged[]
  readonly commits: readonly Commit[]
  readonly deadLetters: readonly DeadLetter[]
  /** How old what the store answered may have been. */
  readonly staleMs: number
  /** The one of the two types that counts. */
  readonly folded: 'Pin' | 'User'
  /** What the store had when everything was delivered, by key. */
  readonly documents: ReadonlyMap<string, StoredDocument>
  /** Of the one who counts, what one fold of the log gives. */
  readonly refolded: ReadonlyMap<string, StoredDocument>
  /** What actors say when nothing happens any more, by `type id`. */
  readonly answers: ReadonlyMap<string, unknown>
  /** Documents written while the whole log was delivered once more. */
  readonly rewritten: readonly string[]
  /** Why it did not come to an end. */
  readonly stalled: string | undefined
}

export type DaprLaw = (run: DaprRun) => string[]

export const documentOf = (type: string, id: string) =>
  `${type}-${Buffer.from(id).toString('base64url')}`
const idOf = (key: string) => Buffer.from(key.slice(key.indexOf('-') + 1), 'base64url').toString()
const of = (type: string, documents: ReadonlyMap<string, StoredDocument>) =>
  [...documents].filter(([key]) => key.startsWith(`${type}-`))

/** What was acknowledged is in the log, and the log has only what was sent. */
const logged: DaprLaw = ({ record, log }) => {
  const there = new Set(log.map(({ key }) => key))
  return [
    ...[...record.acknowledged].filter((key) => !there.has(key)).map((key) => `${key} is lost`),
    ...[...there].filter((key) => !record.sent.has(key)).map((key) => `${key} was never sent`),
  ]
}

/** Each entry of a user has its effect once, however often it was delivered; resends have none. */
const appliedOnce: DaprLaw = ({ log, documents }) => {
  const heard = new Map<string, Map<number, number>>()
  for (const [key, { state }] of of('Witness', documents)) {
    const times = new Map<number, number>()
    for (const place of listedIn(state)) times.set(place, (times.get(place) ?? 0) + 1)
    heard.set(idOf(key), times)
  }
  return log.flatMap(({ partition, position, entry, isResend }) => {
    const user = userOf(entry)
    if (user === undefined) return []
    const place = placeOf(partition, position)
    const times = heard.get(user)?.get(place) ?? 0
    const expected = isResend || isPoison(entry) ? 0 : 1
    return times === expected ? [] : [`${user} heard ${placeName(place)} ${times} times`]
  })
}

/** Nobody hears what is not theirs or not in the log. */
const nothingMadeUp: DaprLaw = ({ log, record, documents }) => {
  const users = new Map<number, string | undefined>()
  for (const { partition, position, entry } of log) {
    users.set(placeOf(partition, position), userOf(entry))
  }
  return [
    ...of('Witness', documents).flatMap(([key, { state }]) => {
      const id = idOf(key)
      const foreign = listedIn(state).filter((place) => users.get(place) !== id)
      return foreign.map((place) => `${id} heard ${placeName(place)}, which is not theirs`)
    }),
    ...of('Tokens', documents).flatMap(([key, { state }]) => {
      const id = idOf(key)
      const foreign = listedIn(state).filter((token) => record.gifts.get(token)?.actor !== id)
      return foreign.map((token) => `${id} has token ${token}, which was never given to it`)
    }),
  ]
}

/** A user's entries are applied in the order of their partition. */
const inOrder: DaprLaw = ({ documents }) =>
  of('Witness', documents).flatMap(([key, { state }]) => {
    const last: number[] = []
    return listedIn(state).flatMap((place) => {
      const partition = place >>> 24
      const before = last[partition] ?? -1
      last[partition] = place
      if (place > before) return []
      return [`${idOf(key)} heard ${placeName(place)} after ${placeName(before)}`]
    })
  })

/** An actor's writes build on each other: what one of them committed, the next still has. */
const committedOnce: DaprLaw = ({ commits }) => {
  const last = new Map<string, Commit>()
  return commits.flatMap((commit) => {
    const { key, by, document } = commit
    const before = last.get(key)?.document
    last.set(key, commit)
    if (!before) return []
    const isTold = key.startsWith('Witness-') || key.startsWith('Tokens-')
    const isLost = isTold && !continues(rowsOf(document.state), rowsOf(before.state))
    const back = [...before.applied].filter(
      ([partition, position]) => (document.applied.get(partition) ?? -1) < position,
    )
    return isLost || back.length > 0 ? [`${by} undid what ${key} had`] : []
  })
}

function continues(rows: Uint8Array, before: Uint8Array): boolean {
  return Buffer.compare(rows.subarray(0, before.length), before) === 0
}

const counters = {
  Pin: { impressions: 'impression', closeups: 'closeup', hides: 'hide', outbounds: 'outbound' },
  User: { impressions: 'impression', closeups: 'closeup', saves: 'save' },
} as const

/** Counters are those of the log. */
const counted: DaprLaw = ({ log, folded, answers }) => {
  const counts = new Map<string, number>()
  for (const { entry, isResend } of log) {
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
const sameBytes: DaprLaw = ({ refolded, folded, documents }) =>
  [...new Set([...refolded.keys(), ...of(folded, documents).map(([key]) => key)])]
    .filter((key) => folded === 'Pin' || refolded.get(key)?.applied.size === 1)
    .filter((key) => !isEqual(refolded.get(key)?.state, documents.get(key)?.state))
    .map((key) => `${folded} ${idOf(key)} has other bytes than one fold of the log`)

/** What is delivered again changes nothing. */
const idempotent: DaprLaw = ({ rewritten }) => rewritten.map((key) => `${key} was written again`)

/** An acknowledged gift was given once, in the place that was answered; another at most once. */
const gifts: DaprLaw = ({ record, documents }) => {
  const places = new Map<number, number[]>()
  for (const [, { state }] of of('Tokens', documents)) {
    for (const [place, token] of listedIn(state).entries()) {
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
const freshReads: DaprLaw = ({ record, staleMs }) =>
  record.reads.flatMap(({ actor, began, count }) => {
    const since = began - clusterDefaults.heldMs - staleMs
    const before = [...record.gifts.values()].filter(
      (gift) => gift.actor === actor && gift.isAcknowledged && gift.at < since,
    )
    const missed = before.some((gift) => gift.count > count)
    return missed ? [`at ${Math.round(began)} ${actor} said ${count}, too few`] : []
  })

/** When everything is calm, actors say what their documents do. */
const settledReads: DaprLaw = ({ answers, documents }) =>
  [...answers].flatMap(([actor, answer]) => {
    const [type = '', id = ''] = actor.split(' ')
    const state = documents.get(documentOf(type, id))?.state
    if (type !== 'Tokens' || !state) return []
    const count = listedIn(state).length
    return answer === count ? [] : [`${actor} says ${answer}; its document has ${count}`]
  })

/** What cannot be applied is among the dead letters, and nothing else is. */
const buried: DaprLaw = ({ log, deadLetters }) => {
  const found = new Set(deadLetters.map((d) => `${d.type} ${d.id} ${d.partition}-${d.position}`))
  const expected = log.flatMap(({ partition, position, entry, isResend }) => {
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
