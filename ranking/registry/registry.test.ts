import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { errorCode } from '../../base/index.ts'
import { latestManifest, listModels, readModel, saveModel } from './registry.ts'

/** The newest model as a host takes it up. */
async function latestModel(directory: string) {
  const manifest = await latestManifest(directory)
  return manifest && { manifest, bytes: await readModel(directory, manifest) }
}

let directory: string
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'pinwheel-registry-')), 'models')
})
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }))

const save = (version: string, trainedAt: number, text = version) =>
  saveModel(directory, Buffer.from(text), {
    version,
    trainedAt,
    inputs: ['a', 'b'],
    metrics: { auc: 0.7, bestFeature: 'a' },
    entries: 10,
    range: { from: 1, to: 2 },
  })

async function unfit(name: string): Promise<string> {
  const error: unknown = await latestModel(directory).then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  )
  expect(errorCode(error)).toBe('MODEL_UNFIT')
  expect((error as Error).message).toContain(name)
  return (error as Error).message
}

test('the newest model comes back with its manifest, and nothing else lies about', async () => {
  expect(await latestModel(directory)).toBeUndefined()
  await save('old', 1)
  const manifest = await save('new', 3)
  await save('middle', 2)
  const latest = await latestModel(directory)
  expect(latest?.manifest).toEqual(manifest)
  expect(latest && Buffer.from(latest.bytes).toString()).toBe('new')
  expect((await listModels(directory)).map(({ version }) => version).sort()).toEqual([
    'middle',
    'new',
    'old',
  ])
  expect((await readdir(directory)).filter((name) => !/^\w+\.(onnx|json)$/.test(name))).toEqual([])
})

test('of two models of one instant the greater version is the newest, in any order', async () => {
  await save('b', 1)
  await save('a', 1)
  await save('c', 1)
  expect((await latestModel(directory))?.manifest.version).toBe('c')
})

test('a model whose manifest was never written does not exist', async () => {
  await save('one', 1)
  await writeFile(join(directory, 'two.onnx'), 'two')
  await writeFile(join(directory, 'two.json.new'), '{')
  expect((await latestModel(directory))?.manifest.version).toBe('one')
})

describe('refused by name', () => {
  test('a file of three gibibytes, before it is read', async () => {
    await save('one', 1)
    // Without a byte on the disk.
    await truncate(join(directory, 'one.onnx'), 3 * 2 ** 30)
    expect(await unfit('one.onnx')).toContain('cannot be read')
  })

  test('a file with one bit turned, or gone', async () => {
    await save('one', 1, 'some bytes')
    const path = join(directory, 'one.onnx')
    const bytes = await readFile(path)
    bytes[3]! ^= 1
    await writeFile(path, bytes)
    expect(await unfit('one.onnx')).toContain('SHA-256')
    await rm(path)
    expect(await unfit('one.onnx')).toContain('cannot be read')
  })

  test.each([
    ['{', 'not JSON'],
    ['null', 'another version'],
    ['[]', 'another version'],
    ['{"version":"../../etc/passwd"}', 'another version'],
    ['{"version":"one"}', 'lacks trainedAt'],
    ['{"version":"one","trainedAt":"now","sha256":"0"}', 'lacks trainedAt'],
  ])('a manifest that reads %s', async (text, reason) => {
    await save('one', 1)
    await writeFile(join(directory, 'one.json'), text)
    expect(await unfit('one.json')).toContain(reason)
  })
})
