/**
 * States as released versions wrote them stay readable: `fixtures/TYPE-VERSION.json` has the bytes
 * and what they say. A fixture is never changed; a new version adds one.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  aloneOnItsPage,
  decodeState,
  encodeState,
  inspectState,
  type StateFields,
} from '../base/index.ts'
import { pinState } from './pin-state.ts'
import { newNames } from './testing.ts'
import { userState } from './user-state.ts'

type Fixture = { readonly hex: string; readonly shows: Readonly<Record<string, unknown>> }

describe.each([userState, pinState])('$name', (schema) => {
  const versions = Array.from({ length: schema.version }, (_, n) => n + 1)
  test.each(versions)('version %i', (version) => {
    const file = new URL(`fixtures/${schema.name.toLowerCase()}-${version}.json`, import.meta.url)
    const { hex, shows } = JSON.parse(readFileSync(file, 'utf8')) as Fixture
    const names = newNames()
    const handle = aloneOnItsPage<StateFields>(schema)
    decodeState(handle, Buffer.from(hex, 'hex'), names, 'x')
    const shown = inspectState(handle, names)
    if (version < schema.version) {
      // What it becomes is the migration's own test; that it is whole is this one's.
      expect(Object.keys(shown)).toEqual(Object.keys(schema.fields))
      return
    }
    expect(shown).toEqual(shows)
    expect(Buffer.from(encodeState(handle, names)).toString('hex')).toBe(hex)
  })
})
