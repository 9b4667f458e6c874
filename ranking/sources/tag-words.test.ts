import { expect, test } from 'vitest'
import { Interner } from '../../base/index.ts'
import { TagWords } from './tag-words.ts'

function wordsOver(names: Interner): TagWords {
  const words = new TagWords(names)
  for (const _ of words.learnSteps());
  return words
}

function meant(title: string, tags: readonly string[]): Record<string, number> {
  const names = new Interner()
  for (const tag of tags) names.intern(tag)
  const found = wordsOver(names).meant(title)
  return Object.fromEntries([...found].map(([tag, weight]) => [names.id(tag), weight]))
}

test('a tag is meant when half of its words stand in the title, and weighs their share', () => {
  const tags = ['kitchen', 'Kitchen-Ideas', 'small kitchen ideas', 'café', 'table', 'diy']
  expect(meant('My KITCHEN', tags)).toEqual({ kitchen: 1, 'Kitchen-Ideas': 0.5 })
  expect(meant('ideas: kitchen', tags)).toEqual({
    kitchen: 1,
    'Kitchen-Ideas': 1,
    'small kitchen ideas': 2 / 3,
  })
  // Composed and compatible forms are one; words are whole.
  expect(meant('Cafe\u0301 ＤＩＹ tables', tags)).toEqual({ café: 1, diy: 1 })
})

test('a word that comes twice counts once, on both sides', () => {
  expect(meant('table table', ['table top shelf', 'table, table', 'table top'])).toEqual({
    'table, table': 1,
    'table top': 0.5,
  })
})

test('titles without words, and tags without, mean nothing', () => {
  expect(meant('…!', ['kitchen', '—'])).toEqual({})
  expect(meant('', ['kitchen'])).toEqual({})
})

test('names that come later are learned', () => {
  const names = new Interner()
  const early = names.intern('oak')
  const words = wordsOver(names)
  const late = names.intern('oak table')
  expect([...words.meant('oak')]).toEqual([[early, 1]])
  for (const _ of words.learnSteps());
  expect([...words.meant('oak')].sort()).toEqual([
    [early, 1],
    [late, 0.5],
  ])
})

test('it pauses while it learns many', () => {
  const names = new Interner()
  for (let n = 0; n < 5_000; n++) names.intern(`tag ${n}`)
  expect([...new TagWords(names).learnSteps()]).toHaveLength(2)
})
