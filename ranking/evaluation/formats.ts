/**
 * Data files as entries of the log, streaming.
 *
 * - lightgcn: `row item item …`. A row is read as a user who saved the items.
 * - sequences: `user item item …` in order of time.
 * - recbole: tab-separated with typed headers; `.inter` rows become a save (rating >= 4, or no
 *   rating column) or a close-up, `.item` rows become pins with title, tags and year of release.
 * - jsonl: one entry of the log a line, declared kinds among them.
 *
 * Event ids are made from place and content, so that importing a file twice is a resend while the
 * window lasts, and the same saves in any case. Where a file has no times, an entry's time is its
 * place, in milliseconds from `start`: order is kept.
 */
import {
  type DeclaredKinds,
  type Entry,
  type EpochMs,
  entryProblem,
  idProblem,
  limits,
  noDeclaredKinds,
  pinwheelError,
} from '../../base/index.ts'
import { ImportReport } from './import-report.ts'
import { readLines } from './lines.ts'

export const formatNames = ['lightgcn', 'sequences', 'recbole', 'jsonl'] as const
export type FormatName = (typeof formatNames)[number]

export type EntryBatch = { readonly entries: readonly Entry[]; readonly report: ImportReport }

/** FORMAT_UNKNOWN names those known. */
export function checkFormat(value: string): FormatName {
  if ((formatNames as readonly string[]).includes(value)) return value as FormatName
  throw pinwheelError('FORMAT_UNKNOWN', { value, known: formatNames.join(', ') })
}

/** Time of the first entry of a file without times: fixed, so that two imports agree. */
const START = Date.UTC(2020, 0, 1)

type RowReader = (text: string, where: string, report: ImportReport, into: Entry[]) => void

/** What entries of a file are judged by, as those that come over HTTP are. */
export type Door = {
  /** Kinds of event beside ours. */
  readonly kinds: DeclaredKinds
  /** The latest time that an entry may have. */
  readonly timeMax: EpochMs
}
const openDoor: Door = { kinds: noDeclaredKinds, timeMax: Number.POSITIVE_INFINITY }

/** Batches of entries from the files in turn; the report grows as they are read. */
export async function* readEntries(
  paths: readonly string[],
  format: FormatName,
  door: Partial<Door> = {},
): AsyncIterable<EntryBatch> {
  const report = new ImportReport()
  for (const path of paths) {
    const reader = rowReader(path, format, { ...openDoor, ...door })
    for await (const lines of readLines(path)) {
      const entries: Entry[] = []
      for (const { number, text } of lines) {
        const where = `${path}:${number}`
        if (text === '') continue
        report.read++
        if (text === undefined) report.reject('the line is too long', where, '')
        else if (text.includes('\0')) report.reject('the line has a NUL byte', where, text)
        else reader(text, where, report, entries)
      }
      report.kept += entries.length
      yield { entries, report }
    }
  }
}

function rowReader(path: string, format: FormatName, door: Door): RowReader {
  switch (format) {
    case 'lightgcn':
    case 'sequences':
      return saveRows()
    case 'jsonl':
      return jsonLines(door)
    case 'recbole':
      return recboleRows(path, door)
  }
}

/** `user item item …`: a save each, in order. */
function saveRows(): RowReader {
  let place = 0
  return (text, where, report, into) => {
    const [user, ...items] = text.split(/[ \t]+/).filter((word) => word !== '')
    if (user === undefined || items.length === 0) {
      report.reject('the row has no items', where, text)
      return
    }
    if (idProblem(user)) {
      report.reject('the user is not an id', where, user)
      return
    }
    for (const pin of items) {
      place++
      if (idProblem(pin)) report.reject('an item is not an id', where, pin)
      else into.push({ kind: 'save', id: `i${place}`, time: START + place, user, pin })
    }
  }
}

/** Takes the entry, or says why not. */
function judge(
  value: unknown,
  { kinds, timeMax }: Door,
  {
    text,
    where,
    report,
    into,
  }: { text: string; where: string; report: ImportReport; into: Entry[] },
): void {
  const problem = entryProblem(value, kinds)
  if (problem) report.reject(`${problem.field}: expected ${problem.expected}`, where, text)
  else if ((value as Entry).time > timeMax) {
    report.reject('time: expected at most a day ahead of this machine', where, text)
  } else into.push(value as Entry)
}

function jsonLines(door: Door): RowReader {
  return (text, where, report, into) => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      report.reject('the line is not JSON', where, text)
      return
    }
    judge(value, door, { text, where, report, into })
  }
}

/** The first line names the columns, `name:type`. */
function recboleRows(path: string, door: Door): RowReader {
  const items = /\.item(\.gz)?$/.test(path)
  if (/\.user(\.gz)?$/.test(path)) {
    return (text, where, report) => report.reject('.user files are not read', where, text)
  }
  let columns: string[] | undefined
  return (text, where, report, into) => {
    const cells = text.split('\t')
    if (!columns) {
      columns = cells.map((cell) => cell.split(':')[0]!)
      report.read--
      return
    }
    if (cells.length !== columns.length) {
      report.reject(`the row has not ${columns.length} columns`, where, text)
      return
    }
    const row = new Map(columns.map((name, i) => [name, cells[i]!]))
    const entry = items ? itemEntry(row) : interaction(row)
    judge(entry, door, { text, where, report, into })
  }
}

function interaction(row: ReadonlyMap<string, string>): unknown {
  const user = row.get('user_id')
  const pin = row.get('item_id')
  const rating = row.get('rating')
  const kind = rating === undefined || Number(rating) >= 4 ? 'save' : 'closeup'
  const time = Math.round(Number(row.get('timestamp') ?? 0) * 1000)
  return { kind, id: `${pin}@${time}`, time, user, pin }
}

function itemEntry(row: ReadonlyMap<string, string>): unknown {
  const title = [...row].find(([name]) => /title|name/.test(name))?.[1]
  const tags = [...row].find(([name]) => /class|genre|tag|categor/.test(name))?.[1]
  const words = tags?.split(/[ ,|]+/).filter((word) => word !== '') ?? []
  return {
    kind: 'pin',
    id: row.get('item_id'),
    time: START,
    ...(title && { title: Buffer.from(title).subarray(0, limits.titleBytesMax).toString() }),
    tags: [...new Set(words)].slice(0, limits.tagsPerPinMax),
    ...(words[0] && { topic: words[0] }),
  }
}
