import type { Law } from '../evidence.ts'

/** Once faults have stopped, everything that was begun comes to an end, and new things too. */
export const liveness: Law = {
  name: 'liveness',
  says: 'when faults stop, every client is answered and every queue drains',
  broken: ({ history }) => [...history.stuck],
}
