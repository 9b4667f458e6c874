// Draws the lines of a report with uPlot. It runs in the reader's browser, put whole into the page:
// a plain script, so that no build stands between it and a report. Colours come from the styles,
// and are asked anew at every drawing, since a reader may turn the lights off, or print.

/** @typedef {import('../chart-html.ts').ChartData} ChartData */
/** @typedef {import('uplot')} Plot */
/** @typedef {import('uplot').Options} Options */

const uPlot = /** @type {typeof import('uplot')} */ (Reflect.get(globalThis, 'uPlot'))

const HEIGHT = 260
const PRINT_WIDTH = 660
const INKS = 6

const probe = document.createElement('span')
probe.hidden = true
document.body.append(probe)

/** @param {string} ink */
function colour(ink) {
  probe.className = `ink-${ink}`
  return getComputedStyle(probe).color
}

/** @param {string} ink */
const clear = (ink) => colour(ink).replace(/^rgb\((.*)\)$/, 'rgba($1, 0.18)')

/** @param {ChartData['x']} axis @returns {Options['axes'] extends (infer A)[] | undefined ? A : never} */
function axisOf({ name, unit }) {
  const line = { stroke: () => colour('grid'), width: 1 }
  return {
    label: unit === undefined ? name : `${name}, ${unit}`,
    labelSize: 22,
    stroke: () => colour('axis'),
    grid: line,
    ticks: line,
  }
}

/** Short enough for the margin: 4.2M. */
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 })
const long = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 })

/** @param {Plot} _plot @param {(number | null)[]} ticks */
const shortly = (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : short.format(tick)))

/** @param {Plot} _plot @param {number | null} value */
const told = (_plot, value) => (value === null ? '–' : long.format(value))

/**
 * Each line, and behind it the two edges of its interval with the space between them filled.
 * @param {ChartData} chart
 */
function linesOf({ series }) {
  /** @type {Options['series']} */
  const drawn = []
  /** @type {NonNullable<Options['bands']>} */
  const bands = []
  /** @type {(readonly (number | null)[])[]} */
  const columns = []
  series.forEach(({ name, values, low, high }, n) => {
    const ink = String(n % INKS)
    const isShort = values.length <= 40
    columns.push(values)
    drawn.push({
      label: name,
      stroke: () => colour(ink),
      width: 1.5,
      value: told,
      points: { show: isShort },
    })
    if (!low || !high) return
    columns.push(high, low)
    const edge = { stroke: () => clear(ink), width: 1, value: told, points: { show: false } }
    drawn.push({ ...edge, label: `${name}, high` }, { ...edge, label: `${name}, low` })
    bands.push({ series: [drawn.length - 1, drawn.length], fill: () => clear(ink) })
  })
  return { drawn, bands, columns }
}

/** @param {HTMLElement} place @param {ChartData} chart */
function draw(place, chart) {
  const { drawn, bands, columns } = linesOf(chart)
  const { x, y, at } = chart
  /** @type {Options} */
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    scales: {
      x: { time: x.isTime === true, distr: x.isLog ? 3 : 1 },
      // From 0 on, so that heights can be compared.
      y: y.isLog
        ? { distr: 3 }
        : { range: (_, low, high) => uPlot.rangeNum(Math.min(0, low), high, 0.08, true) },
    },
    axes: [
      { ...axisOf(x), ...(x.isTime ? {} : { values: shortly }) },
      { ...axisOf(y), size: 64, values: shortly },
    ],
    padding: [10, 22, 0, 0],
    series: [{ label: x.name, ...(x.isTime ? {} : { value: told }) }, ...drawn],
    bands,
    cursor: { drag: { x: true, y: false } },
  }
  const data = /** @type {import('uplot').AlignedData} */ ([at, ...columns])
  const plot = new uPlot(options, data, place)
  new ResizeObserver(() => {
    if (!document.documentElement.dataset['print']) resize(plot, place.clientWidth)
  }).observe(place)
  return plot
}

/** @param {Plot} plot @param {number} width */
function resize(plot, width) {
  if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT })
}

const island = document.getElementById('charts')?.textContent ?? '[]'
const charts = /** @type {ChartData[]} */ (JSON.parse(island))
const places = [
  .../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-chart]')),
]
const plots = places.map((place) => {
  const plot = draw(place, /** @type {ChartData} */ (charts[Number(place.dataset['chart'])]))
  return { place, plot }
})

const redraw = () => {
  for (const { plot } of plots) plot.redraw(false, true)
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)

// Paper is light and narrow whatever the screen is.
addEventListener('beforeprint', () => {
  document.documentElement.dataset['print'] = 'yes'
  for (const { plot } of plots) resize(plot, PRINT_WIDTH)
  redraw()
})
addEventListener('afterprint', () => {
  delete document.documentElement.dataset['print']
  for (const { place, plot } of plots) resize(plot, place.clientWidth)
  redraw()
})
