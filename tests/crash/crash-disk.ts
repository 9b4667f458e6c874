/**
 * The real disk, which kills this process with SIGKILL at a named point of its nth operation: what
 * is in the page cache stays, as after any kill of a process.
 */
import { type Disk, type DiskFile, realDisk } from '../../actors/log/index.ts'
import { systemClock } from '../../base/index.ts'

/** Where log and snapshots may be when the process dies. */
export const crashPoints = [
  'before-append',
  'in-the-middle-of-an-append',
  'after-append-before-flush',
  'after-flush-before-reply',
  'after-segment-made-before-folder-flush',
  'after-folder-flush',
  'while-a-snapshot-is-written',
  'after-a-snapshot-before-its-manifest',
  'after-a-manifest',
  'after-a-state-before-what-it-emitted',
] as const
export type CrashPoint = (typeof crashPoints)[number]

export type Crash = { readonly point: CrashPoint; readonly nth: number }

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // The signal comes at once; nothing after it runs.
  for (;;);
}

/** A planted bug: what is written and flushed reaches the file a little later. */
export const lateDisk: Disk = {
  ...realDisk,
  async open(path, mode) {
    const real = await realDisk.open(path, mode)
    const late = (work: () => Promise<void>) => void systemClock.sleep(LATE_MS).then(work)
    return {
      read: (into, at) => real.read(into, at),
      truncate: (bytes) => real.truncate(bytes),
      close: () => real.close(),
      write: async (bytes, at) => late(() => real.write(bytes.slice(), at)),
      flush: async () => {},
    }
  },
}
const LATE_MS = 20

export function crashDisk({ point, nth }: Crash): Disk {
  let met = 0
  const reach = (here: CrashPoint) => {
    if (here === point && ++met === nth) die()
  }
  const isNext = (here: CrashPoint) => here === point && met + 1 === nth
  const file = (real: DiskFile, isState: boolean): DiskFile => ({
    async write(bytes, at) {
      reach('before-append')
      if (isNext('in-the-middle-of-an-append')) {
        await real.write(bytes.subarray(0, bytes.length >> 1), at)
      }
      reach('in-the-middle-of-an-append')
      await real.write(bytes, at)
      reach('after-append-before-flush')
    },
    async flush() {
      await real.flush()
      if (isState) reach('after-a-state-before-what-it-emitted')
      reach('after-flush-before-reply')
    },
    read: (into, at) => real.read(into, at),
    truncate: (bytes) => real.truncate(bytes),
    close: () => real.close(),
  })
  return {
    ...realDisk,
    async open(path, mode) {
      const opened = file(await realDisk.open(path, mode), path.includes('/state/'))
      if (mode !== 'create') return opened
      const isSegment = path.endsWith('.seg')
      reach(isSegment ? 'after-segment-made-before-folder-flush' : 'while-a-snapshot-is-written')
      return opened
    },
    async replace(path, bytes) {
      const isManifest = path.endsWith('/manifest.json')
      if (isManifest) reach('after-a-snapshot-before-its-manifest')
      await realDisk.replace(path, bytes)
      if (isManifest) reach('after-a-manifest')
    },
    async flushDirectory(path) {
      await realDisk.flushDirectory(path)
      reach('after-folder-flush')
    },
  }
}
