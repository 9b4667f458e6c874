/**
 * The walk kernel: walkers in step, as loops over blocks of at most 1,024 of them.
 *
 * A plain walk waits for memory at every step. Here all walkers of a block do the same small thing
 * before any does the next, so their cache misses overlap. Loops that load at random do nothing
 * else: a few instructions each, so that many iterations are in flight at once. Random numbers and
 * choices are made four at a time. `walk/twin.ts` says the same in TypeScript, number for number.
 *
 * Everything lies in one imported memory, at addresses that the caller gives; a block's arrays
 * stand 4 KiB apart.
 */

export { clear, count, join, rehash } from './counters'
export {
  blend,
  bounds,
  boundsUpTo,
  choose,
  chooseBoth,
  gather,
  prefer,
  recordsUpTo,
} from './hop'
export { steer } from './steer'
