/** Sections that are words and numbers: facts, tables, text. */
import { cellText, figure } from './figures.ts'
import { html, type Markup } from './html.ts'
import type { Cell, Fact, Facts, Table, Verdict, Words } from './run-report.ts'

export function factsHtml({ facts }: Facts): Markup {
  if (facts.some(({ target, verdict }) => target !== undefined || verdict)) return judged(facts)
  const items = facts.map(
    (fact) => html`<div><dt>${fact.name}</dt><dd>${valueText(fact)}</dd></div>`,
  )
  return html`<dl class="facts">${items}</dl>`
}

/** With what should have been beside what was. */
function judged(facts: readonly Fact[]): Markup {
  const rows = facts.map(
    (fact) => html`<tr${rowClass(fact.verdict)}>
<th scope="row">${fact.name}</th><td class="number">${valueText(fact)}</td>
<td>${fact.target ?? ''}</td><td>${verdictHtml(fact.verdict)}</td></tr>`,
  )
  return html`<table><thead><tr><th scope="col">figure</th><th scope="col" class="number">value</th>
<th scope="col">target</th><th scope="col">verdict</th></tr></thead><tbody>${rows}</tbody></table>`
}

export function tableHtml({ columns, rows, verdicts: given }: Table): Markup {
  const verdicts = given?.some((verdict) => verdict) ? given : undefined
  const isNumeric = columns.map((_, c) => isNumberColumn(rows.map((row) => row[c] ?? null)))
  const numeric = (c: number) => (isNumeric[c] ? html` class="number"` : undefined)
  const heads = columns.map(
    ({ name, unit }, c) => html`<th scope="col"${numeric(c)}>${name}${unitHtml(unit)}</th>`,
  )
  if (verdicts) heads.push(html`<th scope="col">verdict</th>`)
  const lines = rows.map((row, r) => {
    const cells = columns.map((_, c) => {
      const text = cellText(row[c] ?? null)
      return c === 0
        ? html`<th scope="row"${numeric(c)}>${text}</th>`
        : html`<td${numeric(c)}>${text}</td>`
    })
    const verdict = verdicts?.[r] ?? undefined
    if (verdicts) cells.push(html`<td>${verdictHtml(verdict)}</td>`)
    return html`<tr${rowClass(verdict)}>${cells}</tr>`
  })
  if (rows.length === 0) return html`<p class="note">There is none.</p>`
  return html`<table><thead><tr>${heads}</tr></thead><tbody>${lines}</tbody></table>`
}

export function wordsHtml({ paragraphs }: Words): Markup {
  return html`<div class="words">${paragraphs.map((text) => html`<p>${text}</p>`)}</div>`
}

/** A word, not only a colour. */
export function verdictHtml(verdict: Verdict | undefined): Markup | undefined {
  return verdict && html`<span class="verdict ${verdict}">${verdict}</span>`
}

export function unitHtml(unit: string | undefined): Markup | undefined {
  return unit === undefined ? undefined : html` <small>${unit}</small>`
}

function valueText({ value, unit }: Fact): string {
  return unit === undefined ? cellText(value) : `${cellText(value)} ${unit}`
}

function rowClass(verdict: Verdict | undefined): Markup | undefined {
  return verdict === 'fail' ? html` class="failed"` : undefined
}

/** Numbers and gaps, at least one number. */
function isNumberColumn(cells: readonly Cell[]): boolean {
  return (
    cells.some((cell) => typeof cell === 'number') &&
    cells.every((cell) => typeof cell !== 'string')
  )
}

/** The few numbers that tell a column, for those who cannot see its line. */
export function summaryHtml(
  series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[],
): Markup {
  const rows = series.map(({ name, values }) => {
    let sum = 0
    let count = 0
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    let last = Number.NaN
    for (const value of values) {
      if (value === null || !Number.isFinite(value)) continue
      sum += value
      count++
      low = Math.min(low, value)
      high = Math.max(high, value)
      last = value
    }
    const cells = [low, sum / count, high, last].map(
      (value) => html`<td class="number">${figure(value)}</td>`,
    )
    return html`<tr><th scope="row">${name}</th>${cells}</tr>`
  })
  const heads = ['least', 'mean', 'most', 'last'].map(
    (name) => html`<th scope="col" class="number">${name}</th>`,
  )
  return html`<details><summary>In numbers</summary><table><thead><tr><th scope="col">line</th>
${heads}</tr></thead><tbody>${rows}</tbody></table></details>`
}
