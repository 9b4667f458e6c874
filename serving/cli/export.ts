/**
 * `pinwheel export`: the log as JSON lines, one entry a line, in its order: what `import --format
 * jsonl` and `POST /v1/events` take. It takes no lock: a server may be writing.
 */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EntryReader, LogFollower } from '../../actors/index.ts'
import { pinwheelError, systemClock } from '../../base/index.ts'
import type { AddCommand } from './command.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = { data: string; out?: string; json?: true }

export const addExport: AddCommand = (program) => {
  program
    .command('export')
    .description('Write the log as JSON lines, one entry a line.')
    .requiredOption('--data <DIR>', 'data directory; a server may be using it')
    .option('--out <FILE>', 'file to write; standard output by default')
    .option('--json', 'print one JSON document about it; needs --out')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel export --data ./data --out events.jsonl\n' +
        '  pinwheel export --data ./data | grep \'"kind":"save"\'',
    )
    .action(async (flags: Flags) => {
      const result = await run(flags)
      if (flags.out !== undefined) printResult(result, flags.json === true)
    })
}

async function run({ data, out, json }: Flags) {
  if (json && out === undefined) {
    const problems = 'export --json needs --out FILE: standard output has the entries.'
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  const log = await LogFollower.open({ directory: data })
  const progress = new Progress('export', 'entries', systemClock)
  const counts = { entries: 0, bytes: 0 }
  const lines = async function* () {
    for await (const { payload } of log.read()) {
      const reader = new EntryReader(payload)
      let text = ''
      while (reader.next()) {
        if (reader.isRedacted) continue
        text += `${JSON.stringify(reader.toEntry())}\n`
        counts.entries++
      }
      counts.bytes += Buffer.byteLength(text)
      progress.update(counts.entries)
      yield text
    }
  }
  await write(Readable.from(lines()), out)
  progress.finish(counts.entries)
  return { ...counts, ...(out !== undefined && { out }) }
}

async function write(lines: Readable, out: string | undefined): Promise<void> {
  if (out !== undefined) return pipeline(lines, createWriteStream(out))
  try {
    await pipeline(lines, process.stdout, { end: false })
  } catch (error) {
    // Whoever reads has enough, as `head` does.
    if ((error as { code?: string }).code !== 'EPIPE') throw error
  }
}
