/** What is saved is read back whole, or refused by name. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readIndexFile } from './index-file.ts'
import { vectorDefaults } from './options.ts'
import { clusteredVectors, smallSearch } from './testing.ts'
import { vectorMemory } from './vector-memory.ts'
import { VectorSearch } from './vector-search.ts'
import type { Metric } from './vector-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'index-file-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'vectors')
const world = { seed: 9, dimensions: 8, clusters: 10 }
const queries = clusteredVectors({ ...world, count: 20, stream: 'queries' })
const options = { ...vectorDefaults, dimensions: 8, capacity: 4_000, idLimit: 4_000, kMax: 1_000 }
const asked = { vectors: queries, k: 10, ef: 20 }

beforeAll(async () => {
  await using search = await smallSearch()
  clusteredVectors({ ...world, count: 500 }).forEach((vector, id) => {
    search.add(id, vector)
  })
  await search.rebuild()
  for (let id = 0; id < 50; id++) search.delete(id)
  for (let id = 50; id < 100; id++) search.set(id, queries[id % 20]!)
  search.add(3_000, queries[1]!)
  await search.save(path)
  const answers = await search.search({ ...asked, index: 'graph' })
  await using read = await VectorSearch.load(path, options)
  // The graph as well as what came since it was built.
  expect(await read.search({ ...asked, index: 'graph' })).toEqual(answers)
  expect(read.stats).toMatchObject({ vectors: 451, linked: 500, fresh: 51, dead: 100 })
  await read.save(`${path}-again`)
})

test('what was read and is written again is the same file', () => {
  expect(readFileSync(`${path}-again`).equals(readFileSync(path))).toBe(true)
})

test('an empty one', async () => {
  await using search = await smallSearch()
  await search.save(`${path}-empty`)
  await using read = await VectorSearch.load(`${path}-empty`, options)
  expect(read.stats).toMatchObject({ vectors: 0, linked: 0 })
  expect((await read.search(asked)).ids).toHaveLength(0)
})

describe('refused by name', () => {
  const read = async (path: string, given: { metric?: Metric; idLimit?: number } = {}) => {
    const { metric, dimensions, capacity, idLimit } = { ...options, ...given }
    const shape = { dimensions, capacity, idLimit, desks: 1, deskRows: 1 }
    readIndexFile(vectorMemory(shape), { path, metric, graphFile: join(folder, 'graph') })
  }
  const load = (bytes: Uint8Array, given = {}) => {
    const other = join(folder, 'other')
    writeFileSync(other, bytes)
    return read(other, given)
  }
  const damaged = (reason: string) => ({
    code: 'SNAPSHOT_DAMAGED',
    message: expect.stringContaining(reason),
  })
  const HEAD = 8 + 64
  /** Sets a word of the head and makes its CRC good again. */
  const withWord = (bytes: Buffer, word: number, value: number) => {
    bytes.writeUInt32LE(value, 8 + 4 * word)
    bytes.writeUInt32LE(crc32(bytes.subarray(8, HEAD)), HEAD)
    return bytes
  }
  const sections = () => {
    const bytes = readFileSync(path)
    return { bytes, ids: HEAD + 4, floats: HEAD + 4 + 4 * 551 }
  }

  test('a byte that differs, anywhere', async () => {
    const { bytes, ids, floats } = sections()
    const graph = floats + 4 * 8 * 551
    for (const at of [0, 8, 20, HEAD, ids, floats - 1, graph + 9, bytes.length - 1]) {
      const other = Buffer.from(bytes)
      other[at]! ^= 4
      await expect(load(other)).rejects.toMatchObject({ code: 'SNAPSHOT_DAMAGED' })
    }
  })

  test('one that is cut, longer, empty, foreign, not there', async () => {
    const { bytes } = sections()
    await expect(load(bytes.subarray(0, 5_000))).rejects.toMatchObject(damaged('promises'))
    await expect(load(Buffer.concat([bytes, bytes]))).rejects.toMatchObject(damaged('promises'))
    await expect(load(Buffer.alloc(0))).rejects.toMatchObject(damaged('shorter'))
    await expect(load(Buffer.alloc(500, 'x'))).rejects.toMatchObject(damaged('does not begin'))
    const missing = VectorSearch.load(join(folder, 'missing'), options)
    await expect(missing).rejects.toMatchObject(damaged('ENOENT'))
    await expect(read(folder)).rejects.toMatchObject(damaged('EISDIR'))
  })

  test('a newer version', async () => {
    const bytes = withWord(sections().bytes, 1, 2)
    await expect(load(bytes)).rejects.toMatchObject({ code: 'SNAPSHOT_NEWER' })
  })

  test('numbers that are none, though every CRC is right', async () => {
    const { bytes, floats } = sections()
    bytes.writeFloatLE(Number.NaN, floats + 40)
    const crc = crc32(bytes.subarray(floats, floats + 4 * 8 * 551))
    await expect(load(withWord(bytes, 9, crc))).rejects.toMatchObject(damaged('not finite'))
  })

  test('an id that is there twice, or beyond the limit', async () => {
    const { bytes, ids, floats } = sections()
    bytes.writeUInt32LE(200, ids + 4 * 201)
    const twice = withWord(bytes, 8, crc32(bytes.subarray(ids, floats)))
    await expect(load(twice)).rejects.toMatchObject(damaged('200 is there twice'))
    const { bytes: good } = sections()
    await expect(load(good, { idLimit: 100 })).rejects.toMatchObject(damaged('not below 100'))
  })

  test('other dimensions, another metric, too many for the capacity', async () => {
    const { bytes } = sections()
    const options = { code: 'ANN_OPTIONS', message: expect.stringContaining('as in') }
    await expect(load(bytes, { dimensions: 16 })).rejects.toMatchObject(options)
    await expect(load(bytes, { metric: 'dot' })).rejects.toMatchObject(options)
    await expect(load(bytes, { capacity: 300 })).rejects.toMatchObject({ code: 'CAPACITY' })
  })

  test('a folder that is not there to write to', async () => {
    await using search = await smallSearch()
    const refused = { code: 'FILE_UNWRITABLE', message: expect.stringContaining('ENOENT') }
    await expect(search.save(join(folder, 'no', 'such'))).rejects.toMatchObject(refused)
  })
})
