import type { Law } from '../evidence.ts'

/** Neither mailboxes nor memory grow beyond what was configured. */
export const bounds: Law = {
  name: 'bounds',
  says: 'no worker has more asks, and no more bytes of state, than it was given room for',
  broken({ sizes, finals, asksMost }) {
    const problems: string[] = []
    const { asks } = sizes.bounds
    if (asksMost > asks) problems.push(`a worker had ${asksMost} asks; it has room for ${asks}`)
    const room = (sizes.stateBytesMax ?? Number.POSITIVE_INFINITY) / sizes.workers
    for (const bytes of finals?.stateBytes ?? []) {
      if (bytes > room) problems.push(`a worker has ${bytes} bytes of state; its bound is ${room}`)
    }
    return problems
  },
}
