/** For threads whose work can wait: they get what those that answer leave over. */
import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/**
 * Lowers the priority of the calling thread alone. On Linux a thread has one of its own, by its
 * number; elsewhere it stays as it is.
 */
export function lowerPriority(): void {
  if (process.platform !== 'linux') return
  // PID/task/TID: the link is resolved for who reads it.
  const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  setPriority(thread, constants.priority.PRIORITY_LOW)
}
