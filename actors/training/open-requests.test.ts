import { expect, test } from 'vitest'
import type { KeptRows } from '../../ranking/index.ts'
import { OpenRequests, openRequestsMax } from './open-requests.ts'

const rows = () => ({}) as KeptRows

test('requests are told apart by user and name; one without a name is never found again', () => {
  const open = new OpenRequests()
  const begun = [1, 2].flatMap((owner) => ['r', 's', undefined].map((name) => ({ owner, name })))
  const made = begun.map(({ owner, name }) => open.begin(owner, name, rows()))
  for (const [i, { owner, name }] of begun.entries()) {
    expect(open.find(owner, name)).toBe(name === undefined ? undefined : made[i])
  }
  expect(open.find(3, 'r')).toBeUndefined()
  open.saved(1, 7)
  expect(made.map(({ saved }) => saved.has(7))).toEqual([true, true, false, false, false, false])
})

test('one that begins anew takes the place of the former; beyond the bound the first is forgotten', () => {
  const open = new OpenRequests()
  open.begin(0, 'r', rows())
  const again = open.begin(0, 'r', rows())
  expect(open.find(0, 'r')).toBe(again)
  for (let owner = 1; owner < openRequestsMax; owner++) open.begin(owner, 'r', rows())
  expect(open.find(0, 'r')).toBe(again)
  open.begin(openRequestsMax, 'r', rows())
  expect(open.find(0, 'r')).toBeUndefined()
  expect(open.find(1, 'r')).toBeDefined()
})
