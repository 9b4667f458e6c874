import { expect, test } from 'vitest'
import { environmentName, maskedConfig, readConfig, settings } from './config.ts'

test('defaults, then environment, then flags', () => {
  expect(readConfig({}, {}, {})).toMatchObject({ port: 8080, host: '127.0.0.1', open: false })
  expect(readConfig({ PINWHEEL_PORT: '9000' }, { port: 7000 }, {}).port).toBe(9000)
  expect(readConfig({ PINWHEEL_PORT: '9000' }, {}, { port: '0' }).port).toBe(0)
  expect(readConfig({ HOME: '/x', PINWHEEL_DATASETS: '/y' }, {}, {}).data).toBeUndefined()
})

test('every problem is reported at once', () => {
  const env = { PINWHEEL_PORT: 'x', PINWHEEL_NONSENSE: '1', PINWHEEL_LOG_LEVEL: 'loud' }
  const read = () => readConfig(env, { unknown: 1 }, { workers: 'many', open: 'maybe' })
  for (const name of [...Object.keys(env), 'unknown', 'workers', 'open']) {
    expect(read).toThrow(new RegExp(name))
  }
})

test.each(['', ' ', '1.5', '1e9', 'Infinity', '-1', '0x10 '])('%j is no port', (text) => {
  expect(() => readConfig({ PINWHEEL_PORT: text }, {}, {})).toThrow(/PINWHEEL_PORT/)
})

test('the result is frozen, and secrets are shown to nobody', () => {
  const config = readConfig({ PINWHEEL_KEY: 'open sesame' }, {}, {})
  expect(Object.isFrozen(config)).toBe(true)
  expect(JSON.stringify(maskedConfig(config))).not.toContain('sesame')
  expect(() => readConfig({ PINWHEEL_KEY: '' }, {}, {})).toThrow('(hidden)')
})

test('every setting has a sentence, and its name in the environment', () => {
  for (const [name, { about }] of Object.entries(settings))
    expect([name, about.at(-1)]).toEqual([name, '.'])
  expect(environmentName('requestDeadlineMs')).toBe('PINWHEEL_REQUEST_DEADLINE_MS')
})
