import { expect, test } from 'vitest'
import { TOPICS_PER_FAMILY, topics } from '../world/index.ts'
import { BOARDS_MAX, boardAbout, PersonBoards } from './person-boards.ts'

test('the third save of a topic makes its board; till then one of the family will do', () => {
  const boards = new PersonBoards(7)
  expect([boards.file(3, 1), boards.file(3, 2)]).toEqual([{}, {}])
  const title = topics[3]!.name
  const made = { kind: 'board', id: 'b7_0', time: 3, user: 'u7', title }
  expect(boards.file(3, 3)).toEqual({ board: 'b7_0', made })
  expect(boards.file(3, 4)).toEqual({ board: 'b7_0' })
  expect(boards.file(4, 5)).toEqual({ board: 'b7_0' })
  expect(boards.file(3 + TOPICS_PER_FAMILY, 6)).toEqual({})
})

test('a board may be named by what it is about', () => {
  const boards = new PersonBoards(7, boardAbout)
  const last = [1, 2, 3].map((time) => boards.file(40, time)).at(-1)!
  expect(last.board).toBe('b7_40')
  expect(boards.copy().file(40, 4)).toEqual({ board: 'b7_40' })
})

test('nobody has more boards than the most', () => {
  const boards = new PersonBoards(1)
  const made = topics.flatMap((_, topic) => [1, 2, 3].map(() => boards.file(topic, topic).made))
  expect(made.filter((board) => board !== undefined)).toHaveLength(BOARDS_MAX)
})
