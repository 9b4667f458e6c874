/** The benches of rooms in their small size; a server's are in `bench.process.test.ts`. */
import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runSmall } from './setup/small-bench.ts'

const files = globSync('*/bench/*.bench.ts').filter((file) => !file.startsWith('serving/'))

test('there are benches', () => expect(files.length).toBeGreaterThanOrEqual(3))

test.each(files)('%s runs, and prints figures', { timeout: 60_000 }, runSmall)
