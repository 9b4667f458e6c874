import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import type { CataloguePayload, RecordBlock } from '../shard/record-block.ts'
import { BlockFolder } from './block-folder.ts'
import { BlockRing, ringMemory } from './block-ring.ts'

const payloadOf = (n: number) => new Map<number, CataloguePayload>([[0, { title: `pin ${n}` }]])
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Counters begin at `start`: they go round at 2^32. */
function ringFrom(start: number, slots = 4, records = 8) {
  const memory = ringMemory({ slots, records })
  const counters = new Int32Array(memory.buffer)
  counters[0] = start
  counters[16] = start
  return { ring: new BlockRing(memory), reader: new BlockRing(memory) }
}

function write(ring: BlockRing, n: number, payloads?: Map<number, CataloguePayload>): number {
  const block = ring.open()!
  block.count = (n % block.capacity) + 1
  for (let i = 0; i < block.count; i++) {
    block.time[i] = n + i / 100
    block.kind[i] = n & 0xff
  }
  block.payloads = payloads ?? new Map()
  return ring.commit()
}
const seen = (block: RecordBlock) => ({
  times: [...block.time.subarray(0, block.count)],
  kind: block.kind[block.count - 1],
})
const wanted = (n: number) => ({
  times: Array.from({ length: (n % 8) + 1 }, (_, i) => n + i / 100),
  kind: n & 0xff,
})

describe('the ring', () => {
  test('gives what was written, in order, whatever the steps of both ends', () => {
    const starts = fc.constantFrom(0, 5, 0x7fffffff - 3, -3)
    fc.assert(
      fc.property(starts, fc.array(fc.boolean(), { maxLength: 200 }), (start, steps) => {
        const { ring, reader } = ringFrom(start)
        let written = 0
        let read = 0
        for (const writes of steps) {
          if (writes) {
            const isFull = written - read === 4
            expect(ring.open() === undefined).toBe(isFull)
            if (!isFull) write(ring, written++)
          } else {
            const next = reader.next()
            expect(next === undefined).toBe(written === read)
            if (!next) continue
            expect(seen(next.block)).toEqual(wanted(read++))
            reader.release()
          }
          expect(ring.length).toBe(written - read)
        }
      }),
    )
  })

  test('a full ring holds the writer up until half of it is folded', async () => {
    const { ring, reader } = ringFrom(0)
    for (let n = 0; n < 4; n++) write(ring, n)
    let woken = false
    const waiting = ring.waitForRoom(ring.folded).then(() => {
      woken = true
    })
    await settled()
    expect(woken).toBe(false)
    reader.next()
    reader.release()
    await settled()
    expect(woken).toBe(false)
    reader.next()
    reader.release()
    await waiting
    expect(ring.open()).toBeDefined()
  })
})

describe('the folder', () => {
  function start() {
    const { ring, reader } = ringFrom(-2)
    const folded: { readonly kind: number | undefined; readonly title: string | undefined }[] = []
    const folder = new BlockFolder(reader, (block) => {
      folded.push({ kind: seen(block).kind, title: block.payloads.get(0)?.title })
    })
    return { ring, folder, folded }
  }

  test('folds what comes, and waits for payloads that come later than their block', async () => {
    const { ring, folder, folded } = start()
    void folder.run(systemClock, () => {})
    write(ring, 1)
    const number = write(ring, 2, payloadOf(2))
    write(ring, 3)
    await settled()
    await settled()
    expect(folded).toEqual([{ kind: 1, title: undefined }])
    folder.take(number, { payloads: payloadOf(2) })
    await ring.drained()
    expect(folded.slice(1)).toEqual([
      { kind: 2, title: 'pin 2' },
      // Nothing of the block before hangs on.
      { kind: 3, title: undefined },
    ])
  })

  test('a block that is written just when none was found does not wait for payloads', async () => {
    const { ring, reader } = ringFrom(0)
    const memory = reader as unknown as { next: BlockRing['next'] }
    const next = reader.next.bind(reader)
    let isLate = true
    memory.next = () => {
      const found = next()
      if (!found && isLate) {
        isLate = false
        write(ring, 1)
      }
      return found
    }
    const kinds: (number | undefined)[] = []
    const folder = new BlockFolder(reader, (block) => kinds.push(seen(block).kind))
    void folder.run(systemClock, () => {})
    await settled()
    await settled()
    expect(kinds).toEqual([1])
  })

  test('folds at once up to where an ask wants it, and no further', () => {
    const { ring, folder, folded } = start()
    folder.take(write(ring, 1, payloadOf(1)), { payloads: payloadOf(1) })
    write(ring, 2)
    const after = ring.written
    write(ring, 3)
    folder.foldUntil(after)
    expect(folded.map(({ kind }) => kind)).toEqual([1, 2])
    folder.foldUntil(after)
    expect(folded).toHaveLength(2)
  })
})
