import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { type ColdStore, LmdbStates, MemoryColdStore } from './index.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-states-'))
const open: LmdbStates[] = []
afterAll(async () => {
  for (const states of open) await states.close()
  rmSync(scratch, { recursive: true, force: true })
})
function create(name: string): LmdbStates {
  const states = LmdbStates.create(join(scratch, name, 'states.mdb'))
  open.push(states)
  return states
}

describe.each<[string, () => ColdStore]>([
  ['in memory', () => new MemoryColdStore()],
  ['in LMDB', () => create('contract').storeOf('User')],
])('a cold store %s', (_name, start) => {
  test('gives what was put last, through many batches', () => {
    const store = start()
    const random = new Random(4)
    const model = new Map<number, Uint8Array>()
    for (let n = 0; n < 20_000; n++) {
      const key = random.below(3_000)
      if (random.below(10) === 0) {
        store.delete(key)
        model.delete(key)
      } else {
        // Some 15 MB in all: several batches.
        const bytes = new Uint8Array(random.below(1_600) + 4)
        bytes.fill(n & 0xff)
        store.put(key, bytes)
        model.set(key, bytes.slice())
        // It is the caller's again.
        bytes.fill(0)
      }
      const asked = random.below(3_000)
      const found = store.get(asked)
      if (found === undefined || !same(found, model.get(asked))) {
        expect(found && [...found]).toEqual(model.get(asked) && [...model.get(asked)!])
      }
    }
    for (let key = 0; key < 3_000; key++) {
      const found = store.get(key)
      expect(found === undefined).toBe(!model.has(key))
    }
  })
})

function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0
}

describe('states in LMDB', () => {
  test('types do not see each other', () => {
    const states = create('types')
    const [users, pins] = [states.storeOf('User'), states.storeOf('Pin')]
    users.put(7, Uint8Array.of(1, 2, 3, 4))
    expect(pins.get(7)).toBeUndefined()
  })

  test('a new file takes the place of what an earlier process left, whatever it is', () => {
    const path = join(scratch, 'types', 'garbage.mdb')
    writeFileSync(path, Buffer.alloc(100_000, 0xab))
    const states = LmdbStates.create(path)
    open.push(states)
    const store = states.storeOf('User')
    expect(store.get(1)).toBeUndefined()
    store.put(1, Uint8Array.of(1, 2, 3, 4))
    expect([...store.get(1)!]).toEqual([1, 2, 3, 4])
  })

  test('a place that is none is named; closing leaves no file', async () => {
    const file = join(scratch, 'file')
    writeFileSync(file, '')
    expect(() => LmdbStates.create(join(file, 'states.mdb'))).toThrow(
      expect.objectContaining({ code: 'STORE_FAILED', message: expect.stringContaining(file) }),
    )
    await LmdbStates.create(join(scratch, 'gone', 'states.mdb')).close()
    expect(readdirSync(join(scratch, 'gone'))).toEqual([])
  })
})
