import { expect, test } from 'vitest'
import { findPostgresClients } from './find.ts'
import { freePorts } from './ports.ts'
import { postgresDocuments, withoutPassword } from './postgres-documents.ts'

test.each([
  ['host=h user=u dbname=d', 'host=h user=u dbname=d', undefined],
  ['host=h password=p dbname=d', 'host=h dbname=d', 'p'],
  ["host=h password='a b\\'c' dbname=d", 'host=h dbname=d', "a b'c"],
  ['postgres://u:p%40@h:6000/d?sslmode=disable', 'postgres://u@h:6000/d?sslmode=disable', 'p@'],
  ['postgres://u@h/d', 'postgres://u@h/d', undefined],
])('%s: the password is not among the words of a program', (connection, words, password) => {
  const split = withoutPassword(connection)
  expect(split.words.replace(/\s+/g, ' ')).toBe(words)
  expect(split.password).toBe(password)
})

test('programs that are nowhere are an error that says how to get them', () => {
  const open = () => postgresDocuments('host=h', { PATH: '/nowhere' })
  // Debian's are found wherever the PATH leads.
  if (findPostgresClients({ PATH: '/nowhere' })) expect(open).not.toThrow()
  else expect(open).toThrow('pg_dump')
})

const found = findPostgresClients(process.env) !== undefined
test.runIf(found)('a server that does not answer is told, and its password is not', async () => {
  const [port = 0] = await freePorts(1)
  const connection = `host=127.0.0.1 port=${port} user=u password=secret dbname=d`
  const rows = postgresDocuments(connection, process.env).stored()
  const reading = (async () => {
    for await (const _ of rows);
  })()
  const error = await reading.catch((reason: unknown) => reason as Error & { code: string })
  expect(error).toMatchObject({ code: 'POSTGRES_FAILED' })
  expect((error as Error).message).toContain(`127.0.0.1:${port}/d`)
  expect((error as Error).message).not.toContain('secret')
})
