import type { Law } from '../evidence.ts'

/**
 * State is a fold of the log whatever the batches: another start, with blocks of another size,
 * other workers and other memory, ends in equal bytes.
 */
export const anySplit: Law = {
  name: 'any split',
  says: 'any split of the log into batches, among workers and memory gives equal bytes',
  broken({ finals }) {
    if (!finals?.digestRestarted || finals.digest === finals.digestRestarted) return []
    return [`${finals.digest} became ${finals.digestRestarted} with other sizes`]
  },
}
