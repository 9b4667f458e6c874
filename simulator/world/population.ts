/**
 * The draws behind the world's columns; the laws stand in `world.ts`. Each individual has its own
 * stream, split off by its number.
 */
import type { EpochMs, Random } from '../../base/index.ts'
import { languages, styles, TOPICS_PER_FAMILY, topics } from './vocabulary.ts'
import { pick, runningSums } from './weighted.ts'

export const DAY_MS = 86_400_000

export type WorldOptions = {
  readonly seed: number
  readonly users: number
  readonly pins: number
  readonly boards: number
  /** The last instant of the world: the newest pin is born just before it. */
  readonly until: EpochMs
  /** How many topics of the vocabulary exist. */
  readonly topics?: number
  /** Age of the oldest pin. */
  readonly spanDays?: number
}

/** Means "no second topic". */
export const NO_TOPIC = 255

export type Pins = {
  readonly topic: Uint8Array
  /** A pin may belong to two topics; NO_TOPIC for most. */
  readonly second: Uint8Array
  /** What a viewer thinks of it, in [0, 1]. */
  readonly quality: Float32Array
  /** How often it is come across: heavy-tailed, and related to quality. */
  readonly appeal: Float32Array
  readonly style: Uint8Array
  readonly language: Uint8Array
  /** Ascending: a pin's number is its place in the order of birth. */
  readonly birth: Float64Array
}

export type Users = {
  readonly activity: Float32Array
  readonly style: Uint8Array
  readonly language: Uint8Array
  /** interests[interestStarts[u]..interestStarts[u + 1]) are the topics, strongest first. */
  readonly interestStarts: Uint32Array
  readonly interests: Uint8Array
  readonly joined: Float64Array
}

export type Boards = {
  readonly owner: Uint32Array
  readonly topic: Uint8Array
  readonly hidden: Uint8Array
  readonly made: Float64Array
  /** owned[ownedStarts[u]..ownedStarts[u + 1]) are the boards of user u. */
  readonly ownedStarts: Uint32Array
  readonly owned: Uint32Array
}

/** The pins of each topic in order of birth, with running sums of their appeal. */
export type Shelves = {
  readonly starts: Uint32Array
  readonly pins: Uint32Array
  readonly appeal: Float64Array
}

type Full = Required<WorldOptions>
/** Turns a uniform number into a topic. */
type TopicOf = (unit: number) => number

/** Topics by Zipf's law over a seeded order of the vocabulary. */
export function topicLaw(topicCount: number, random: Random): TopicOf {
  const order = random.shuffle(Array.from({ length: topicCount }, (_, topic) => topic))
  const weights = new Float64Array(topicCount)
  for (const [rank, topic] of order.entries()) weights[topic] = (rank + 3) ** -0.8
  const sums = runningSums(weights)
  return (unit) => pick(sums, 0, topicCount, unit)
}

const languageSums = runningSums(languages.map((language) => language.share))
const drawLanguage = (random: Random) => pick(languageSums, 0, languages.length, random.unit())

/** A topic of the same family as `topic`. */
function sibling(topic: number, topicCount: number, random: Random): number {
  const first = topics[topic]!.family * TOPICS_PER_FAMILY
  return first + random.below(Math.min(TOPICS_PER_FAMILY, topicCount - first))
}

export function createPins(options: Full, root: Random, topicOf: TopicOf): Pins {
  const count = options.pins
  const pins = {
    topic: new Uint8Array(count),
    second: new Uint8Array(count).fill(NO_TOPIC),
    quality: new Float32Array(count),
    appeal: new Float32Array(count),
    style: new Uint8Array(count),
    language: new Uint8Array(count),
    birth: new Float64Array(count),
  }
  for (let i = 0; i < count; i++) {
    const random = root.split(i)
    const topic = topicOf(random.unit())
    pins.topic[i] = topic
    if (random.unit() < 0.25) {
      const other =
        random.unit() < 0.6 ? sibling(topic, options.topics, random) : topicOf(random.unit())
      if (other !== topic) pins.second[i] = other
    }
    const u = 1 - random.unit()
    pins.appeal[i] = Math.min(400, u ** -0.85)
    pins.quality[i] = 0.55 * (1 - u) + 0.45 * random.unit()
    pins.style[i] = random.below(styles.length)
    pins.language[i] = drawLanguage(random)
    const age = options.spanDays * DAY_MS * (1 - (i + 0.5) / count) ** 1.8
    pins.birth[i] = Math.floor(options.until - age)
  }
  return pins
}

export function createUsers(options: Full, root: Random, topicOf: TopicOf): Users {
  const count = options.users
  const users = {
    activity: new Float32Array(count),
    style: new Uint8Array(count),
    language: new Uint8Array(count),
    interestStarts: new Uint32Array(count + 1),
    joined: new Float64Array(count),
  }
  const interests: number[] = []
  for (let i = 0; i < count; i++) {
    const random = root.split(i)
    const activity = Math.min(12, (1 - random.unit()) ** -0.5)
    users.activity[i] = activity
    users.style[i] = random.below(styles.length)
    users.language[i] = drawLanguage(random)
    users.joined[i] = Math.floor(options.until - DAY_MS * (70 + 600 * random.unit()))
    const wanted = Math.min(10, 1 + random.poisson(1.3 + Math.log2(activity)))
    interests.push(...drawInterests(wanted, options.topics, topicOf, random))
    users.interestStarts[i + 1] = interests.length
  }
  return { ...users, interests: Uint8Array.from(interests) }
}

function drawInterests(
  wanted: number,
  topicCount: number,
  topicOf: TopicOf,
  random: Random,
): number[] {
  const chosen: number[] = []
  for (let j = 0; j < wanted; j++) {
    const before = chosen.at(-1)
    const near = before !== undefined && random.unit() < 0.35
    const topic = near ? sibling(before, topicCount, random) : topicOf(random.unit())
    if (!chosen.includes(topic)) chosen.push(topic)
  }
  return chosen
}

/** The first board of everyone comes first; the rest go to users in proportion to activity. */
export function createBoards(options: Full, root: Random, users: Users): Boards {
  const count = options.boards
  const boards = {
    owner: new Uint32Array(count),
    topic: new Uint8Array(count),
    hidden: new Uint8Array(count),
    made: new Float64Array(count),
  }
  const activity = runningSums(users.activity)
  const ownedCount = new Uint32Array(options.users)
  for (let i = 0; i < count; i++) {
    const random = root.split(i)
    const owner = i < options.users ? i : pick(activity, 0, options.users, random.unit())
    const start = users.interestStarts[owner]!
    const interestCount = users.interestStarts[owner + 1]! - start
    const held = ownedCount[owner]!++
    boards.owner[i] = owner
    boards.topic[i] = users.interests[start + (held % interestCount)]!
    boards.hidden[i] = random.unit() < 0.04 ? 1 : 0
    boards.made[i] = users.joined[owner]! + Math.floor(5 * DAY_MS * random.unit())
  }
  const { starts, items } = group(boards.owner, options.users)
  return { ...boards, ownedStarts: starts, owned: items }
}

export function shelve(pins: Pins, topicCount: number): Shelves {
  const { starts, items } = group(pins.topic, topicCount)
  return {
    starts,
    pins: items,
    appeal: runningSums(Float64Array.from(items, (pin) => pins.appeal[pin]!)),
  }
}

/** Counting sort: [starts[k], starts[k + 1]) of `items` are the items with key k, ascending. */
function group(keys: Uint8Array | Uint32Array, keyCount: number) {
  const starts = new Uint32Array(keyCount + 1)
  for (const key of keys) starts[key + 1]!++
  for (let key = 0; key < keyCount; key++) starts[key + 1]! += starts[key]!
  const next = starts.slice()
  const items = new Uint32Array(keys.length)
  for (let i = 0; i < keys.length; i++) items[next[keys[i]!]!++] = i
  return { starts, items }
}
