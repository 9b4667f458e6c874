/** Outside ids, and what people call their boards. */
import type { Random } from '../../base/index.ts'
import { capital } from './captions.ts'
import { topics } from './vocabulary.ts'

export const userId = (user: number) => `u${user}`
export const pinId = (pin: number) => `p${pin}`
export const boardId = (board: number) => `b${board}`

const boardForms: readonly ((topic: string) => string)[] = [
  (topic) => capital(topic),
  (topic) => `${capital(topic)} to try`,
  (topic) => `${capital(topic)} ideas`,
  (topic) => `My ${topic}`,
  (topic) => `${capital(topic)}, someday`,
  (topic) => `${capital(topic)} notebook`,
  (topic) => `Best of ${topic}`,
  (topic) => `For later: ${topic}`,
]

/** A title of a board about a topic: it names the topic. */
export function boardTitle(topic: number, random: Random): string {
  return boardForms[random.below(boardForms.length)]!(topics[topic]!.name)
}
