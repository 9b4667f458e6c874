/** Where things lie, read once from the table of words that the memory begins with. */

export let dimensions: u32 = 0
export let negatives: u32 = 0
export let itemCount: u32 = 0
export let batch: u32 = 0
export let users: usize = 0
export let userMean: usize = 0
export let userSquare: usize = 0
export let items: usize = 0
export let itemMean: usize = 0
export let itemSquare: usize = 0
/** Normalised rows in slices: [slice][item][32]. */
export let itemUnits: usize = 0
/** In slices, as the normalised rows. */
export let itemGradient: usize = 0
export let pairUser: usize = 0
export let pairItem: usize = 0
/** Pairs in the order of the epoch. */
export let order: usize = 0
/** Of an example of the batch: the items drawn, and behind them the one saved. */
export let drawn: usize = 0
/** Of each of these its cosine, then its coefficient. */
export let weights: usize = 0
/** Normalised rows of the examples in slices: [slice][example][32]. */
export let exampleUnits: usize = 0
/** [example][dimensions]. */
export let exampleGradient: usize = 0
/** Of an example, the sum of exponentials, and by how much the greatest logit exceeds the own. */
export let sums: usize = 0
export let margins: usize = 0
/** Examples of an item that this thread drew; of thread 0, 1 and so on behind one another. */
export let counts: usize = 0
export let allCounts: usize = 0
/** Where this thread writes the next entry of an item. */
export let cursors: usize = 0
/** Where the last thread does: after the writing, the end of an item's entries. */
export let ends: usize = 0
/** (example, coefficient) sorted by item. */
export let entries: usize = 0
export let thread: u32 = 0
export let threads: u32 = 0

function word(table: usize, index: i32): usize {
  return <usize>load<u32>(table + ((<usize>index) << 2))
}

/** Of the table's addresses; `thread` of `threads` is who calls. */
export function bind(table: usize, self: u32): void {
  dimensions = <u32>word(table, 0)
  negatives = <u32>word(table, 1)
  itemCount = <u32>word(table, 2)
  batch = <u32>word(table, 3)
  threads = <u32>word(table, 4)
  users = word(table, 5)
  userMean = word(table, 6)
  userSquare = word(table, 7)
  items = word(table, 8)
  itemMean = word(table, 9)
  itemSquare = word(table, 10)
  itemUnits = word(table, 11)
  itemGradient = word(table, 12)
  pairUser = word(table, 13)
  pairItem = word(table, 14)
  order = word(table, 15)
  drawn = word(table, 16)
  weights = word(table, 17)
  exampleUnits = word(table, 18)
  exampleGradient = word(table, 19)
  sums = word(table, 20)
  margins = word(table, 21)
  entries = word(table, 24)
  thread = self
  const bytes = (<usize>itemCount) << 2
  allCounts = word(table, 22)
  counts = allCounts + <usize>self * bytes
  cursors = word(table, 23) + <usize>self * bytes
  ends = word(table, 23) + <usize>(threads - 1) * bytes
}
