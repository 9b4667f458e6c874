/**
 * The feature columns of pins: a projection of the log, and at the same time the part of the pin
 * actors' states that ranking reads in bulk, so that columns come back with the states.
 */
import {
  eventSlot,
  kindCode,
  NONE,
  type PinIndex,
  type StateView,
  type TagIndex,
} from '../../base/index.ts'
import { DAYS, type FeatureTable } from '../../ranking/index.ts'
import { dailyCounters, type pinState } from '../pin-actor.ts'
import type { EntryView } from '../shard/record-block.ts'

export function applyToFeatures(features: FeatureTable, entry: EntryView): void {
  const { kind, pin, time } = entry
  if (kind === kindCode.pin) features.applyPin(pin, time, entry.payload ?? {})
  else if (kind === kindCode['delete-pin']) features.deletePin(pin, time)
  else features.applyEvent(kind, pin, time)
}

/** Free places are left out, as an entry has none. */
function tagsOf({ tags }: StateView<typeof pinState.fields>): TagIndex[] {
  const all = Array.from({ length: tags.length }, (_, i) => tags.get(i) as TagIndex)
  return all.filter((tag) => tag !== NONE)
}

/** Puts the columns of a pin as its state has them. */
export function restoreFeatures(
  features: FeatureTable,
  pin: number,
  state: StateView<typeof pinState.fields>,
): void {
  const { topic, language, days, title, image } = state
  const count = (kind: keyof typeof kindCode) => state.counts.get(eventSlot(kindCode[kind]))
  features.restore(pin as PinIndex, {
    told: state.told,
    created: state.created,
    gone: state.deleted === 1 || state.hidden === 1,
    title,
    image,
    ...(topic !== NONE && { topic: topic as TagIndex }),
    ...(language !== NONE && { language: language as TagIndex }),
    tags: tagsOf(state),
    impressions: count('impression'),
    closeups: count('closeup'),
    saves: count('save'),
    hides: count('hide'),
    outbounds: count('outbound'),
    day: Math.max(0, days - 1),
    savesOf: (d) => state.byDay.get(dailyCounters.indexOf('saves') * DAYS + d),
  })
}
