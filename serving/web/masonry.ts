/**
 * Places tiles of unequal height in columns: each goes, in order, to the column that is shortest so
 * far. Order of rank, of the document and of the tab key stay one. Pure; O(tiles × columns).
 */

export type Grid = { readonly columns: number; readonly tileWidth: number; readonly gap: number }
export type Spot = { readonly x: number; readonly y: number }

/** As many columns as fit, two at least: one column of pictures is a slide show. */
export function gridFor(width: number): Grid {
  const gap = width < 600 ? 12 : 20
  const wanted = width < 600 ? 150 : 220
  const columns = Math.max(2, Math.floor((width + gap) / (wanted + gap)))
  return { columns, gap, tileWidth: (width - gap * (columns - 1)) / columns }
}

/** Where each tile stands, and the height of all. */
export function placeTiles(
  heights: readonly number[],
  { columns, tileWidth, gap }: Grid,
): { readonly spots: readonly Spot[]; readonly height: number } {
  const ends = new Array<number>(columns).fill(0)
  const spots = heights.map((height) => {
    const column = ends.indexOf(Math.min(...ends))
    const y = ends[column] ?? 0
    ends[column] = y + height + gap
    return { x: column * (tileWidth + gap), y }
  })
  return { spots, height: Math.max(0, Math.max(...ends) - gap) }
}
