/**
 * Lists over the whole catalogue that some sources read: popular pins overall and by topic, the
 * newest pins, and for each tag its most saved pins. Made from a FeatureReader in slices and
 * replaced whole; gone pins are left out (and filtered again later, since they may go after it was
 * made).
 */
import { NONE } from '../../base/index.ts'
import { TopK } from '../../graph/index.ts'
import { type FeatureReader, TAGS_PER_PIN } from '../features/feature-table.ts'

const SLICE = 1_000

export const catalogueDefaults = Object.freeze({
  popular: 1_000,
  perTopic: 200,
  fresh: 500,
  perTag: 200,
})

const none = new Uint32Array(0)

export class CatalogueIndex {
  readonly popular: Uint32Array
  readonly fresh: Uint32Array
  readonly #byTopic: ReadonlyMap<number, Uint32Array>
  readonly #byTag: ReadonlyMap<number, Uint32Array>

  constructor(
    lists: {
      readonly popular: Uint32Array
      readonly fresh: Uint32Array
      readonly byTopic: ReadonlyMap<number, Uint32Array>
      readonly byTag: ReadonlyMap<number, Uint32Array>
    } = { popular: none, fresh: none, byTopic: new Map(), byTag: new Map() },
  ) {
    this.popular = lists.popular
    this.fresh = lists.fresh
    this.#byTopic = lists.byTopic
    this.#byTag = lists.byTag
  }

  /** Pins of a topic by saves. */
  topic(topic: number): Uint32Array {
    return this.#byTopic.get(topic) ?? none
  }

  /** Pins with a tag by saves. */
  tag(tag: number): Uint32Array {
    return this.#byTag.get(tag) ?? none
  }
}

/** Reads every pin once; yields about every millisecond. */
export function* catalogueIndexSteps(features: FeatureReader): Generator<void, CatalogueIndex> {
  const popular = new TopK(catalogueDefaults.popular)
  const fresh = new TopK(catalogueDefaults.fresh)
  const topics = new Map<number, TopK>()
  const tags = new Map<number, TopK>()
  const offer = (lists: Map<number, TopK>, key: number, k: number, pin: number, score: number) => {
    let list = lists.get(key)
    if (!list) {
      list = new TopK(k)
      lists.set(key, list)
    }
    list.offer(pin, score)
  }
  const { created } = features.columns
  for (let pin = 0; pin < features.pinCount; pin++) {
    if (pin % SLICE === SLICE - 1) yield
    if (features.isGone(pin)) continue
    const count = features.fact(pin, 'saves')
    popular.offer(pin, count)
    if (created[pin]! > 0) fresh.offer(pin, created[pin]!)
    const topic = features.topic(pin)
    if (topic !== NONE) offer(topics, topic, catalogueDefaults.perTopic, pin, count)
    for (let slot = 0; slot < TAGS_PER_PIN; slot++) {
      const tag = features.tag(pin, slot)
      if (tag !== NONE) offer(tags, tag, catalogueDefaults.perTag, pin, count)
    }
  }
  yield
  const lists = (from: Map<number, TopK>) =>
    new Map(Array.from(from, ([key, list]) => [key, list.sorted().keys]))
  return new CatalogueIndex({
    popular: popular.sorted().keys,
    fresh: fresh.sorted().keys,
    byTopic: lists(topics),
    byTag: lists(tags),
  })
}
