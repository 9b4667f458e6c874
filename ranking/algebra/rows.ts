/** Sparse rows: which items each user has, as two arrays. */

export type Rows = {
  /** Row r is items[offsets[r] .. offsets[r + 1]), as written: repeats included. */
  readonly offsets: Uint32Array
  readonly items: Uint32Array
}

export function rowOf(rows: Rows, row: number): Uint32Array {
  return rows.items.subarray(rows.offsets[row]!, rows.offsets[row + 1]!)
}

export function rowsFrom(lists: readonly (readonly number[])[]): Rows {
  const offsets = new Uint32Array(lists.length + 1)
  lists.forEach((list, r) => {
    offsets[r + 1] = offsets[r]! + list.length
  })
  const items = new Uint32Array(offsets[lists.length]!)
  for (const [r, list] of lists.entries()) items.set(list, offsets[r]!)
  return { offsets, items }
}

/** Rows without repeats. */
export function distinct(rows: Rows): Rows {
  const users = rows.offsets.length - 1
  const offsets = new Uint32Array(users + 1)
  const items: number[] = []
  for (let u = 0; u < users; u++) {
    for (const item of new Set(rowOf(rows, u))) items.push(item)
    offsets[u + 1] = items.length
  }
  return { offsets, items: Uint32Array.from(items) }
}

/** How many rows have each item. */
export function degreesOf(rows: Rows, items: number): Uint32Array {
  const degrees = new Uint32Array(items)
  for (const item of rows.items) degrees[item]!++
  return degrees
}

/** By item, the users who have it. */
export function transposed(rows: Rows, items: number): Rows {
  const offsets = new Uint32Array(items + 1)
  for (const item of rows.items) offsets[item + 1]!++
  for (let i = 0; i < items; i++) offsets[i + 1]! += offsets[i]!
  const next = offsets.slice()
  const users = new Uint32Array(rows.items.length)
  for (let user = 0; user < rows.offsets.length - 1; user++) {
    for (let i = rows.offsets[user]!; i < rows.offsets[user + 1]!; i++) {
      users[next[rows.items[i]!]!++] = user
    }
  }
  return { offsets, items: users }
}
