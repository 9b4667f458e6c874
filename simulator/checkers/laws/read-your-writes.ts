import type { Law } from '../evidence.ts'

/** A read that names the position of an acknowledged write shows that write. */
export const readYourWrites: Law = {
  name: 'read your writes',
  says: 'a read after=position shows what was acknowledged at that position',
  broken({ history }) {
    return history.reads.flatMap(({ user, isCurrent, expected, applied }) => {
      if (!isCurrent) return [`what ${user} had acknowledged was said not to be applied`]
      const shown = new Set(applied)
      const missing = expected.filter((position) => !shown.has(position))
      return missing.length > 0 ? [`${user} read its writes without ${missing}`] : []
    })
  },
}
