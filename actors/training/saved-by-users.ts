/** What users have saved, as their actors tell it to rankers: what factors are fitted on. */
import { hash32 } from '../../base/index.ts'
import type { Engine } from '../engine.ts'

/** Of the users' order: a draw of some of them is as good as another. */
const DRAW = 11

/** PinIndex of each user's saves, newest first; users in an order that says nothing of them. */
export function* savedByUsers(engine: Engine): IterableIterator<readonly number[]> {
  const users = Uint32Array.from(engine.users.keys())
  users.sort((a, b) => hash32(a, DRAW) - hash32(b, DRAW) || a - b)
  for (const user of users) {
    const { exclude, savedCount } = engine.context(user)
    yield exclude.slice(0, savedCount)
  }
}
