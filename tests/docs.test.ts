/** The documents against the code they speak of. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configurationPage, errorsPage, featuresPage } from './reference-pages.ts'

const read = (path: string) => readFileSync(path, 'utf8')
const pages = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]
const rooms = ['base', 'graph', 'ranking', 'actors', 'simulator', 'serving']
type Package = Readonly<
  Record<
    'dependencies' | 'devDependencies' | 'optionalDependencies' | 'scripts',
    Record<string, string>
  >
>
const manifest = JSON.parse(read('package.json')) as Package

test('docs/errors.md and docs/configuration.md are what the tables say (npm run docs)', () => {
  expect(read('docs/errors.md')).toBe(errorsPage())
  expect(read('docs/configuration.md')).toBe(configurationPage())
  expect(read('docs/features.md')).toBe(featuresPage())
})

test('docs/dependencies.md has a line for every direct dependency, and no other', () => {
  const told = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)`/gm)].map((m) => m[1]!)
  const { dependencies, devDependencies, optionalDependencies } = manifest
  const real = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
  expect(told.sort()).toEqual(real.sort())
})

describe.each(pages)('%s', (page) => {
  const text = read(page)
  test('its links lead somewhere', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((m) => m[1]!)
    const broken = links.filter((link) => !existsSync(join(dirname(page), link)))
    expect(broken).toEqual([])
  })
  test('its npm scripts exist', () => {
    const scripts = [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map((m) => m[1]!)
    expect(scripts.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([])
  })
  test('the files it names exist', () => {
    const named = [
      ...text.matchAll(
        /`((?:base|graph|ranking|actors|simulator|serving|deploy|components|docs|tests)\/[\w./-]*)`/g,
      ),
    ]
    expect(named.map((m) => m[1]!).filter((path) => !existsSync(path))).toEqual([])
  })
})

const roomPages = [...rooms, 'deploy', 'tests'].flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((name) => basename(name) === 'README.md')
    .map((name) => join(room, name)),
)

test('every room says what it is', () => {
  expect(roomPages).toEqual(expect.arrayContaining(rooms.map((room) => `${room}/README.md`)))
})

test.each(roomPages)('%s: the files it names lie below it', (page) => {
  const below = readdirSync(dirname(page), { recursive: true, encoding: 'utf8' })
  const named = [...read(page).matchAll(/`([\w./-]+\.(?:tsx?|sh|go|yaml))`/g)]
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('x.') && !existsSync(name))
  expect(named.filter((name) => !below.some((path) => `/${path}`.endsWith(`/${name}`)))).toEqual([])
})

test('the map in the README names every folder of code, and no other', () => {
  const told = [...read('README.md').matchAll(/^\| `(\w+)\/` \|/gm)].map((m) => m[1]!)
  const real = readdirSync('.').filter(
    (name) =>
      statSync(name).isDirectory() &&
      /^[a-z]+$/.test(name) &&
      !['node_modules', 'dist', 'data'].includes(name),
  )
  expect(told.sort()).toEqual(real.sort())
})
