/** The benches that need NATS, in their small size. */
import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findNats, installHint } from '../setup/nats.ts'
import { describeWith } from '../setup/require.ts'
import { runSmall } from '../setup/small-bench.ts'

const files = globSync('*/*/bench/*.bench.ts')

test('there are benches', () => expect(files.length).toBeGreaterThanOrEqual(1))

describeWith({ server: 'nats', found: findNats(), hint: installHint }, 'benches', () => {
  test.each(files)('%s runs, and prints figures', { timeout: 60_000 }, runSmall)
})
