/** What was thrown, in words: it may be no Error, and what it is made of may not be trusted. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  if (thrown === undefined || thrown === null) return 'nothing was said'
  if (typeof thrown === 'object' || typeof thrown === 'function') return `it was ${typeof thrown}`
  return String(thrown)
}
