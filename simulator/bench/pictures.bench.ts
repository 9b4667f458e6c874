/**
 * What pictures and titles tell. Of the topic (192 of them) to a softmax regression on 8 × 8
 * averages or on words, which is to find little; to a small vision model and to who counts pairs
 * of words, which are to find most. Of the four numbers of a look to a linear regression. Judged
 * on pins that none of them learned from.
 */
import { type Clock, hash32 } from '../../base/index.ts'
import {
  HIGH,
  PATCH_NUMBERS,
  visionReader,
  WIDE,
  writePatches,
} from '../../tests/picture-reader.ts'
import { averages, greys, standardise } from '../../tests/picture-rows.ts'
import { explained, linearReader, shareFound } from '../../tests/probes.ts'
import { bagRows, foundByCounts, pairsOf, wordReader, wordsIn } from '../../tests/word-readers.ts'
import { LatentWorld, LOOK_SIZE, pinEntry, topics } from '../world/index.ts'
import { pinSubject } from '../world/latent/index.ts'
import { drawPicture } from '../world/pictures/index.ts'

type Size = 'small' | 'large'
const sizes = {
  small: { learned: 200, held: 50, epochs: 1 },
  large: { learned: 20_000, held: 2_000, epochs: 10 },
} as const
const SEED = 5
const SIDE = 8

export const bench = {
  name: 'simulator/pictures',

  async run({ size, clock }: { readonly size: Size; readonly clock: Clock }) {
    const { learned, held, epochs } = sizes[size]
    const count = learned + held
    const world = new LatentWorld({ seed: SEED, users: 1, pins: count })
    const from = clock.monotonic()
    const pictures = Array.from({ length: count }, (_, pin) => {
      const canvas = drawPicture(pinSubject(world, pin), WIDE)
      return { parts: averages(canvas, SIDE), pixels: greys(canvas, HIGH) }
    })
    const drawn = clock.monotonic()
    const digest = pictures.reduce((sum, { parts }) => hash32(parts[7]! * 1e6, sum), SEED)
    const parts = pictures.map((picture) => picture.parts)
    standardise(parts, learned)
    const hidden = {
      count,
      classes: topics.length,
      classOf: (pin: number) => world.pins.topic[pin]!,
    }
    const linear = await shareFound(
      { ...hidden, width: parts[0]!.length, write: (pin, to, at) => to.set(parts[pin]!, at) },
      { reader: linearReader(topics.length), held },
    )
    const looks = Array.from({ length: LOOK_SIZE }, (_, k) => {
      return explained(parts, { numberOf: (pin) => world.pins.look[pin * LOOK_SIZE + k]!, held })
    })
    const titles = Array.from({ length: count }, (_, pin) => wordsIn(pinEntry(world, pin).title))
    const words = await shareFound(
      { ...hidden, ...bagRows(titles) },
      { reader: wordReader(topics.length), held },
    )
    const pairs = foundByCounts(titles.map(pairsOf), { ...hidden, held })
    const learning = clock.monotonic()
    const vision = await shareFound(
      {
        ...hidden,
        width: PATCH_NUMBERS,
        write: (pin, to, at) => writePatches(pictures[pin]!.pixels, to, at),
      },
      { reader: visionReader(topics.length, epochs), held },
    )
    const round = (x: number) => Math.round(x * 1_000) / 1_000
    return {
      seed: SEED,
      options: sizes[size],
      topicFound: round(vision),
      titleFound: { words: round(words), pairs: round(pairs) },
      lookExplained: looks.map(round),
      fitSeconds: Math.round((clock.monotonic() - learning) / 1_000),
      drawMs: round((drawn - from) / count),
      baseline: { name: 'softmax regression on 8 x 8 averages', topicFound: round(linear) },
      ratio: round(vision / Math.max(1e-9, linear)),
      digest,
    }
  },
}
