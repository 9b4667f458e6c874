import { expect, test } from 'vitest'
import { requireOrSkip } from './require.ts'

const hint = 'install it'

test('a server that is there needs no reason', () => {
  expect(requireOrSkip('dapr', '/usr/bin', { hint, promised: 'dapr' })).toBeUndefined()
})

test('a missing server is a reason to skip', () => {
  const reason = requireOrSkip('dapr', undefined, { hint, promised: 'browser' })
  expect(reason).toBe('no dapr here; install it')
})

test('a missing server fails where it was promised', () => {
  const promised = 'browser,dapr'
  expect(() => requireOrSkip('dapr', undefined, { hint, promised })).toThrow('no dapr here')
})
