import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

const preload = new URL('./ends-with-parent.ts', import.meta.url).href

test('a program ends when the process that started it is killed', async () => {
  const words = ['--import', preload, '-e', "console.log('it runs'); setInterval(() => {}, 1e6)"]
  const starts = `require('node:child_process').spawn(process.execPath, ${JSON.stringify(words)},
    { stdio: ['pipe', 'inherit', 'inherit'] })`
  const parent = spawn(process.execPath, ['-e', starts], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(parent.stdout, 'data')
  expect(String(said)).toBe('it runs\n')
  // Closed when nobody is left to write: the program has the same output.
  const silent = once(parent.stdout, 'close')
  parent.stdout.resume()
  parent.kill('SIGKILL')
  await silent
})
