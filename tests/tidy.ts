/** The house rules that can be checked by reading: each a function from files to complaints. */

export type SourceFile = { readonly path: string; readonly text: string }
export type Rule = (file: SourceFile) => string[]

const rooms = ['base', 'graph', 'ranking', 'actors', 'simulator', 'serving'] as const

const isSource = ({ path }: SourceFile) => /\.(ts|tsx|mjs)$/.test(path)
const isTest = ({ path }: SourceFile) => /\.test\.ts$|^tests\/|\.bench\.ts$/.test(path)
const roomOf = (path: string) => rooms.indexOf(path.split('/')[0] as (typeof rooms)[number])

function imports({ text }: SourceFile): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((found) => found[1]!)
}

function resolve(path: string, specifier: string): string {
  const parts = path.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** A room imports only rooms to its left, through the index of the room or of a folder in it. */
export const roomOrder: Rule = (file) => {
  const room = roomOf(file.path)
  if (room < 0 || !isSource(file) || isTest(file)) return []
  return imports(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => resolve(file.path, specifier))
    .flatMap((target) => {
      const other = roomOf(target)
      if (other === room || other < 0) return []
      if (other > room) return [`imports ${target}, a room to its right`]
      return /^\w+\/(\w+\/)?index\.ts$/.test(target)
        ? []
        : [`imports ${target}, past the room's index`]
    })
}

/** Index files name what they export. */
export const namedExports: Rule = (file) =>
  /export \*/.test(file.text) && isSource(file) && !file.path.startsWith('tests/tidy')
    ? ['exports with *']
    : []

const homes: readonly { readonly what: RegExp; readonly name: string; readonly home: RegExp }[] = [
  { what: /process\.env\b/, name: 'process.env', home: /^serving\/(main\.ts|pinwheel\.mjs)$/ },
  { what: /\bDate\.now\(/, name: 'Date.now', home: /^base\/clock\.ts$/ },
  { what: /\bMath\.random\(/, name: 'Math.random', home: /^$/ },
  { what: /\bperformance\.now\(/, name: 'performance.now', home: /^base\/clock\.ts$/ },
  { what: /\bset(Timeout|Interval)\(/, name: 'a timer', home: /^base\/clock\.ts$/ },
  { what: /from 'onnxruntime-node'/, name: 'onnxruntime-node', home: /^ranking\/onnx\// },
  { what: /from '@dapr\/dapr'/, name: '@dapr/dapr', home: /^actors\/hosts\/dapr\// },
  { what: /from '@nats-io\/[^']*'/, name: '@nats-io', home: /^actors\/ingest\// },
  { what: /'neo4j-driver'/, name: 'neo4j-driver', home: /^graph\/neo4j\// },
  { what: /from 'pino'/, name: 'pino', home: /^base\/logger\.ts$/ },
  {
    what: /from '@?fastify[^']*'/,
    name: 'fastify',
    home: /^(serving\/http|actors\/hosts\/dapr)\//,
  },
  { what: /from 'commander'/, name: 'commander', home: /^serving\/(cli\/|main\.ts)/ },
  { what: /from 'graphology[^']*'/, name: 'graphology', home: /^graph\/analysis\// },
  { what: /from 'ml-matrix'/, name: 'ml-matrix', home: /^ranking\/algebra\// },
  { what: /'hnswlib-node'/, name: 'hnswlib-node', home: /^ranking\/ann\// },
  { what: /from 'lmdb'/, name: 'lmdb', home: /^actors\/store\// },
  { what: /from 'prom-client'/, name: 'prom-client', home: /^serving\/http\// },
]

/**
 * Time, chance, the environment and each SDK have one home. The page in the browser has its own.
 */
export const oneHome: Rule = (file) => {
  if (roomOf(file.path) < 0 || isTest(file) || file.path.startsWith('serving/web/')) return []
  if (!isSource(file)) return []
  const code = file.text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
  return homes
    .filter(({ what, home }) => what.test(code) && !home.test(file.path))
    .map(({ name }) => `uses ${name} away from its home`)
}

/** No merge is left half done. */
export const merged: Rule = ({ text }) =>
  /^(<{7}|>{7}) /m.test(text) ? ['has a conflict that nobody resolved'] : []

/** Short files, short lines, kebab-case names, nothing left lying about. */
export const shape: Rule = (file) => {
  if (!isSource(file)) return []
  const lines = file.text.split('\n')
  const complaints: string[] = []
  if (lines.length > 400) complaints.push(`has ${lines.length} lines; 400 is the point to split`)
  // A long string cannot be wrapped without being cut.
  const long = lines.findIndex(
    (line) => line.length > 100 && !/'[^']{40,}|`[^`]{40,}|"[^"]{40,}|https?:/.test(line),
  )
  const isData = /simulator\/world\/(words|vocabulary)\.ts$/.test(file.path)
  if (long >= 0 && !isData) complaints.push(`line ${long + 1} is longer than 100 columns`)
  const name = file.path.split('/').at(-1)!
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/.test(name)) complaints.push('is not kebab-case')
  return complaints
}

const forbidden = new RegExp(
  ['TO' + 'DO', 'FIX' + 'ME', '\\.on' + 'ly\\(', '@ts-' + 'ignore', '\\.sk' + 'ip\\('].join('|'),
)
/** Where a test may be left out: it gives the reason, and fails where the server was promised. */
const leavesOut = 'tests/setup/require.ts'

export const finished: Rule = (file) =>
  isSource(file) && file.path !== leavesOut && forbidden.test(file.text)
    ? ['has something unfinished or left out']
    : []

const topFolders = [...rooms, 'components', 'deploy', 'docs', 'tests', '.ci']
const rootFile = /^(\.\w+|[A-Z]+(\.md)?|[a-z.]+\.config\.ts|[a-z-]+\.(json|yaml))$/
const nameless = ['src', 'packages', 'utils', 'helpers', 'lib', 'common', 'misc', 'shared']

/** A thing is found by guessing: known folders, two levels deep, none named for nothing. */
export const layout: Rule = ({ path }) => {
  const folders = path.split('/').slice(0, -1)
  if (folders.length === 0) return rootFile.test(path) ? [] : ['has no place in the root']
  // Sources that stand in for Dapr's own lie as Dapr's do.
  if (path.startsWith('deploy/install/dapr/')) return []
  const complaints: string[] = []
  if (!topFolders.includes(folders[0]!)) complaints.push('is in an unknown top folder')
  if (folders.length > 3) complaints.push('is more than two levels below its top folder')
  const vague = folders.filter((folder) => nameless.includes(folder))
  return [...complaints, ...vague.map((folder) => `is in a folder named "${folder}"`)]
}

const packageHost = new RegExp(
  ['registry\\.npm' + 'js\\.org', 'proxy\\.go' + 'lang\\.org', 'repo1\\.ma' + 'ven'].join('|'),
)

/** Packages come from wherever the operator's own client looks. */
export const noPackageHost: Rule = ({ text }) =>
  packageHost.test(text) ? ['names a host of packages'] : []

/** Nothing names the machine it was written on. */
export const anonymous: Rule = (file) =>
  /\/(home|root|work)\/[a-z]/.test(file.text) && !isTest(file)
    ? ['names a path of some machine']
    : []

/** The lock file records no download addresses. */
export const lockFile: Rule = ({ path, text }) =>
  path === 'package-lock.json' && text.includes('"resolved"') ? ['records addresses'] : []

export const rules: Readonly<Record<string, Rule>> = {
  roomOrder,
  namedExports,
  oneHome,
  merged,
  shape,
  finished,
  layout,
  noPackageHost,
  anonymous,
  lockFile,
}
