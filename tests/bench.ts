/**
 * Runs the benches: `npm run --silent bench -- [NAME] [--size small|large] [--json]`. A bench is a
 * file FOLDER/bench/NAME.bench.ts that exports `bench`.
 */
import { globSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { systemClock } from '../base/index.ts'
import type { Bench } from './bench-contract.ts'

// As the program itself has it (`serving/pinwheel.mjs`): a thread would strip and compile its
// modules anew.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(
  new URL('../node_modules/.cache/pinwheel', import.meta.url),
)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: 'large' },
    json: { type: 'boolean', default: false },
  },
})
const size = values.size === 'small' ? 'small' : 'large'
const root = new URL('..', import.meta.url)
const rooms = '{base,graph,ranking,actors,simulator,serving}'
// Those of a folder of a room need a server; its tests run them.
const files = globSync([`${rooms}/bench/*.bench.ts`, `${rooms}/*/bench/*.bench.ts`], { cwd: root })
const benches = await Promise.all(
  files.map(async (file) => ((await import(new URL(file, root).href)) as { bench: Bench }).bench),
)
const wanted = benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
if (wanted.length === 0) {
  console.error(`No such bench. Known: ${benches.map(({ name }) => name).join(', ')}`)
  process.exitCode = 2
}
for (const bench of wanted) {
  const result = await bench.run({ size, clock: systemClock })
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`
  const row = { bench: bench.name, size, machine, load: loadavg()[0], ...result }
  if (values.json) console.log(JSON.stringify(row))
  else console.table(row)
}
