import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { ManualClock, silentLogger } from '../../base/index.ts'
import type { SlateRules } from '../../ranking/index.ts'
import { checkRules, keepRulesFresh, rulesEveryMs } from './rules.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-rules-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function setUp(name: string) {
  const directory = mkdtempSync(join(scratch, name))
  const file = join(directory, 'rules.json')
  const used: SlateRules[] = []
  const complaints: string[] = []
  const clock = new ManualClock(0)
  const stop = new AbortController()
  const error = (fields: object) => void complaints.push(JSON.stringify(fields))
  const logger = { ...silentLogger, info: () => {}, error } as typeof silentLogger
  const host = {
    useRules: async (rules: SlateRules) => {
      used.push(rules)
    },
  }
  const write = (text: string) => writeFileSync(file, text)
  const check = () => checkRules({ named: undefined, directory })
  const start = (named?: string) =>
    keepRulesFresh(host, { named, directory, clock, logger, signal: stop.signal })
  return { file, used, complaints, clock, stop, write, check, start }
}
const blocking = (tag: string) => JSON.stringify({ block: { tags: [tag] } })

test('what the file says is in force at once, and again when it says something else', async () => {
  const { used, clock, stop, write, start } = setUp('change')
  write(blocking('one'))
  await start()
  expect(used.map(({ block }) => block.tags)).toEqual([['one']])
  write(blocking('two'))
  clock.advance(rulesEveryMs)
  await vi.waitFor(() => expect(used.at(-1)?.block.tags).toEqual(['two']))
  stop.abort()
  write(blocking('three'))
  clock.advance(rulesEveryMs)
  await new Promise(setImmediate)
  expect(used).toHaveLength(2)
})

test('bad rules are refused by name, once, and the former ones stay', async () => {
  const { file, used, complaints, clock, write, start } = setUp('bad')
  await start()
  expect(used).toEqual([])
  write(blocking('one'))
  clock.advance(rulesEveryMs)
  await vi.waitFor(() => expect(used).toHaveLength(1))
  write('{"quality": {"min": 2}}')
  for (let n = 0; n < 3; n++) {
    clock.advance(rulesEveryMs)
    await vi.waitFor(() => expect(complaints).toHaveLength(1))
  }
  expect(complaints[0]).toContain('quality.min')
  rmSync(file)
  clock.advance(rulesEveryMs)
  await new Promise(setImmediate)
  expect(used).toHaveLength(1)
})

test('a start ends at bad rules, and where a file that is named is missing', async () => {
  const { file, used, write, check, start } = setUp('start')
  await check()
  await expect(start(file)).rejects.toMatchObject({ code: 'RULES_INVALID' })
  write('{"blocks": []}')
  await expect(start()).rejects.toMatchObject({ code: 'RULES_INVALID' })
  await expect(check()).rejects.toMatchObject({ code: 'RULES_INVALID' })
  expect(used).toEqual([])
})
