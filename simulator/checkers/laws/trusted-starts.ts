import type { Law } from '../evidence.ts'

/**
 * A start is refused for damage, or while the disk fails, and for nothing else. Where it is not
 * refused the other laws hold, so damage is found or harmless.
 */
export const trustedStarts: Law = {
  name: 'starts',
  says: 'what kills and power losses leave is trusted; only real damage is refused',
  broken: ({ startProblems }) => [...startProblems],
}
