/** The benches that need servers, in their small size. */
import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findDapr } from '../setup/dapr.ts'
import { findNats } from '../setup/nats.ts'
import { findPostgres } from '../setup/postgres.ts'
import { describeWith } from '../setup/require.ts'
import { runSmall } from '../setup/small-bench.ts'

const files = globSync('*/*/bench/*.bench.ts')

test('there are benches', () => expect(files.length).toBeGreaterThanOrEqual(2))

const found = (findDapr() && findNats() && findPostgres()) || undefined
const hint = 'deploy/install has what installs Dapr, NATS and PostgreSQL'

describeWith({ server: 'nats', found, hint }, 'benches', () => {
  test.each(files)('%s runs, and prints figures', { timeout: 120_000 }, runSmall)
})
