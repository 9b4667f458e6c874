/** What a thread's own desk holds, and the numbers that make places of keys. */

export const LANES: usize = 4096
/** Golden ratio in 32 bits: multiples of it are spread evenly (a Weyl sequence). */
export const GOLDEN: i32 = 0x9e3779b9
export const LABEL_MIX: i32 = 0x85ebca6b
/** The part of a slot that counts. */
export const VISITS: u64 = 0xffff00000000
export const ONE_VISIT: u64 = 0x100000000

// What a walker's desk holds, in steps of LANES behind its first 4 KiB of state.
export const AT: usize = LANES
export const LABEL: usize = 2 * LANES
export const HOME: usize = 3 * LANES
export const HOME_LABEL: usize = 4 * LANES
export const RANDOM_PIN: usize = 5 * LANES
export const RANDOM_BOARD: usize = 6 * LANES
export const HASH: usize = 7 * LANES
/** State: sfc32 a, b, c, counter in four lanes each, then the walks begun, then the Weyl offset. */
export const BEGUN: usize = 64
export const OFFSET: usize = 80
/** Set once a count was full. */
export const OVERFLOW: usize = 96
/** Written only so that loads which warm the cache are not seen as useless. */
export const TOUCHED: usize = 100
