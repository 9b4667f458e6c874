import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinwheel-make-folder-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('it is there with those above it, whoever makes it at the same time', async () => {
  const path = join(folder, 'a/b/c')
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)))
  await makeFolder(path)
  expect(statSync(path).isDirectory()).toBe(true)
})

test('a file in its place is told', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await expect(makeFolder(file)).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(file, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test('where none can be made that is told, and nothing spins', async () => {
  await expect(makeFolder('/proc/pinwheel/data')).rejects.toMatchObject({ code: 'ENOENT' })
})
