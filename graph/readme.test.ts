/** The programs of the READMEs run, as a stranger would run them. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))

test.each(['README.md', 'pool/README.md'])('the program in %s runs and finds pins', (page) => {
  const code = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(here, page), 'utf8'))?.[1]
  expect(code).toBeDefined()
  // Within the package, so that its own name can be imported.
  const cache = join(here, '../.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'readme-'))
  try {
    const file = join(folder, 'example.ts')
    writeFileSync(file, code!)
    const out = execFileSync(process.execPath, [file], { encoding: 'utf8' })
    // Pin 4 is fresh: reached from pin 2 by board 2.
    expect(out).toMatch(/Uint32Array\(\d\) \[[^\]]*\b4\b[^\]]*\]/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
