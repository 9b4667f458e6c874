/** What a model of cold pins is held against: chance, what is saved of the tags, tags in common. */
import { Random } from '../../base/index.ts'
import { degreesOf, type Rows } from '../algebra/index.ts'
import type { PinTags } from '../models/two-tower/index.ts'
import type { Scorer } from './models.ts'

export type BaselineData = {
  readonly train: Rows
  readonly items: number
  readonly tags: PinTags
}

/** An order of each user's own. */
export function chance(items: number, seed: number): Scorer {
  const random = new Random(seed).split('chance')
  return (_history, user, into) => {
    const own = random.split(user)
    for (let item = 0; item < items; item++) into[item] = own.unit()
  }
}

/** By how often pins that were saved at all were saved, as a mean of an item's tags. */
export function tagPopularity({ train, items, tags }: BaselineData): Scorer {
  const degrees = degreesOf(train, items)
  const all = { saves: 0, pins: 0 }
  const byTag = new Map<string, { saves: number; pins: number }>()
  for (let item = 0; item < items; item++) {
    if (degrees[item] === 0) continue
    const sums = [...distinctTags(tags, item)].map((tag) => {
      const sum = byTag.get(tag) ?? { saves: 0, pins: 0 }
      byTag.set(tag, sum)
      return sum
    })
    for (const sum of [all, ...sums]) {
      sum.saves += degrees[item]!
      sum.pins++
    }
  }
  const mean = ({ saves, pins }: typeof all) => saves / Math.max(1, pins)
  const scores = Float64Array.from({ length: items }, (_, item) => {
    const known = [...distinctTags(tags, item)].map((tag) => mean(byTag.get(tag) ?? all))
    return known.length === 0 ? mean(all) : known.reduce((a, b) => a + b, 0) / known.length
  })
  return (_history, _user, into) => into.set(scores)
}

/** The cosine of an item's tags with those of the history, rare ones weighing more (tf-idf). */
export function tagCosine({ items, tags }: Omit<BaselineData, 'train'>): Scorer {
  const itemsOf = new Map<string, number[]>()
  for (let item = 0; item < items; item++) {
    for (const tag of distinctTags(tags, item)) {
      const known = itemsOf.get(tag) ?? []
      known.push(item)
      itemsOf.set(tag, known)
    }
  }
  const weightOf = (tag: string) => Math.log((1 + items) / itemsOf.get(tag)!.length)
  const lengths = Float64Array.from({ length: items }, (_, item) => {
    let square = 0
    for (const tag of distinctTags(tags, item)) square += weightOf(tag) ** 2
    return Math.sqrt(square)
  })
  return (history, _user, into) => {
    const taste = new Map<string, number>()
    for (const item of history) {
      for (const tag of distinctTags(tags, item)) {
        taste.set(tag, (taste.get(tag) ?? 0) + weightOf(tag) / lengths[item]!)
      }
    }
    for (const [tag, liked] of taste) {
      for (const item of itemsOf.get(tag)!) into[item]! += (liked * weightOf(tag)) / lengths[item]!
    }
  }
}

function distinctTags(tags: PinTags, item: number): ReadonlySet<string> {
  return new Set(tags[item])
}
