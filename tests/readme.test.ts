/** What the README tells people to type: the flags, benches and routes that it names exist. */
import { existsSync, readFileSync } from 'node:fs'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { entryProblem } from '../base/index.ts'
import { commands } from '../serving/cli/index.ts'
import { testServer } from '../serving/http/test-server.ts'

const readme = readFileSync('README.md', 'utf8')
const lines = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap(([, block = '']) => block.split(/\n|&&/))
  .map((line) => line.trim())
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

/** Words after the program's name, npm taken out of the way; undefined for other programs. */
function words(line: string): string[] | undefined {
  const [, name, rest = ''] = /^npm (?:run (?:--silent )?)?([\w:]+)(?: -- (.*))?$/.exec(line) ?? []
  const script = scripts[name ?? ''] ?? ''
  const entry = 'node serving/pinwheel.mjs'
  if (!script.startsWith(entry)) return undefined
  return `${script.slice(entry.length)} ${rest}`.trim().split(/\s+/)
}

const program = new Command()
const unset = { environment: () => undefined, variables: () => ({}) }
const context = { config: () => ({}) as never, ...unset, finish: () => {} }
for (const add of commands) add(program, context)

test('the commands take the flags that they are shown with', () => {
  const typed = lines.flatMap((line) => words(line) ?? [])
  expect(typed).toContain('import')
  for (const given of lines.map(words)) {
    if (!given) continue
    let command: Command | undefined = program
    for (const word of given) {
      if (word.startsWith('-')) break
      command = command.commands.find((c) => c.name() === word) ?? command
    }
    const known = command.options.map(({ long }) => long)
    const flags = given.filter((word) => word.startsWith('--'))
    expect(command, given.join(' ')).not.toBe(program)
    expect(known, given.join(' ')).toEqual(expect.arrayContaining(flags))
  }
})

test('the benches that it runs exist', () => {
  const named = lines.flatMap((line) => /\bbench -- (\w+)\/(\w+)/.exec(line)?.slice(1, 3) ?? [])
  expect(named.length).toBeGreaterThan(0)
  const [folder, name] = named
  expect(existsSync(`${folder}/bench/${name}.bench.ts`)).toBe(true)
})

test('the addresses that it asks are routes, and what it sends is an entry', async () => {
  const { server } = await testServer()
  const document = (await server.inject('/openapi.json')).json() as { readonly paths: object }
  await server.close()
  const routes = Object.keys(document.paths).map(
    (path) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
  )
  const asked = lines.flatMap((line) => /:8080(\/v1[^\s?']*)/.exec(line)?.[1] ?? [])
  expect(asked).toContain('/v1/events')
  for (const path of asked) {
    expect(
      routes.some((route) => route.test(path)),
      path,
    ).toBe(true)
  }
  const sent = /-d '(\{"entries".*?\})'/s.exec(readme)?.[1] ?? ''
  const { entries } = JSON.parse(sent) as { readonly entries: readonly unknown[] }
  expect(entries.map((entry) => entryProblem(entry))).toEqual([undefined])
})
