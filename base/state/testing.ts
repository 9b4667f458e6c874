/** A state for the tests of this folder. */
import { Interner } from '../ids.ts'
import {
  aloneOnItsPage,
  bySpace,
  f32,
  f64,
  i32,
  type Names,
  optional,
  ref,
  ring,
  type StateHandle,
  stateSchema,
  table,
  text,
  trail,
  u8,
  u16,
  u32,
  vector,
} from './index.ts'

/** A state with every kind of field. */
export const schema = stateSchema('sample', 1, {
  flag: u8,
  seen: f64,
  total: u32,
  best: ref('pin'),
  byKind: vector(u32, 4),
  /** Longer than what the stage keeps as an image. */
  long: vector(u16, 20),
  draft: optional({ words: u32 }),
  actions: ring({ pin: ref('pin'), time: f64, kind: u8 }, 10),
  path: trail(
    { pin: ref('pin'), note: i32, time: f64, size: f32, count: u32, kind: u8 },
    { capacity: 10, usual: { size: 1 } },
  ),
  boards: table({ board: ref('board'), saves: u32, last: f64 }, { capacity: 5, evictBy: 'last' }),
  title: text(100),
})

export const names = (): Names => bySpace(() => new Interner())

export function fresh() {
  const handle = aloneOnItsPage(schema)
  return { handle, arena: handle.arena, state: handle.state, reading: handle.reading }
}

/** A write turn; it is dropped when `change` says so. */
export const write = (
  { handle }: { handle: StateHandle<never> | object },
  change: () => unknown,
) => {
  const { stage } = handle as StateHandle
  stage.open()
  ;(handle as StateHandle).begin()
  if (change() === 'drop') (handle as StateHandle).rollback()
  else (handle as StateHandle).commit()
  stage.close()
}
