/** Saves of pins, as a shard of pins folds them. */
import { kindCode, NONE } from '../../base/index.ts'
import { RecordBlock, roles } from './record-block.ts'
import type { Shard } from './shard.ts'

export function foldSaves(shard: Shard, pins: readonly number[]): void {
  const records = new RecordBlock(pins.length)
  for (const pin of pins) {
    const n = records.count++
    records.kind[n] = kindCode.save
    records.pin[n] = pin
    records.board[n] = NONE
    records.roles[n] = roles.pin
    records.time[n] = n
  }
  shard.foldBlock(records, records.pin, roles.pin)
}
