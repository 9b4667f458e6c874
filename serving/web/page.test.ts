/** The small pure parts of the page: address, server time, posters, choices. */
import { expect, test } from 'vitest'
import { generationNames } from '../../ranking/index.ts'
import { generations, readPlace, writePlace } from './address.ts'
import { serverTime } from './api.ts'
import { artOf } from './art.ts'
import { choicesFor } from './user-chooser.tsx'

test('an address is read as it was written, whatever the id', () => {
  for (const user of ['u12', 'a b&c=d', 'Ünï/💠', '%']) {
    const place = { user, generation: 'tags' } as const
    expect(readPlace(writePlace(place))).toEqual(place)
  }
})

test('an address without a user or with an unknown generation is the default one', () => {
  expect(readPlace('')).toEqual({ generation: 'mixed' })
  expect(readPlace('?user=&generation=transformer')).toEqual({ generation: 'mixed' })
})

test('the page offers the generations that exist', () => {
  expect(generations.map(({ name }) => name).sort()).toEqual([...generationNames].sort())
})

test('the time that the server took', () => {
  expect(serverTime('total;dur=12.3')).toBe(12.3)
  expect(serverTime('cache, total;dur=4')).toBe(4)
  expect(serverTime(null)).toBeUndefined()
})

test('a poster is a function of pin and topic, and a topic is known by its colour', () => {
  expect(artOf('p1', 'boats')).toEqual(artOf('p1', 'boats'))
  expect(artOf('p1', 'boats').background).toBe(artOf('p2', 'boats').background)
  const looks = Array.from({ length: 100 }, (_, i) => JSON.stringify(artOf(`p${i}`, 'boats')))
  expect(new Set(looks).size).toBeGreaterThan(95)
})

test('choices: beginnings first, then what contains the text, then the text itself', () => {
  const users = ['au1', 'u1', 'u2', 'u12'].map((id) => ({ id, saves: 1 }))
  expect(choicesFor('u1', users).map(({ id }) => id)).toEqual(['u1', 'u12', 'au1'])
  expect(choicesFor(' U3 ', users).map(({ id }) => id)).toEqual(['U3'])
  expect(choicesFor('', users)).toHaveLength(4)
})
