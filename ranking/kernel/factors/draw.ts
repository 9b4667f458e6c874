/** The examples of a batch: their rows, and the items drawn against each. */
import {
  batch,
  counts,
  dimensions,
  drawn,
  exampleUnits,
  itemCount,
  negatives,
  order,
  pairItem,
  pairUser,
  users,
} from './places'
import { writeUnit } from './rows'

/** Every bit of the result hangs on every bit given (the finisher of MurmurHash3). */
function mixed(value: u32): u32 {
  let h = value
  h = (h ^ (h >> 16)) * 0x85ebca6b
  h = (h ^ (h >> 13)) * 0xc2b2ae35
  return h ^ (h >> 16)
}

/**
 * Examples [first, end) of the batch that begins at `from` in the order. What an example draws is a
 * function of `salt` and its number, whoever draws it.
 */
export function draw(first: u32, end: u32, from: u32, salt: u32): void {
  memory.fill(counts, 0, (<usize>itemCount) << 2)
  const stride = (<usize>(negatives + 1)) << 2
  let at = drawn + <usize>first * stride
  for (let example = first; example < end; example++) {
    const key = mixed(salt + example * 0x9e3779b9)
    for (let j: u32 = 0; j < negatives; j++, at += 4) {
      const random = mixed(key + j * 0x9e3779b9)
      choose(at, <u32>((<u64>random * <u64>itemCount) >> 32))
    }
    const pair = (<usize>load<u32>(order + ((<usize>(from + example)) << 2))) << 2
    choose(at, load<u32>(pairItem + pair))
    at += 4
    const user = <usize>load<u32>(pairUser + pair)
    writeUnit(users + user * ((<usize>dimensions) << 2), exampleUnits, example, batch)
  }
}

function choose(at: usize, item: u32): void {
  store<u32>(at, item)
  const count = counts + ((<usize>item) << 2)
  store<u32>(count, load<u32>(count) + 1)
}
