/** Benches that ask a server, in their small size. */
import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runSmall } from './setup/small-bench.ts'

const files = globSync('serving/bench/*.bench.ts')

test('there are benches', () => expect(files.length).toBeGreaterThanOrEqual(3))

test.each(files)('%s runs, and prints figures', { timeout: 120_000 }, runSmall)
