/** log(1 + n) of counts: most are small, and a table is ten times as quick as the function. */
const KNOWN = 4_096
const table = Float64Array.from({ length: KNOWN }, (_, n) => Math.log1p(n))

export function logCount(count: number): number {
  return count < KNOWN ? table[count]! : Math.log1p(count)
}
