import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameMarks } from './frame-marks.ts'

/** Frames of one partition: how many entries each has, and how many positions lie before it. */
const frames = fc.array(fc.record({ count: fc.integer({ min: 1, max: 9 }), gap: fc.nat(5) }), {
  minLength: 1,
  maxLength: 40,
})

function placed(list: readonly { readonly count: number; readonly gap: number }[]) {
  let next = 0
  return list.map(({ count, gap }, sequence) => {
    const first = next + gap
    next = first + count
    return { partition: 0, sequence, first, count, payload: new Uint8Array(0) }
  })
}

test('who begins there has the whole window before what follows, and no frame more', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 30 }), fc.nat(250), (list, window, position) => {
      const all = placed(list)
      const marks = new FrameMarks(window)
      for (const frame of all) marks.add(frame)
      const follows = all.findIndex(({ first, count }) => first + count - 1 > position)
      const next = follows < 0 ? all.length : follows
      const between = (from: number) =>
        all.slice(from, next).reduce((sum, { count }) => sum + count, 0)
      const begin = marks.begin(position)
      const from = all.findIndex(({ first }) => first >= begin)
      if (from < 0) return
      expect(between(from)).toBeGreaterThanOrEqual(Math.min(window, between(0)))
      expect(between(from + 1)).toBeLessThan(Math.max(1, window))
    }),
  )
})

test('whole is the end of the last frame that ends there or before', () => {
  fc.assert(
    fc.property(frames, fc.nat(250), (list, position) => {
      const all = placed(list)
      const marks = new FrameMarks(12)
      for (const frame of all) marks.add(frame)
      const ends = all.map(({ first, count }) => first + count - 1)
      expect(marks.whole(position)).toBe(Math.max(-1, ...ends.filter((end) => end <= position)))
    }),
  )
})

test('what is forgotten changes no later beginning', () => {
  fc.assert(
    fc.property(frames, fc.nat(100), fc.nat(100), (list, kept, further) => {
      const all = placed(list)
      const [marks, forgetful] = [new FrameMarks(12), new FrameMarks(12)]
      for (const frame of all) {
        marks.add(frame)
        forgetful.add(frame)
      }
      forgetful.forget(kept)
      expect(forgetful.begin(kept + further)).toBe(marks.begin(kept + further))
    }),
  )
})
