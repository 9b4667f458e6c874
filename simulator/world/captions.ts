/**
 * Titles and descriptions of pins: English, whatever the language. Single words tell the family and
 * seldom more: a mood, an ending and a lead are each as probable with any topic of it. Together
 * they say which: the mood and the ending which of six pairs of topics, the mood and the lead
 * which of the pair. So a bag of words is a weak reader, and one that reads words together a good
 * one. One title in ten names a thing, as people do who write for searches.
 */
import type { Random } from '../../base/index.ts'
import { families, TOPICS_PER_FAMILY, topics } from './vocabulary.ts'

const leads = ['ideas', 'notes', 'favourites', 'finds', 'tips', 'pictures'] as const
const closings = [
  'Saved for a slow weekend.',
  'Tried twice, kept ever since.',
  'More of it soon.',
  'Found on a long walk through old pages.',
  'For whoever asked last time.',
  'Worth the effort.',
] as const

/** Share of titles that name a thing. */
const NAMES_THING = 0.1
const WITH_NUMBER = 0.85
const PAIRS = TOPICS_PER_FAMILY / 2

/** A title of a pin about a topic. Draws three numbers, and a fourth for one that counts. */
export function pinTitle(thing: string, topic: number, random: Random): string {
  const { mood, ending, lead } = wordsOf(topic, random)
  const form = random.unit()
  if (form < NAMES_THING / 2) return capital(`${mood} ${thing} ${join(ending)}`)
  if (form < NAMES_THING) return capital(`${thing}${comma(ending)}`)
  const phrase = `${mood} ${subjectOf(topic)} ${join(ending)}`
  if (form < WITH_NUMBER) return `${capital(lead)}: ${phrase}`
  return `${5 + random.below(20)} ${lead}: ${phrase}`
}

/** A line or two under it, or none: one pin in four has none. */
export function pinDescription(topic: number, random: Random): string | undefined {
  const { mood, ending, lead } = wordsOf(topic, random)
  if (random.unit() < 0.25) return undefined
  const closing = closings[random.below(closings.length)]!
  const phrase = `${mood} ${subjectOf(topic)} ${join(ending)}`
  return `${capital(phrase)}. ${capital(lead)} inside. ${closing}`
}

/** Each word alone is as probable with any topic of the family. Draws two numbers. */
function wordsOf(topic: number, random: Random) {
  const { moods, endings } = familyOf(topic)
  const place = topic % TOPICS_PER_FAMILY
  const mood = random.below(PAIRS)
  // A Latin square: each pair of topics once in every row and every column.
  const ending = (Math.floor(place / 2) - mood + PAIRS) % PAIRS
  const lead = 2 * random.below(leads.length / 2) + ((place + mood) % 2)
  return { mood: moods[mood]!, ending: endings[ending]!, lead: leads[lead]! }
}

const familyOf = (topic: number) => {
  const { adjectives, endings } = families[topics[topic]!.family]!
  return { moods: adjectives, endings }
}
const subjectOf = (topic: number) => families[topics[topic]!.family]!.name.toLowerCase()

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** An ending that starts with a preposition continues the phrase; another is set off. */
const continues = /^(in|with|without|for|from|on|by|at|to|of|that|under|through|off|as|over)\b/
const join = (ending: string) => (continues.test(ending) ? ending : `– ${ending}`)
const comma = (ending: string) => (continues.test(ending) ? ` ${ending}` : `: ${ending}`)
