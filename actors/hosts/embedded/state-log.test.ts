import { expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { SimulatedDisk } from '../../../simulator/faults/index.ts'
import { StateLog } from './state-log.ts'

test('a failed flush is told: commanded actors can keep nothing from then on', async () => {
  const disk = new SimulatedDisk()
  const failures: string[] = []
  const states = await StateLog.open('/data', {
    disk,
    onFailure: (reason) => failures.push(reason),
  })
  await states.put('Counter', 'a', Uint8Array.of(1))
  expect(failures).toEqual([])
  disk.failFlushes(1, new Random(1))
  const refused = { code: 'LOG_WRITE_FAILED' }
  await expect(states.put('Counter', 'a', Uint8Array.of(2))).rejects.toMatchObject(refused)
  await expect(states.put('Counter', 'a', Uint8Array.of(3))).rejects.toMatchObject(refused)
  expect(failures).toEqual(['EIO'])
  expect(states.get('Counter', 'a')).toEqual(Uint8Array.of(1))
})
