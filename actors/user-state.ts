/** The state of a user: the last actions, packed, what was shown lately, boards and topics. */
import {
  EVENT_SLOTS,
  f32,
  f64,
  limits,
  ref,
  ring,
  stateSchema,
  table,
  trail,
  u8,
  u32,
  vector,
} from '../base/index.ts'
import { userStateBefore } from './user-state-before.ts'

export const userState = stateSchema(
  'User',
  2,
  {
    lastActive: f64,
    /** Counts by kind of event. */
    counts: vector(u32, EVENT_SLOTS),
    /** `label` names a declared kind. */
    actions: trail(
      { pin: ref('pin'), board: ref('board'), label: ref('tag'), time: f64, weight: f32, kind: u8 },
      { capacity: limits.actionsPerUserMax, usual: { weight: 1 } },
    ),
    /** Pins shown, newest last. */
    seen: ring({ pin: ref('pin') }, 2_000),
    boards: table(
      { board: ref('board'), saves: u32, last: f64, private: u8, told: f64 },
      { capacity: 256, evictBy: 'last' },
    ),
    topics: table({ topic: ref('tag'), last: f64 }, { capacity: 64, evictBy: 'last' }),
  },
  // The same fields: only how actions lie has changed.
  { from: userStateBefore, migrate: (old) => old },
)
