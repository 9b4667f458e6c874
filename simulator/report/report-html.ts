/**
 * A report as one page that needs nothing else: styles, uPlot and the numbers are in it, and its
 * policy lets the browser fetch nothing and run only what was put there. O(size of the report);
 * uPlot is 50 kB of it, a line at most 2,000 points.
 */
import { createHash } from 'node:crypto'
import { barsHtml, type ChartData, histogramHtml, linesHtml } from './chart-html.ts'
import { html, jsonIsland, Markup } from './html.ts'
import { pageParts } from './page-parts.ts'
import { type RunReport, type Section, type Verdict, verdictCounts } from './run-report.ts'
import { factsHtml, tableHtml, wordsHtml } from './section-html.ts'

export function reportHtml(report: RunReport): string {
  const { style, scripts, licence } = pageParts()
  const charts: ChartData[] = []
  const sections = report.sections.map((section, n) => sectionHtml(section, n, charts))
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    // uPlot is in the page only where it has something to draw.
    `script-src ${charts.length === 0 ? "'none'" : scripts.map((s) => `'${hashOf(s)}'`).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const drawing = html`${jsonIsland('charts', charts)}
${scripts.map((script) => html`<script type="module">${new Markup(script)}</script>\n`)}`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${report.title} · Pinwheel</title>
<style>${new Markup(style)}</style>
</head>
<body>
${headHtml(report)}
<main>
${contentsHtml(report)}
${sections}
</main>
<footer>
${factsHtml({ kind: 'facts', title: '', facts: aboutFacts(report) })}
${charts.length === 0 ? undefined : licenceHtml(licence)}
</footer>
${charts.length === 0 ? undefined : drawing}
</body>
</html>
`
  return page.text
}

function sectionHtml(section: Section, n: number, charts: ChartData[]): Markup {
  const note = section.note === undefined ? undefined : html`<p class="note">${section.note}</p>`
  return html`<section id="s${n}" aria-labelledby="s${n}-title">
<h2 id="s${n}-title">${section.title}</h2>${note}
<div class="body" role="region" tabindex="0" aria-labelledby="s${n}-title">
${bodyHtml(section, charts)}
</div></section>
`
}

function bodyHtml(section: Section, charts: ChartData[]): Markup {
  switch (section.kind) {
    case 'facts':
      return factsHtml(section)
    case 'table':
      return tableHtml(section)
    case 'text':
      return wordsHtml(section)
    case 'bars':
      return barsHtml(section)
    case 'histogram':
      return histogramHtml(section)
    case 'lines': {
      const { html: body, data } = linesHtml(section, charts.length)
      charts.push(data)
      return body
    }
  }
}

function headHtml(report: RunReport): Markup {
  const { kind, made, title, partial } = report
  const counts = verdictCounts(report)
  const chips = (['pass', 'fail', 'open'] as const)
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => html`<span class="verdict ${verdict}">${chipText(counts, verdict)}</span> `)
  const banner =
    partial === undefined
      ? undefined
      : html`<p class="partial" role="note"><strong>Partial.</strong> ${partial}</p>`
  return html`<header><p class="kind">${logo}Pinwheel · ${kind} · <time datetime="${made}">${made.replace('T', ' ').replace(/:\d\d(\.\d+)?Z$/, ' UTC')}</time></p>
<h1>${title}</h1>${banner}<p class="chips">${chips}</p></header>`
}

const words: Readonly<Record<Verdict, string>> = { pass: 'passed', fail: 'failed', open: 'open' }

function chipText(counts: Readonly<Record<Verdict, number>>, verdict: Verdict): string {
  return `${counts[verdict]} ${words[verdict]}`
}

const logo = html`<svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
<path d="M16 16V3a9 9 0 0 1 9 9z" fill="#e5533d"/>
<path d="M16 16h13a9 9 0 0 1-9 9z" fill="#f2a73b"/>
<path d="M16 16v13a9 9 0 0 1-9-9z" fill="#2a9d8f"/>
<path d="M16 16H3a9 9 0 0 1 9-9z" fill="#3d5a9e"/>
<circle cx="16" cy="16" r="2" fill="#fff"/></svg>`

function contentsHtml({ sections }: RunReport): Markup | undefined {
  if (sections.length < 4) return undefined
  const links = sections.map(({ title }, n) => html`<li><a href="#s${n}">${title}</a></li>`)
  return html`<nav aria-label="Sections"><ul>${links}</ul></nav>`
}

/** How to see again what this page tells. */
function aboutFacts({ command, commit, machine, seed, options }: RunReport) {
  const given = Object.entries(options).map(([name, value]) => `${name} ${value}`)
  return [
    ...(command === undefined ? [] : [{ name: 'command', value: command }]),
    { name: 'commit', value: commit },
    { name: 'machine', value: machine },
    ...(seed === undefined ? [] : [{ name: 'seed', value: String(seed) }]),
    ...(given.length === 0 ? [] : [{ name: 'options', value: given.join(', ') }]),
  ]
}

function licenceHtml(licence: string): Markup {
  return html`<details><summary>Charts by uPlot, MIT licence</summary><pre>${licence}</pre>
</details>`
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
