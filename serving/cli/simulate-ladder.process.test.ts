/** The ladder as a person runs it: several processes, kept seeds, wrong options. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-ladder-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const kept = join(scratch, 'kept')

function simulate(...words: string[]) {
  const program = ['serving/pinwheel.mjs', 'simulate', ...words]
  return spawnSync(process.execPath, program, { encoding: 'utf8', timeout: 110_000 })
}
const tiny = ['ladder', '--preset', 'tiny', '--seeds', '2', '--json', '--arms', 'random,popularity']

/** What does not depend on how long it took. */
function found(text: string) {
  const { steps, rates, results } = JSON.parse(text)
  const timeless = JSON.stringify(results, (key, value) => (key === 'cpuSeconds' ? 0 : value))
  return { steps, rates, results: JSON.parse(timeless) }
}

test('two processes find what one does; what was kept is taken up', { timeout: 240_000 }, () => {
  const several = simulate(...tiny, '--out', kept, '--workers', '2')
  expect(several.stderr).not.toContain('pinwheel:')
  const one = simulate(...tiny)
  expect(found(several.stdout)).toEqual(found(one.stdout))
  expect(JSON.parse(one.stdout).results[0].arms.popularity.views).toBeGreaterThan(1_000)
  const files = readdirSync(kept).map((name) => join(kept, name))
  expect(files).toHaveLength(2)
  const times = files.map((file) => statSync(file).mtimeMs)
  // A file that is cut off is none: its seed runs again, the other does not.
  writeFileSync(files[0]!, readFileSync(files[0]!, 'utf8').slice(0, 50))
  const again = simulate(...tiny, '--out', kept)
  expect(found(again.stdout)).toEqual(found(one.stdout))
  expect(statSync(files[1]!).mtimeMs).toBe(times[1])
  expect(statSync(files[0]!).mtimeMs).toBeGreaterThan(times[0]!)
})

test('everything that is wrong is named at once', () => {
  const wrong = ['--arms', 'x,deep,deep', '--without', 'y', '--workers', '3', '--seeds', '0']
  const { status, stderr } = simulate('ladder', ...wrong)
  expect(status).toBe(2)
  for (const word of ['--arms has x', '--without has y', 'twice', '--workers', '--seeds is 0']) {
    expect(stderr).toContain(word)
  }
  const alone = simulate('falsify', '--preset', 'tiny', '--seeds', '1')
  expect(alone.stderr).toContain('two worlds')
  expect(simulate('falsify', '--only', 'luck').stderr).toContain('--only has luck')
  const shared = simulate('ladder', '--design', 'shared', '--arms', 'tags')
  expect(shared.stderr).toContain('are two')
})
