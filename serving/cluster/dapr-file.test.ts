/** How dapr.yaml is read, and every way in which it may be wrong. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { PinwheelError } from '../../base/index.ts'
import { readDaprFile, readDaprYaml } from './dapr-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinwheel-dapr-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'app/own'), { recursive: true })
mkdirSync(join(folder, 'all'))

const app = '{appDirPath: ., command: [node, x.js]}'
const file = join(folder, 'dapr.yaml')
const read = (text: string) => readDaprYaml(text, file)
function problems(text: string): string {
  try {
    read(text)
  } catch (error) {
    expect((error as PinwheelError).code).toBe('DAPR_FILE_INVALID')
    return (error as PinwheelError).message
  }
  return 'none'
}

test('common paths start at the file, those of an app at its folder and instead of them', () => {
  const [one, two] = read(
    'version: 1\nname: lab\ncommon: {resourcesPaths: [./all]}\n' +
      'apps:\n  - {appDirPath: app, command: [x], resourcesPath: own}\n' +
      '  - {appDirPath: ./app, appID: two, command: [x, 1, true]}',
  )
  expect(one).toMatchObject({ appID: 'app', resourcesPaths: [join(folder, 'app/own')] })
  expect(two).toMatchObject({ appID: 'two', resourcesPaths: [join(folder, 'all')] })
  expect(two).toMatchObject({ appDirPath: join(folder, 'app'), command: ['x', '1', 'true'] })
})

test('a folder .dapr of an app comes before what is common', () => {
  mkdirSync(join(folder, 'own/.dapr/resources'), { recursive: true })
  writeFileSync(join(folder, 'own/.dapr/config.yaml'), '')
  const text = `version: 1\ncommon: {resourcesPaths: [all]}\napps: [{appDirPath: own, command: [x]}]`
  expect(read(text)[0]).toMatchObject({
    resourcesPaths: [join(folder, 'own/.dapr/resources')],
    configFilePath: join(folder, 'own/.dapr/config.yaml'),
  })
})

test('"false" and 0 of an app give way to what is common, as in the CLI', () => {
  const text =
    'version: 1\ncommon: {enableAppHealthCheck: true, appHealthThreshold: 4}\n' +
    'apps: [{appDirPath: ., command: [x], enableAppHealthCheck: false, appHealthThreshold: 0}]'
  expect(read(text)[0]).toMatchObject({ enableAppHealthCheck: true, appHealthThreshold: 4 })
})

test('a file that is not there', () => {
  const missing = () => readDaprFile(join(folder, 'none.yaml'))
  expect(missing).toThrow('ENOENT')
  expect(missing).toThrow(PinwheelError)
})

test.each([
  ['', 'no keys'],
  ['[1]', 'no keys'],
  ['a: [', 'not YAML'],
  [`apps: [${app}]`, 'version is undefined'],
  [`version: 2\napps: [${app}]`, 'version is 2; Dapr knows 1'],
  [`version: "1"\napps: [${app}]`, 'version is 1'],
  [`version: 1\nname: 3\napps: [${app}]`, 'name is not a text'],
  [`version: 1\napp: [${app}]`, 'app is not a key'],
  ['version: 1', 'apps is not a list'],
  ['version: 1\napps: []', 'apps is not a list'],
  ['version: 1\napps: [node]', 'apps[0] has no keys'],
  ['version: 1\napps: [{}]', 'apps[0] has no appDirPath. apps[0] has no command'],
  ['version: 1\napps: [{appDirPath: ., command: node}]', 'command of apps[0] is not a list'],
  ['version: 1\napps: [{appDirPath: ., command: []}]', 'command of apps[0] is not a list'],
  ['version: 1\napps: [{appDirPath: nowhere, command: [x]}]', 'nowhere, which does not exist'],
  [`version: 1\ncommon: {appPort: 3}\napps: [${app}]`, 'appPort is not a key of common'],
  [`version: 1\ncommon: {configFilePath: c.yaml}\napps: [${app}]`, 'c.yaml, which does not exist'],
  [`version: 1\ncommon: {env: [a]}\napps: [${app}]`, 'env of common is not names with values'],
  [`version: 1\ncommon: {appLogDestination: tape}\napps: [${app}]`, 'is not file, console or'],
  ['version: 1\napps: [{appDirPath: ., command: [x], appPort: "7"}]', 'is not a whole number'],
  ['version: 1\napps: [{appDirPath: ., command: [x], toString: 7}]', 'toString is not a key'],
])('%j is refused', (text, said) => {
  expect(problems(text)).toContain(said)
})

test('all that is wrong is said at once', () => {
  const text = `version: 3\nx: 1\ncommon: {y: 2}\napps: [{appDirPath: ., command: [x], z: 3}]`
  const said = problems(text)
  for (const one of ['version is 3', 'x is not', 'y is not', 'z is not']) {
    expect(said).toContain(one)
  }
})
