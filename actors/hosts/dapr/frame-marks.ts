/**
 * Where frames of a partition lie and how many entries came before them: so that whoever reads
 * again begins where the window of duplicates did. Positions need not be dense.
 */
import type { Frame } from '../../log/index.ts'

type Mark = { readonly first: number; readonly last: number; readonly before: number }

export class FrameMarks {
  /** Entries of a window. */
  readonly #window: number
  #marks: Mark[] = []
  #count = 0

  constructor(window: number) {
    this.#window = window
  }

  add({ first, count }: Frame): void {
    if (count === 0) return
    this.#marks.push({ first, last: first + count - 1, before: this.#count })
    this.#count += count
  }

  /** Where to begin so that the window is known for what follows `position`. O(log frames). */
  begin(position: number): number {
    const next = this.#find(({ last }) => last > position)
    const entries = this.#marks[next]?.before ?? this.#count
    const from = this.#find(({ first, last, before }) => {
      return before + (last - first + 1) > entries - this.#window
    })
    return this.#marks[Math.min(from, next)]?.first ?? position + 1
  }

  /** The last position of the last frame that lies wholly up to `position`; -1 for none. */
  whole(position: number): number {
    return this.#marks[this.#find(({ last }) => last > position) - 1]?.last ?? -1
  }

  /** Forgets what nobody will begin at who goes on after `position`. */
  forget(position: number): void {
    const begin = this.begin(position)
    const kept = this.#find(({ first }) => first >= begin)
    if (kept > 0) this.#marks = this.#marks.slice(kept)
  }

  /** The first mark that fits; those after it fit as well. */
  #find(fits: (mark: Mark) => boolean): number {
    let from = 0
    let to = this.#marks.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (fits(this.#marks[middle]!)) to = middle
      else from = middle + 1
    }
    return from
  }
}
