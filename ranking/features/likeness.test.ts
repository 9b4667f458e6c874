import { expect, test } from 'vitest'
import { likenessOf } from './likeness.ts'
import { wordsOf } from './words.ts'

test('words: NFKC, lower case, split at what is neither letter, mark nor digit', () => {
  expect(wordsOf('  Café-Table №2, ﬁve_o’clock ')).toEqual([
    'café',
    'table',
    'no2',
    'five',
    'o',
    'clock',
  ])
  expect(wordsOf('हिन्दी खाना')).toEqual(['हिन्दी', 'खाना'])
  expect(wordsOf('…')).toEqual([])
})

const [oak, table] = [4, 9]
const told = { title: 'Oak table', tags: [oak, table], topic: 1 }

test('pins with one picture are one thing, whatever is said of them', () => {
  const image = 'https://example.org/a.jpg'
  expect(likenessOf({ ...told, image })).toBe(likenessOf({ image }))
  expect(likenessOf({ image })).not.toBe(likenessOf({ image: `${image}?` }))
  expect(likenessOf({ ...told, image })).not.toBe(likenessOf(told))
})

test('without pictures: the words of the title, the set of tags and the topic', () => {
  const same = { ...told, title: ' OAK, table!', tags: [table, oak, table], image: '' }
  expect(likenessOf(same)).toBe(likenessOf(told))
  for (const other of [{ title: 'Oak tables' }, { tags: [oak] }, { topic: 2 }]) {
    expect(likenessOf({ ...told, ...other })).not.toBe(likenessOf(told))
  }
})

test('a title alone, tags alone and nothing tell nothing', () => {
  expect(
    [{ title: 'Untitled' }, { tags: [oak] }, { title: '…', tags: [oak] }, {}].map(likenessOf),
  ).toEqual([0, 0, 0, 0])
})
