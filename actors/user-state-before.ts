/** The state of a user as version 1 had it: kept so that what it wrote stays readable. */
import {
  EVENT_SLOTS,
  f32,
  f64,
  limits,
  ref,
  ring,
  stateSchema,
  table,
  u8,
  u32,
  vector,
} from '../base/index.ts'

export const userStateBefore = stateSchema('User', 1, {
  lastActive: f64,
  counts: vector(u32, EVENT_SLOTS),
  actions: ring(
    { pin: ref('pin'), board: ref('board'), label: ref('tag'), time: f64, weight: f32, kind: u8 },
    limits.actionsPerUserMax,
  ),
  seen: ring({ pin: ref('pin') }, 2_000),
  boards: table(
    { board: ref('board'), saves: u32, last: f64, private: u8, told: f64 },
    { capacity: 256, evictBy: 'last' },
  ),
  topics: table({ topic: ref('tag'), last: f64 }, { capacity: 64, evictBy: 'last' }),
})
