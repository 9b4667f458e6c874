import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { rules, type SourceFile } from './tidy.ts'

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
const files: SourceFile[] = tracked
  .split('\n')
  .filter((path) => path !== '')
  .flatMap((path) => {
    try {
      return [{ path, text: readFileSync(path, 'utf8') }]
    } catch {
      return []
    }
  })

describe('the house rules hold', () => {
  for (const [name, rule] of Object.entries(rules)) {
    test(name, () => {
      const complaints = files.flatMap((file) => rule(file).map((c) => `${file.path} ${c}`))
      expect(complaints).toEqual([])
    })
  }
})

describe('each rule can fail', () => {
  const bad: Readonly<Record<string, SourceFile>> = {
    roomOrder: { path: 'graph/x.ts', text: "import { a } from '../ranking/index.ts'" },
    namedExports: { path: 'graph/index.ts', text: "export * from './walk.ts'" },
    oneHome: { path: 'graph/x.ts', text: 'const t = Date.now()' },
    shape: { path: 'graph/BadName.ts', text: '' },
    merged: { path: 'docs/x.md', text: `a\n${'<'.repeat(7)} HEAD\nb` },
    finished: { path: 'graph/x.ts', text: `// ${'TO'}DO later` },
    layout: { path: 'graph/utils/x.ts', text: '' },
    noPackageHost: { path: 'docs/x.md', text: `https://registry.npm${'js'}.org/x` },
    anonymous: { path: 'graph/x.ts', text: "'/home/someone/data'" },
    lockFile: { path: 'package-lock.json', text: '{"resolved": "x"}' },
  }
  for (const [name, rule] of Object.entries(rules)) {
    test(name, () => expect(rule(bad[name]!)).not.toEqual([]))
  }
  test.each(['graph/a/b/c/x.ts', 'extras/x.ts', 'loose.ts'])('layout refuses %s', (path) => {
    expect(rules['layout']!({ path, text: '' })).toHaveLength(1)
  })
  test('finished sees a test left out', () => {
    const text = `test.sk${'ip'}('later', () => {})`
    expect(rules['finished']!({ path: 'graph/x.test.ts', text })).toHaveLength(1)
  })
  test('roomOrder sees a way past an index', () => {
    const text = "import { a } from '../graph/walk.ts'"
    expect(rules['roomOrder']!({ path: 'ranking/x.ts', text })).toHaveLength(1)
  })
})
