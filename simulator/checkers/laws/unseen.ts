import type { Law } from '../evidence.ts'

/** A pin that the user was shown lately is not shown again. (No run shows more than are kept.) */
export const unseen: Law = {
  name: 'unseen',
  says: 'a feed has no pin whose impression was acknowledged before it was asked for',
  broken({ history }) {
    return history.feeds.flatMap(({ user, seen, pins }) => {
      const again = pins.filter((pin) => seen.has(pin))
      return again.length > 0 ? [`${user} was shown ${again} again`] : []
    })
  },
}
