/**
 * Tags and topics by the words of their names, for texts that have none: the title of a board.
 *
 * The rule: words as `wordsOf` has them; a tag is meant when at least half of its own words stand in
 * the text, and weighs the share that does, so a whole tag weighs 1. "Kitchen" in a title means the
 * tags "kitchen" (1) and "kitchen ideas" (1/2), but not "small kitchen ideas".
 *
 * Names are read in the order of their numbers, since a thread that shares a table of ids cannot
 * search it. Memory: about 60 bytes a different word and 8 a word of a tag. `meant` is O(tags that
 * share a word with the text).
 */
import type { Names } from '../../base/index.ts'
import { wordsOf } from '../features/words.ts'

const SLICE = 2_000
/** Least share of a tag's words. */
const SHARE = 0.5

export class TagWords {
  readonly #names: Pick<Names['tag'], 'id' | 'size'>
  readonly #byWord = new Map<string, number[]>()
  /** Different words of each tag, by number. */
  readonly #words: number[] = []

  constructor(names: Pick<Names['tag'], 'id' | 'size'>) {
    this.#names = names
  }

  /** Reads the names that came since; yields about every millisecond. */
  *learnSteps(): Generator<void, void> {
    for (const { size } = this.#names; this.#words.length < size; ) {
      const tag = this.#words.length
      if (tag % SLICE === SLICE - 1) yield
      const words = new Set(wordsOf(this.#names.id(tag)))
      for (const word of words) {
        const tags = this.#byWord.get(word)
        if (tags) tags.push(tag)
        else this.#byWord.set(word, [tag])
      }
      this.#words.push(words.size)
    }
  }

  /** The tags that a text means, with weights from 1/2 to 1. */
  meant(text: string): Map<number, number> {
    const found = new Map<number, number>()
    for (const word of new Set(wordsOf(text))) {
      for (const tag of this.#byWord.get(word) ?? []) found.set(tag, (found.get(tag) ?? 0) + 1)
    }
    for (const [tag, count] of found) {
      const share = count / this.#words[tag]!
      if (share < SHARE) found.delete(tag)
      else found.set(tag, share)
    }
    return found
  }
}
