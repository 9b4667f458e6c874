/** Numbers as a reader wants them: digits that mean something, thousands apart. */

/** What stands where nothing was measured. */
export const NOTHING = '–'

/** Whole numbers whole, others to about four digits; "–" for what is not finite. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return NOTHING
  const size = Math.abs(value)
  if (size > 0 && (size < 1e-6 || size >= 1e15)) return value.toExponential(3)
  if (size < 1) return (value || 0).toLocaleString('en', { maximumSignificantDigits: 4 })
  const maximumFractionDigits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3
  return value.toLocaleString('en', { maximumFractionDigits })
}

export function cellText(cell: string | number | null): string {
  return typeof cell === 'number' ? figure(cell) : (cell ?? NOTHING)
}
