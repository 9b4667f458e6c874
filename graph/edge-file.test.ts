/** A graph from a file is the graph from arrays; a file that is none is refused by name. */
import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Random } from '../base/index.ts'
import { buildGraph } from './build.ts'
import { edgeFile } from './edge-file.ts'
import { graphToBytes } from './snapshot.ts'
import { distinctEdges, type Edges, edgeList, randomEdges } from './testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinwheel-edges-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'edges')

function write(edges: Edges): void {
  const bytes = new DataView(new ArrayBuffer(edges.length * 8))
  for (const [i, [pin, board]] of edges.entries()) {
    bytes.setUint32(i * 8, pin, true)
    bytes.setUint32(i * 8 + 4, board, true)
  }
  writeFileSync(path, bytes)
}

const refused = (code: string, words: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(words) })

test('the graph from a file is that from arrays, with counts given or found', () => {
  const some = distinctEdges(24, 12, { minLength: 0, maxLength: 60 })
  fc.assert(
    fc.property(some, (edges) => {
      write(edges)
      const counts = { pinCount: 24, boardCount: 12 }
      const given = graphToBytes(buildGraph(edgeFile(path, counts)))
      expect(given).toEqual(graphToBytes(buildGraph(edgeList(edges, 24, 12))))
      const [pins, boards] = [0, 1].map((end) => Math.max(0, ...edges.map((e) => e[end]! + 1)))
      const found = graphToBytes(buildGraph(edgeFile(path)))
      expect(found).toEqual(graphToBytes(buildGraph(edgeList(edges, pins, boards))))
    }),
  )
})

test('a file of several blocks', () => {
  const edges = randomEdges(new Random(5), 200_000, 3_000, 700)
  write(edges)
  const list = edgeList(edges, 3_000, 700)
  expect(graphToBytes(buildGraph(edgeFile(path)))).toEqual(graphToBytes(buildGraph(list)))
})

test('a file that is missing, a folder, or not of whole edges', () => {
  expect(() => edgeFile(join(folder, 'none'))).toThrow(refused('DATASET_MISSING', 'none'))
  expect(() => edgeFile(folder)).toThrow(refused('DATASET_MISSING', folder))
  writeFileSync(path, new Uint8Array(12))
  expect(() => edgeFile(path)).toThrow(refused('GRAPH_INPUT', '12 bytes'))
})

test.each([
  ['is shorter', 'GRAPH_INPUT', () => truncateSync(path, 8)],
  ['was written again', 'GRAPH_INPUT', () => utimesSync(path, 1, 1)],
  ['is gone', 'DATASET_MISSING', () => rmSync(path)],
])('a file that %s when it is read again', (_, code, change) => {
  write([
    [3, 1],
    [4, 2],
  ])
  const edges = edgeFile(path)
  change()
  expect(() => buildGraph(edges)).toThrow(refused(code, path))
})

test('host numbers beyond what a graph holds', () => {
  write([[0xffffffff, 1]])
  expect(() => buildGraph(edgeFile(path))).toThrow(refused('GRAPH_INPUT', '4294967296 pins'))
})
