/**
 * Words of a text as a person would tell them apart: NFKC, lower case, split at whatever is neither
 * letter, mark nor digit. "Café-Table №2" has the words café, table, no2.
 */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  )
}
