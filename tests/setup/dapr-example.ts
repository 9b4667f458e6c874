/**
 * dapr.example.yaml with what it names, and dapr.example.started.json: what Dapr's CLI 1.18.0 once
 * started for it.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Started = {
  readonly program: string
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly cwd: string
}

/** Writes the example into a folder; its path. */
export function writeExample(folder: string): string {
  const file = join(folder, 'dapr.yaml')
  copyFileSync('tests/setup/dapr.example.yaml', file)
  copyFileSync('components/configuration.yaml', join(folder, 'config.yaml'))
  mkdirSync(join(folder, 'res-sqlite'))
  const component = readFileSync('components/one-machine/statestore.sqlite.yaml', 'utf8')
  writeFileSync(join(folder, 'res-sqlite/state.yaml'), component)
  return file
}

/** The record, as of an example in `folder`. */
export function readStarted(folder: string): readonly Started[] {
  const text = readFileSync('tests/setup/dapr.example.started.json', 'utf8')
  const { processes } = JSON.parse(text.replaceAll('APPDIR', folder)) as {
    readonly processes: readonly Started[]
  }
  return processes
}

/** Variables that Dapr or the example sets. */
const isRelevant = (name: string) => /^(APP_|DAPR_|HOST_NAME$)/.test(name)

/**
 * Processes in a form that compares: flags by name, relevant variables, without the port that is
 * drawn anew at each run.
 */
export function comparable(processes: readonly Started[]): unknown[] {
  const told = processes.map(({ program, arguments: words, environment, cwd }) => {
    const variables = Object.entries(environment).filter(([name]) => isRelevant(name))
    return { program, flags: flagsOf(words), environment: Object.fromEntries(variables), cwd }
  })
  return told.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function flagsOf(words: readonly string[]): string[] {
  const text = words.join('\n').split(/\n(?=--)/)
  return text
    .map((flag) => flag.replace('\n', '='))
    .map((flag) => flag.replace(/^(--dapr-internal-grpc-port=)\d+$/, '$1drawn'))
    .sort()
}
