/**
 * Loaded into a server before anything else, in each of its threads (`node --import`): while it
 * runs its flushes can be slowed and its wall clock can step. How much is in a file that it looks
 * at again and again; its path is in the address: `levers.ts?file=/tmp/levers.json`.
 *
 * The device is not slowed and the machine's clock does not step: it is what the program sees of
 * both, `datasync` of files and `Date.now`.
 */
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { systemClock } from '../../../base/index.ts'

export type Levers = {
  /** Milliseconds that each flush takes longer. */
  readonly flushMs: number
  /** Milliseconds that the wall clock is ahead; negative behind. */
  readonly clockMs: number
}

/** A step is seen this late at most. */
export const LEVERS_POLL_MS = 20

const file = new URL(import.meta.url).searchParams.get('file')
if (file !== null) await attach(file)

async function attach(path: string): Promise<void> {
  let levers = read(path)
  systemClock.every(LEVERS_POLL_MS, () => {
    levers = read(path)
  })
  const handle = await open(path, 'r')
  const prototype = Object.getPrototypeOf(handle) as { datasync(): Promise<void> }
  await handle.close()
  const { datasync } = prototype
  prototype.datasync = async function (this: unknown) {
    if (levers.flushMs > 0) await systemClock.sleep(levers.flushMs)
    return datasync.call(this)
  }
  const wall = Date.now.bind(Date)
  Date.now = () => wall() + levers.clockMs
}

function read(path: string): Levers {
  return JSON.parse(readFileSync(path, 'utf8')) as Levers
}
