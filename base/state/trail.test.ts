/** How rows of a trail lie, where the laws of a state do not say it. */
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { aloneOnItsPage, f64, ref, StoredStates, stateSchema, trail, u8 } from './index.ts'

const walk = stateSchema('walk', 1, {
  path: trail({ pin: ref('pin'), time: f64, kind: u8 }, { capacity: 8 }),
})
const TIME = 1e12
/** After five seconds, at once, after three days, and long before all of them. */
const rows = [
  { pin: 7, time: TIME, kind: 1 },
  { pin: 8, time: TIME + 5_000, kind: 2 },
  { pin: 9, time: TIME + 5_000, kind: 3 },
  { pin: 9, time: TIME + 240_000_000, kind: 2 },
  { pin: 1, time: 3, kind: 1 },
]

function walked(of: typeof rows) {
  const handle = aloneOnItsPage(walk)
  handle.stage.open()
  handle.begin()
  for (const row of of) {
    Object.assign(handle.state.path.next, row)
    handle.state.path.push()
  }
  handle.commit()
  handle.stage.close()
  return handle
}

test('rows as they were packed before small differences lay in heads are read', () => {
  const stored = [
    'f81e9dd0010000000000000005000e00000000000000084008000000010100000900000088130000',
    '020100200a000000030100000a00000078084e0e0201002002000000000080655e1c6d4201010040',
  ].join('')
  const old = Buffer.from(stored, 'hex')
  const handle = aloneOnItsPage(walk)
  new StoredStates().decode(handle, old, () => 'x')
  expect(handle.state.path.rows()).toEqual(rows)
})

test('a row that follows within two minutes takes no word for its time', () => {
  const bytes = (gap: number) => {
    const [first] = rows
    return new StoredStates().encode(walked([first!, { ...first!, time: TIME + gap }])).length
  }
  expect(bytes(5_000)).toBe(bytes(0))
  expect(bytes(240_000_000)).toBe(bytes(0) + 4)
  expect(bytes(0.5)).toBe(bytes(0) + 8)
})

test('a store of a later packing is refused', () => {
  const later = new StoredStates().encode(walked(rows)).slice()
  const words = new Uint32Array(later.buffer)
  words[1]! += 1 << 16
  words[0] = crc32(later.subarray(4))
  const decode = () => new StoredStates().decode(aloneOnItsPage(walk), later, () => 'x')
  expect(decode).toThrow(expect.objectContaining({ code: 'STATE_NEWER' }))
})
