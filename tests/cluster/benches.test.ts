/** The benches that need servers, in their small size. */
import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { clusterServers } from '../setup/cluster.ts'
import { describeWith } from '../setup/require.ts'
import { runSmall } from '../setup/small-bench.ts'

const files = globSync('*/*/bench/*.bench.ts')

test('there are benches', () => expect(files.length).toBeGreaterThanOrEqual(3))

describeWith(clusterServers(), 'benches', () => {
  test.each(files)('%s runs, and prints figures', { timeout: 120_000 }, runSmall)
})
