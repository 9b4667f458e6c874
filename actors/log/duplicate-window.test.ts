import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DuplicateWindow } from './index.ts'

describe('the duplicate window', () => {
  /** That it is known is said before it is recorded, too. */
  const check = (window: DuplicateWindow, user: string, event: string) => {
    const bytes = Buffer.from(user + event)
    const split = Buffer.byteLength(user)
    const known = window.knows(bytes, 0, split, split, bytes.length)
    expect(window.check(bytes, 0, split, split, bytes.length)).toBe(known)
    return known
  }
  const entry = fc.option(fc.tuple(fc.constantFrom('a', 'b', 'é'.repeat(50)), fc.nat(6)), {
    freq: 5,
  })

  test('is the definition: the same key among the previous n entries', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 80 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(1, 2 ** 32 - 30),
        (entries, n, first) => {
          const window = new DuplicateWindow(n, first)
          entries.forEach((e, i) => {
            if (!e) {
              window.pass()
              return
            }
            const before = entries.slice(Math.max(0, i - n), i)
            const known = before.some((b) => b?.join() === e.join())
            expect(check(window, e[0], `e${e[1]}`)).toBe(known)
          })
        },
      ),
    )
  })
  test('a reader that starts n entries early gives the same verdicts', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), fc.nat(60), (entries, start) => {
        const n = 7
        const verdicts = (from: number) => {
          const window = new DuplicateWindow(n)
          return entries
            .slice(from)
            .map((e) => (e ? check(window, e[0], `e${e[1]}`) : window.pass()))
        }
        const from = Math.max(0, start - n)
        expect(verdicts(from).slice(start - from)).toEqual(verdicts(0).slice(start))
      }),
    )
  })
  test('keys whose hashes name the same few buckets are all known', () => {
    const window = new DuplicateWindow(64)
    const bytes = Buffer.from('u0123456789abcdefghijklmnopqrstuvwxyz')
    const hashes = [7, 7 + 32, 7 + 64]
    const say = (n: number) => window.check(bytes, 0, 1, 1 + n, 2 + n, hashes[n % 3]!)
    const all = Array.from({ length: 36 }, (_, n) => n)
    expect(all.map(say)).toEqual(all.map(() => false))
    expect(all.map(say)).toEqual(all.map(() => true))
    for (let n = 0; n < 64; n++) window.pass()
    expect(all.map(say)).toEqual(all.map(() => false))
  })
  test('(ab, c) is not (a, bc)', () => {
    const window = new DuplicateWindow(4)
    expect(check(window, 'ab', 'c')).toBe(false)
    expect(check(window, 'a', 'bc')).toBe(false)
    expect(check(window, 'ab', 'c')).toBe(true)
  })
})
