/** Powers of degrees: a power costs more than what is done with it, and most degrees are small. */

const SMALL = 4096
/** Exponents whose powers are kept. */
const EXPONENTS = 8
const kept = new Map<number, Float64Array>()

/** degree^exponent, for whole degrees. */
export function powersOf(exponent: number): (degree: number) => number {
  let powers = kept.get(exponent)
  if (!powers) {
    powers = Float64Array.from({ length: SMALL }, (_, degree) => degree ** exponent)
    if (kept.size === EXPONENTS) kept.clear()
    kept.set(exponent, powers)
  }
  const small = powers
  return (degree) => (degree < SMALL ? small[degree]! : degree ** exponent)
}
