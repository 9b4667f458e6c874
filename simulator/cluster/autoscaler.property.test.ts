import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Autoscaler } from './autoscaler.ts'

const options = fc.record({
  hostsMin: fc.integer({ min: 1, max: 20 }),
  more: fc.nat(100),
  target: fc.double({ min: 0.05, max: 1, noNaN: true }),
  calmMs: fc.nat(100_000),
})

test('never more than the most, never fewer than the fewest, whatever it is told', () => {
  const told = fc.array(
    fc.record({
      hosts: fc.nat(500),
      busy: fc.double({ min: 0, max: 1e6, noNaN: true }),
      gap: fc.nat(60_000),
    }),
  )
  fc.assert(
    fc.property(options, told, ({ hostsMin, more, ...rest }, looks) => {
      const hostsMax = hostsMin + more
      const scaler = new Autoscaler({ hostsMin, hostsMax, ...rest })
      let now = 0
      for (const { hosts, busy, gap } of looks) {
        now += gap
        const wanted = scaler.wanted({ now, hosts, busy })
        expect(wanted).toBeGreaterThanOrEqual(hostsMin)
        expect(wanted).toBeLessThanOrEqual(hostsMax)
      }
    }),
  )
})

test('under a load that stays it comes to rest where hosts are as busy as they should be', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 50, noNaN: true }), fc.nat(90), (busy, from) => {
      const target = 0.6
      const scaler = new Autoscaler({ hostsMin: 1, hostsMax: 1_000, target, calmMs: 60_000 })
      let hosts = from + 1
      for (let minute = 0; minute < 60; minute++) {
        // A fleet that is full says so, and no more.
        const seen = Math.min(busy, hosts)
        hosts = scaler.wanted({ now: minute * 60_000, hosts, busy: seen })
      }
      expect(hosts).toBe(Math.ceil(busy / target - 1e-9))
    }),
  )
})

test('fewer hosts only when fewer have been enough for a while', () => {
  const scaler = new Autoscaler({ hostsMin: 1, hostsMax: 20, target: 0.5, calmMs: 300_000 })
  const at = (minute: number, busy: number) =>
    scaler.wanted({ now: minute * 60_000, hosts: 10, busy })
  expect(at(0, 5)).toBe(10)
  expect([1, 2, 3, 4].map((minute) => at(minute, 2))).toEqual([10, 10, 10, 10])
  // What was wished for at the worst moment of the calm.
  expect(at(5, 1)).toBe(4)
})
