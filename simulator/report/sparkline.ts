/** A row of block characters as high as the values: a chart in one line of a terminal. */

const blocks = '▁▂▃▄▅▆▇█'

/**
 * The last values in at most `width` characters, each the mean of its share of them. The floor is 0,
 * or the smallest value where one is negative, so that heights can be compared; what is not finite
 * leaves a blank.
 */
export function sparkline(values: readonly number[], width: number): string {
  if (width < 1 || values.length === 0) return ''
  const cells = values.length <= width ? values : squeezed(values, width)
  const finite = cells.filter(Number.isFinite)
  const floor = Math.min(0, ...finite)
  const span = Math.max(...finite, floor) - floor
  return cells.map((value) => block(value, floor, span)).join('')
}

function block(value: number, floor: number, span: number): string {
  if (!Number.isFinite(value)) return ' '
  const share = span === 0 ? 0 : (value - floor) / span
  return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))]!
}

function squeezed(values: readonly number[], width: number): number[] {
  return Array.from({ length: width }, (_, cell) => {
    const from = Math.floor((cell * values.length) / width)
    const to = Math.floor(((cell + 1) * values.length) / width)
    const shares = values.slice(from, to).filter(Number.isFinite)
    return shares.reduce((sum, value) => sum + value, 0) / shares.length
  })
}
