import { UndirectedGraph } from 'graphology'
import gexf from 'graphology-gexf'
import { expect, test } from 'vitest'
import { buildGraph } from '../build.ts'
import { edgeList } from '../testing.ts'
import { centralityOf } from './centrality.ts'
import { toGexf } from './gexf.ts'
import { egoNetwork } from './subgraph.ts'

const ids = (names: readonly string[]) => ({ size: names.length, id: (i: number) => names[i]! })
const pins = ids(['a "b" & <c>', "d'e", '__proto__', 'ünï🫖', 'x\uffffy\ufffe', ']]>'])
const boards = ids(['<!-- b -->', 'constructor', '&amp;'])
const graph = buildGraph(
  edgeList(
    [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
      [0, 1],
      [4, 2],
      [0, 2],
      [5, 2],
    ],
    6,
    3,
  ),
)

test('what is written is read back: labels, columns and edges, whatever the ids hold', () => {
  const ego = egoNetwork(graph, 0)
  const community = (pin: number) => (pin === 1 ? undefined : pin)
  const text = toGexf(ego, { pins, boards, centrality: centralityOf(ego), community })
  const read = gexf.parse(UndirectedGraph, text)
  expect(read.order).toBe(9)
  expect(read.size).toBe(8)
  const label = (node: string) => read.getNodeAttribute(node, 'label')
  for (let pin = 0; pin < 6; pin++) {
    // Two code points that XML cannot hold are replaced.
    const expected = pins.id(pin).replace(/[\ufffe\uffff]/g, '\ufffd')
    expect(label(`pin ${pin}`)).toBe(expected)
  }
  for (let board = 0; board < 3; board++) expect(label(`board ${board}`)).toBe(boards.id(board))
  expect(read.hasEdge('pin 4', 'board 2')).toBe(true)
  expect(read.getNodeAttributes('pin 0')).toMatchObject({ kind: 'pin', degree: 3, hop: 0 })
  expect(read.getNodeAttribute('pin 0', 'betweenness')).toBeGreaterThan(0.5)
  expect(read.getNodeAttribute('pin 3', 'community')).toBe(3)
  expect(read.hasNodeAttribute('pin 1', 'community')).toBe(false)
})
