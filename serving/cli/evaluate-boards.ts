/**
 * `pinwheel evaluate --boards`: ideas for boards with 0, 1, 3 and 10 pins on them, of the log of a
 * data directory or, without one, of the demo's.
 */
import { type ColdBoards, coldBoards, EntryReader, LogFollower } from '../../actors/index.ts'
import { type Entry, systemClock } from '../../base/index.ts'
import type { Figure } from '../../ranking/index.ts'
import { demoEntries } from '../../simulator/index.ts'
import type { Progress } from './progress.ts'

export type BoardsFlags = { readonly data?: string; readonly at: number; readonly seed: number }

/** EVALUATION_DATA where no board has pins enough, LOG_DROPPED. */
export function evaluateBoards(
  { data, at, seed }: BoardsFlags,
  progress: Progress,
): Promise<ColdBoards> {
  const entries = () => (data === undefined ? demoEntries() : entriesOf(data))
  const onProgress = (done: number, total: number) => progress.update(done, total)
  return coldBoards(entries, { at, seed, clock: systemClock, onProgress })
}

async function* entriesOf(directory: string): AsyncIterable<Entry> {
  const log = await LogFollower.open({ directory, fromStart: true })
  for await (const { payload } of log.read()) {
    const reader = new EntryReader(payload)
    while (reader.next()) if (!reader.isRedacted) yield reader.toEntry()
  }
}

/** A row a number of pins. */
export function boardsMarkdown({ boards, targets, rows }: ColdBoards, at: number): string {
  const short = (value: number) => value.toFixed(4).replace(/^0/, '')
  const cell = ({ recall, ndcg, ndcgInterval: [low, high] }: Figure) =>
    `${short(recall)} / ${short(ndcg)} (${short(low)} to ${short(high)})`
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`
  const titles = ['pins on it', 'answered by', 'ideas', 'its owner’s feed', 'what is popular']
  const body = rows.map(({ pins, rungs, ideas, feed, popular }) => {
    const by = Object.entries(rungs).map(([rung, count]) => `${rung} ${count}`)
    return line([pins, by.join(', '), cell(ideas), cell(feed), cell(popular)])
  })
  return [
    `${boards} boards held out, ${targets.toFixed(1)} pins each to be found; `,
    `recall / NDCG@${at} (95 %)\n\n`,
    line(titles),
    line(titles.map(() => '---')),
    ...body,
  ].join('')
}
