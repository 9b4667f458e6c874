import type { Law } from '../evidence.ts'

/** What was applied before is not applied again: the log may be read from its start any time. */
export const recovery: Law = {
  name: 'recovery is idempotent',
  says: 'the log read again from its start changes nothing',
  broken({ finals }) {
    if (!finals?.digestRedelivered || finals.digest === finals.digestRedelivered) return []
    return [`${finals.digest} became ${finals.digestRedelivered} when the log was read again`]
  },
}
