/** Small graphs by hand. */
import type { Edge, NamedEdges } from '../../graph/index.ts'

export function namedEdges(edges: readonly Edge[]): NamedEdges {
  const pins = [...new Set(edges.map(({ pin }) => pin))]
  const boards = [...new Set(edges.map(({ board }) => board))]
  const reader = (ids: readonly string[]) => ({ size: ids.length, id: (n: number) => ids[n]! })
  return {
    edges: {
      pins: Uint32Array.from(edges, ({ pin }) => pins.indexOf(pin)),
      boards: Uint32Array.from(edges, ({ board }) => boards.indexOf(board)),
      edgeCount: edges.length,
      pinCount: pins.length,
      boardCount: boards.length,
    },
    pins: reader(pins),
    boards: reader(boards),
  }
}

/** Quotes, separators, spaces, what looks like a number, and both sides of U+FFFF. */
const odd = [
  '"',
  '""',
  "'",
  ',',
  ';',
  'a,"b";c',
  '\\',
  '\\"',
  ' ',
  ' spaced ',
  '007',
  '1e5',
  'true',
  'null',
  '\u0001user',
  'é',
  'e\u0301',
  '\ud7ff',
  '\ue000',
  '\uffee',
  '😀',
  '😀"',
  '$set',
  '{id: 1}',
  'x'.repeat(200),
]

export const oddIds: readonly Edge[] = odd.flatMap((board, n) =>
  [0, 1, 5, 7].map((step) => ({ board, pin: odd[(n * 3 + step) % odd.length]! })),
)
