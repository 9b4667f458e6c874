/** Texts as bags of tokens, and what counting finds in them. */
import { linearReader, type Reader, type Rows } from './probes.ts'

/** The different words of some texts, in lower case. */
export function wordsIn(...texts: readonly (string | undefined)[]): string[] {
  const words = texts.flatMap((text = '') => text.toLowerCase().match(/\p{L}[\p{L}-]*/gu) ?? [])
  return [...new Set(words)]
}

/** Every two words that stand in one text. */
export const pairsOf = (words: readonly string[]): string[] =>
  words.flatMap((a, i) => words.slice(i + 1).map((b) => `${a} ${b}`))

/** Softmax regression on bags of tokens. */
export const wordReader = (classes: number): Reader => ({
  ...linearReader(classes),
  rate: 0.02,
  decay: 1e-4,
  epochs: 6,
})

/** Rows with a 1 for each token of a bag. */
export function bagRows(bags: readonly (readonly string[])[]): Pick<Rows, 'width' | 'write'> {
  const numbers = new Map<string, number>()
  for (const token of bags.flat()) numbers.set(token, numbers.get(token) ?? numbers.size)
  const write = (row: number, to: Float32Array, at: number) => {
    to.fill(0, at, at + numbers.size)
    for (const token of bags[row]!) to[at + numbers.get(token)!] = 1
  }
  return { width: numbers.size, write }
}

/** Share of classes that naive Bayes finds on the last `held` bags, taught by those before. */
export function foundByCounts(
  bags: readonly (readonly string[])[],
  { classes, classOf, held }: Pick<Rows, 'classes' | 'classOf'> & { readonly held: number },
): number {
  const learned = bags.length - held
  const counts = new Map<string, Float64Array>()
  const common = new Float64Array(classes).fill(COMMON)
  for (const [row, bag] of bags.slice(0, learned).entries()) {
    common[classOf(row)]!++
    for (const token of bag) {
      const mine = counts.get(token) ?? new Float64Array(classes)
      mine[classOf(row)]!++
      counts.set(token, mine)
    }
  }
  let right = 0
  for (let row = learned; row < bags.length; row++) {
    const chances = common.map(Math.log)
    for (const token of bags[row]!) {
      counts.get(token)?.forEach((count, at) => {
        chances[at]! += Math.log((count + RARE) / common[at]!)
      })
    }
    if (chances.indexOf(Math.max(...chances)) === classOf(row)) right++
  }
  return right / held
}

/** Added to counts, so that what was never seen is rare and not impossible. */
const COMMON = 0.1
const RARE = 0.02
