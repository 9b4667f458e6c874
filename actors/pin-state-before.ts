/** The state of a pin as version 1 had it: kept so that what it wrote stays readable. */
import { EVENT_SLOTS, f64, limits, ref, stateSchema, text, u8, u32, vector } from '../base/index.ts'

const DAYS = 8
const DAILY_KINDS = 6

export const pinStateBefore = stateSchema('Pin', 1, {
  told: f64,
  created: f64,
  hidden: u8,
  deleted: u8,
  topic: ref('tag'),
  language: ref('tag'),
  tags: vector(ref('tag'), limits.tagsPerPinMax),
  title: text(limits.titleBytesMax),
  description: text(limits.descriptionBytesMax),
  image: text(limits.imageBytesMax),
  counts: vector(u32, EVENT_SLOTS),
  /** Newest day (since the epoch) in the counters by day, + 1; 0 before the first. */
  days: u32,
  /** By kind, then by day modulo DAYS. */
  byDay: vector(u32, DAYS * DAILY_KINDS),
})
