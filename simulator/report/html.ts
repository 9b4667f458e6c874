/**
 * Markup by a tagged template: whatever is put into it is escaped, unless it is markup already.
 * There is no other way to make markup from a value, so that nothing can be forgotten.
 */

export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Insert = string | number | Markup | readonly Markup[] | undefined

/** Text and attribute values in double quotes; nothing may be put anywhere else. */
export function html(parts: TemplateStringsArray, ...inserts: Insert[]): Markup {
  return new Markup(String.raw({ raw: parts }, ...inserts.map(textOf)))
}

function textOf(insert: Insert): string {
  if (insert === undefined) return ''
  if (insert instanceof Markup) return insert.text
  if (typeof insert === 'object') return insert.map(({ text }) => text).join('')
  return escaped(String(insert))
}

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => signs[sign]!)
}

/** JSON for a script element: no end tag and no comment can begin in it. */
export function jsonIsland(id: string, value: unknown): Markup {
  const json = JSON.stringify(value).replace(/</g, '\\u003c')
  return html`<script type="application/json" id="${id}">${new Markup(json)}</script>`
}
