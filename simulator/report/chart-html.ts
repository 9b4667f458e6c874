/**
 * Sections that are pictures. Bars and histograms are SVG in percent of their width: they need no
 * script, keep the size of their letters on a phone, and print. Lines are drawn by uPlot in the
 * reader's browser (`page/charts.mjs`), from numbers in the page.
 */
import { type Drawn, downsample } from './downsample.ts'
import { figure } from './figures.ts'
import { html, type Markup } from './html.ts'
import type { Axis, Bar, Bars, Histogram, Lines } from './run-report.ts'
import { summaryHtml, unitHtml, verdictHtml } from './section-html.ts'

/** What the page's script gets of a section of lines. */
export type ChartData = Pick<Drawn, 'at' | 'series'> & Pick<Lines, 'x' | 'y'>

/** Bars of a histogram that are drawn; more have their neighbours added. */
const BUCKETS_MAX = 120

export function linesHtml(lines: Lines, chart: number): { html: Markup; data: ChartData } {
  const { x, y, at, series } = lines
  if (at.length === 0) return { data: { x, y, at, series }, html: nothing }
  const drawn = downsample(lines)
  const thinned =
    drawn.perBucket === 1
      ? undefined
      : html`<p class="note">${at.length} values a line: of every ${drawn.perBucket} the smallest
and the largest are drawn.</p>`
  const label = `${lines.title}: ${axisName(y)} against ${axisName(x)}`
  return {
    data: { x, y, at: drawn.at, series: drawn.series },
    html: html`<div class="chart" data-chart="${chart}" role="img" aria-label="${label}">
<noscript><p class="note">The line is drawn by a script, which this browser does not run.</p>
</noscript></div>${thinned}${summaryHtml(series)}`,
  }
}

export function axisName({ name, unit }: Axis): string {
  return unit === undefined ? name : `${name}, ${unit}`
}

/** Places on an axis from 0 to 100 percent. */
function scale(low: number, high: number, isLog = false): (value: number) => number {
  const at = (value: number) => (isLog ? Math.log(value) : value)
  const span = at(high) - at(low) || 1
  return (value) => {
    const place = ((at(value) - at(low)) / span) * 100
    return Number.isFinite(place) ? Math.min(100, Math.max(0, place)) : 0
  }
}

const nothing = html`<p class="note">Nothing was measured.</p>`

const percent = (place: number) => `${place.toFixed(3)}%`

export function histogramHtml({ title, x, buckets, marks }: Histogram): Markup {
  const filled = buckets.filter(({ count }) => count > 0)
  if (filled.length === 0) return nothing
  const merged = merge(filled)
  // A bucket from 0 on has no place on a logarithmic axis: it begins at half of where it ends.
  const lowest = merged[0]!.low > 0 || !x.isLog ? merged[0]!.low : merged[0]!.high / 2
  const place = scale(lowest, merged.at(-1)!.high, x.isLog)
  const most = Math.max(...merged.map(({ count, low, high }) => count / width(low, high, place)))
  const bars = merged.map(({ low, high, count }) => {
    const wide = width(low, high, place)
    const tall = ((count / wide / most) * 78).toFixed(2)
    const words = `${figure(low)} to ${figure(high)} ${x.unit ?? ''}: ${figure(count)}`
    return html`<rect x="${percent(place(Math.max(low, lowest)))}" y="${percent(90 - Number(tall))}"
 width="${percent(wide)}" height="${tall}%"><title>${words}</title></rect>`
  })
  const lines = marks.map(({ value }) => {
    const at = percent(place(Math.max(value, lowest)))
    return html`<line class="mark" x1="${at}" x2="${at}" y1="6%" y2="90%"/>`
  })
  const ends = html`<div class="ends"><span>${figure(lowest)}</span><span>${axisName(x)}${
    x.isLog ? ' (logarithmic)' : ''
  }</span><span>${figure(merged.at(-1)!.high)}</span></div>`
  const list = marks.map(
    ({ name, value }) =>
      html`<div><dt>${name}</dt><dd>${figure(value)}${unitHtml(x.unit)}</dd></div>`,
  )
  return html`<svg class="histogram" role="img" aria-label="${title}" width="100%" height="180">
<line class="axis" x1="0" x2="100%" y1="90%" y2="90%"/>${bars}${lines}</svg>${ends}
<dl class="marks">${list}</dl>`
}

type Bucket = Histogram['buckets'][number]

function width(low: number, high: number, place: (value: number) => number): number {
  // Wide enough to be seen, however fine the buckets.
  return Math.max(0.15, place(high) - place(Math.max(low, 0)))
}

function merge(buckets: readonly Bucket[]): Bucket[] {
  const each = Math.ceil(buckets.length / BUCKETS_MAX)
  const merged: Bucket[] = []
  for (let from = 0; from < buckets.length; from += each) {
    const part = buckets.slice(from, from + each)
    const count = part.reduce((sum, bucket) => sum + bucket.count, 0)
    merged.push({ low: part[0]!.low, high: part.at(-1)!.high, count })
  }
  return merged
}

/** A point and its interval for each bar, on one axis, with the numbers beside them. */
export function barsHtml({ title, unit, interval, reference, bars }: Bars): Markup {
  const ends = bars
    .flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
    .concat(reference?.value ?? [])
    .filter(Number.isFinite)
  if (ends.length === 0) return nothing
  const [least, most] = [Math.min(...ends), Math.max(...ends)]
  const edge = (most - least || 1) * 0.04
  const place = scale(least - edge, most + edge)
  const rows = bars.map((bar) => barRow(bar, place, reference?.value))
  const verdict = bars.some((bar) => bar.verdict) ? html`<th scope="col">verdict</th>` : undefined
  const about = [interval && `bars: ${interval}`, reference && `line: ${reference.name}`]
  const note = about.filter(Boolean).join(' · ')
  return html`<table class="bars" aria-label="${title}"><thead><tr><th scope="col">name</th>
<th scope="col" class="number">value${unitHtml(unit)}</th>
<th scope="col" class="span">${figure(least)} to ${figure(most)}</th>${verdict}</tr></thead>
<tbody>${rows}</tbody></table>${note === '' ? undefined : html`<p class="note">${note}</p>`}`
}

function barRow(bar: Bar, place: (value: number) => number, reference: number | undefined): Markup {
  const { name, value, low, high, verdict } = bar
  const isWhole =
    low !== undefined && high !== undefined && Number.isFinite(low) && Number.isFinite(high)
  const words = isWhole ? html`<small>${figure(low)} to ${figure(high)}</small>` : undefined
  const line = (at: number) => html`<line class="reference" x1="${percent(place(at))}"
 x2="${percent(place(at))}" y1="0" y2="100%"/>`
  const span = isWhole
    ? html`<line class="interval" x1="${percent(place(low))}" x2="${percent(place(high))}"
 y1="50%" y2="50%"/>`
    : undefined
  const dot = Number.isFinite(value)
    ? html`<circle cx="${percent(place(value))}" cy="50%" r="5"/>`
    : undefined
  return html`<tr><th scope="row">${name}</th><td class="number">${figure(value)} ${words}</td>
<td class="plot"><svg aria-hidden="true" width="100%" height="26">${
    reference === undefined ? undefined : line(reference)
  }${span}${dot}</svg></td>${verdict && html`<td>${verdictHtml(verdict)}</td>`}</tr>`
}
