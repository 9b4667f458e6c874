/** What an import read, kept and rejected, by reason, with a few samples of each. */
import { pinwheelError } from '../../base/index.ts'

export type Rejection = { count: number; readonly samples: string[] }

const SAMPLES = 3

export class ImportReport {
  /** Rows of the files. */
  read = 0
  /** Entries made of them. */
  kept = 0
  readonly rejected = new Map<string, Rejection>()

  reject(reason: string, where: string, text: string): void {
    const known = this.rejected.get(reason)
    const rejection = known ?? { count: 0, samples: [] }
    if (!known) this.rejected.set(reason, rejection)
    rejection.count++
    if (rejection.samples.length < SAMPLES) {
      const shown = text.replace(/\p{Cc}/gu, '\ufffd')
      rejection.samples.push(`${where}: ${shown.length > 60 ? `${shown.slice(0, 57)}...` : shown}`)
    }
  }

  toJson(): Record<string, unknown> {
    return { read: this.read, kept: this.kept, rejected: Object.fromEntries(this.rejected) }
  }
}

/** DATASET_BROKEN where more rows than `limit` were rejected. */
export function checkBroken(path: string, report: ImportReport, limit: number): void {
  const all = [...report.rejected]
  const count = all.reduce((sum, [, { count }]) => sum + count, 0)
  if (count <= limit) return
  const reason = all.map(([why, { count, samples }]) => `${why} (${count}, ${samples[0]})`)
  throw pinwheelError('DATASET_BROKEN', {
    path,
    count,
    rows: report.read,
    limit,
    reason: reason.join('; '),
  })
}
