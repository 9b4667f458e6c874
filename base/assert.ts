/**
 * Programmer errors. An assertion states what the code around it relies on; it is never caught,
 * so a broken one ends the process (or the turn's batch) instead of spreading.
 */

export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Throws unless `condition` holds; `sentence` says what was relied on. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new AssertionError(sentence)
}
