/** Freezes the demo's log. A change here changes what every figure of the demo was measured on. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { demoEntries } from './demo.ts'

test('a small demo is the same, byte for byte', () => {
  const options = { users: 200, pins: 2_000, events: 30_000 }
  const hash = createHash('sha256')
  for (const entry of demoEntries(options)) hash.update(JSON.stringify(entry))
  expect(hash.digest('hex').slice(0, 16)).toBe('9212474e995d861a')
})
