/** (random x bound) >> 32: a number below `bound` from 32 random bits, as the kernel makes it. */
export function below(random: number, bound: number): number {
  // A product below 2^53 is exact; a larger one is made in two pieces.
  if (bound < 2 ** 21) return (random * bound * 2 ** -32) | 0
  const low = Math.floor(((random & 0xffff) * bound) / 65536)
  return Math.floor(((random >>> 16) * bound + low) / 65536)
}
