/**
 * A day of one circle as a table: of each of its 65,536 events, in order of time, the visit it
 * belongs to, what is done and, of saves, which of the visit's it is. Visits, lengths, gaps and
 * hours are drawn once; every day of every circle then follows one of a few such plans, with other
 * people and pins. So an event is found by arithmetic, while visits overlap in time and have the
 * lengths and gaps of real ones.
 *
 * Times are those of the day's curve, the same in every plan: an event is moved to the instant of
 * its place, which stretches gaps by what chance made of the crowd around it (a sixth, at one event
 * a second).
 */
import { assert, kindCode, type Random } from '../../../base/index.ts'
import { VISIT_SAVES_MAX, visitLength } from '../../world/index.ts'
import type { Mix, StreamShape } from './mix.ts'

export const DAY_EVENTS = 65_536
const DAY_SECONDS = 86_400
/** Gaps between actions of a visit: ln of seconds is normal(3.97, 1.5). */
const GAP_MEAN = 3.97
const GAP_DEVIATION = 1.5
/** Before the first action of a visit. */
const LOOK_SECONDS = 8

export type DayPlan = {
  /** Of each event: visit | kind << 16 | place of a save in its visit << 20. */
  readonly events: Uint32Array
  /** Of each visit: its saves << 20 | its place among the day's visits with as many. */
  readonly visits: Uint32Array
  /** Visits with q saves. */
  readonly counts: Uint32Array
}

type Event = { readonly time: number; readonly visit: number; readonly code: number }

export function drawDayPlan(shape: StreamShape, random: Random): DayPlan {
  const events: Event[] = []
  const visits: number[] = []
  const counts = new Uint32Array(VISIT_SAVES_MAX + 1)
  while (events.length < DAY_EVENTS) {
    const room = DAY_EVENTS - events.length
    const { actions, saves } = drawVisit(shape.mix, random, room)
    let time = dayTime(shape, random.unit())
    for (const [n, { kind, place, looks }] of actions.entries()) {
      const gap = n === 0 ? LOOK_SECONDS : gapSeconds(random)
      // Whoever acts has looked at something just before.
      for (let look = 0; look < looks; look++) {
        const before = time + gap * random.unit()
        events.push({ time: before % DAY_SECONDS, visit: visits.length, code: kindCode.impression })
      }
      time += gap
      events.push({ time: time % DAY_SECONDS, visit: visits.length, code: kind | (place << 4) })
    }
    visits.push((saves << 20) | counts[saves]!++)
  }
  events.sort((a, b) => a.time - b.time || a.visit - b.visit)
  assert(visits.length <= 65_536, 'a visit has an event')
  return {
    events: Uint32Array.from(events, ({ visit, code }) => visit | (code << 16)),
    visits: Uint32Array.from(visits),
    counts,
  }
}

const gapSeconds = (random: Random) => Math.exp(GAP_MEAN + GAP_DEVIATION * random.normal())

type Action = {
  readonly kind: number
  /** Of a save among the visit's saves, of an unsave the one it takes back. */
  readonly place: number
  /** Impressions before it. */
  readonly looks: number
}

/** A visit of at most `room` events. */
function drawVisit(mix: Mix, random: Random, room: number) {
  const actions: Action[] = []
  const wanted = mix.save === 1 ? importLength(random) : visitLength(random.normal())
  let saves = 0
  let unsaves = 0
  let left = room
  for (let n = 0; n < wanted && left > 0; n++) {
    const looks = Math.min(left - 1, random.poisson(mix.impressions))
    left -= looks + 1
    const kind = drawKind(mix, random)
    if (kind === kindCode.save && saves < VISIT_SAVES_MAX) {
      actions.push({ kind, place: saves++, looks })
    } else if (kind === kindCode.unsave && unsaves < saves) {
      actions.push({ kind, place: unsaves++, looks })
    } else {
      const isOther = kind !== kindCode.save && kind !== kindCode.unsave
      actions.push({ kind: isOther ? kind : kindCode.closeup, place: 0, looks })
    }
  }
  return { actions, saves }
}

/** Whoever imports does it board by board. */
const importLength = (random: Random) => 1 + random.below(VISIT_SAVES_MAX)

function drawKind(mix: Mix, random: Random): number {
  let left = random.unit()
  for (const kind of ['save', 'closeup', 'outbound', 'hide', 'unsave'] as const) {
    left -= mix[kind]
    if (left < 0) return kindCode[kind]
  }
  return kindCode.closeup
}

/** Minutes of the day into which a burst falls. */
const BURSTS = 10

/** The second of the day at `unit` of a day's visits: quiet at night, busiest at 19:00 UTC. */
export function dayTime(
  { daySwing, burst }: Pick<StreamShape, 'daySwing' | 'burst'>,
  unit: number,
) {
  if (unit < burst) {
    const minute = Math.floor((unit / burst) * BURSTS)
    const within = (unit / burst) * BURSTS - minute
    return ((minute + 0.5) / BURSTS) * DAY_SECONDS + 60 * within
  }
  return DAY_SECONDS * inverseDay((unit - burst) / (1 - burst), daySwing)
}

const BUSIEST = 19 / 24

/**
 * Share of the day's events before share `x` of the day: its density is 1 + swing cos(2 pi (x -
 * busiest)).
 */
export function dayShare(x: number, swing: number): number {
  const phase = 2 * Math.PI
  return x + (swing / phase) * (Math.sin(phase * (x - BUSIEST)) + Math.sin(phase * BUSIEST))
}

function inverseDay(share: number, swing: number): number {
  let low = 0
  let high = 1
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    if (dayShare(middle, swing) < share) low = middle
    else high = middle
  }
  return low
}

/** Instants of a day's events in ms, one longer: the curve's quantiles. */
export function dayInstants(shape: StreamShape): Float64Array {
  const instants = Float64Array.from({ length: DAY_EVENTS + 1 }, (_, slot) =>
    Math.floor(1_000 * dayTime(shape, slot / DAY_EVENTS)),
  ).sort()
  instants[0] = 0
  instants[DAY_EVENTS] = 1_000 * DAY_SECONDS
  return instants
}
