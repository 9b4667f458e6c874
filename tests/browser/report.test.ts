/**
 * A report in a real Chromium, opened as a file. Every test also fails on an error in the console,
 * a breach of the page's own policy among them, and on any request for something else.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type RunReport, reportHtml } from '../../simulator/index.ts'
import { everyKind } from '../../simulator/report/testing.ts'
import { browserIsRequired, findChromium, launchBrowser } from './launch.ts'

const chromium = findChromium()
const missing = 'no Chromium on the PATH; deploy/install/chromium.sh installs one'
if (!chromium && browserIsRequired()) throw new Error(missing)
if (!chromium) console.warn(`skipped: ${missing}`)

/** Pixels of the first chart that have a colour of their own, and the mean of their lightness. */
const inkOfChart = `(() => {
  const canvas = document.querySelector('.uplot canvas')
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  let drawn = 0, light = 0
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 200) continue
    drawn++
    light += (data[i] + data[i + 1] + data[i + 2]) / 3
  }
  return { drawn, light: light / drawn, width: canvas.clientWidth }
})()`
type Ink = { readonly drawn: number; readonly light: number; readonly width: number }

describe.skipIf(!chromium)('a report', { timeout: 20_000 }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-report-page-'))
  let browser: Browser
  const complaints: string[] = []

  beforeAll(async () => {
    browser = await launchBrowser(chromium ?? '')
  }, 60_000)
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    expect(complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(scratch, { recursive: true, force: true })
  })

  async function open(report: RunReport, view: BrowserContextOptions = {}) {
    const file = join(scratch, 'report.html')
    writeFileSync(file, reportHtml(report))
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...view })
    const page = await context.newPage()
    page.setDefaultTimeout(8_000)
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => {
      if (line.type() === 'error') complaints.push(line.text())
    })
    page.on('dialog', (dialog) => complaints.push(`a dialog: ${dialog.message()}`))
    const address = pathToFileURL(file).href
    page.on('request', (request) => {
      if (request.url() !== address) complaints.push(`a request: ${request.url()}`)
    })
    await page.goto(address)
    return page
  }

  test('every kind of section is drawn', async () => {
    const page = await open(everyKind)
    expect(await page.title()).toBe('Every kind of section · Pinwheel')
    await expect.poll(() => page.locator('.uplot').count()).toBe(2)
    await expect.poll(async () => (await page.evaluate<Ink>(inkOfChart)).drawn).toBeGreaterThan(500)
    expect(await page.locator('.histogram rect').count()).toBeGreaterThan(30)
    expect(await page.locator('.bars circle').count()).toBe(4)
    expect(await page.locator('section').count()).toBe(everyKind.sections.length)
  })

  test('words of strangers stay words, in charts too', async () => {
    const words = '</script><img src=x onerror="alert(1)">\'" & <b>'
    const [facts, lines] = everyKind.sections as [
      RunReport['sections'][0],
      RunReport['sections'][0],
    ]
    if (lines.kind !== 'lines') throw new Error('the second section has lines')
    const series = lines.series.map((one) => ({ ...one, name: words }))
    const sections = [
      { ...facts, title: words },
      { ...lines, series, x: { name: words } },
    ]
    const page = await open({ ...everyKind, title: words, partial: words, sections })
    expect(await page.title()).toBe(`${words} · Pinwheel`)
    expect(await page.locator('h1').innerText()).toBe(words)
    expect(await page.locator('h2').first().innerText()).toBe(words)
    await expect.poll(() => page.locator('.u-legend').count()).toBe(1)
    expect(await page.locator('.u-legend .u-label').nth(1).textContent()).toBe(words)
    expect(await page.locator('img, b').count()).toBe(0)
  })

  test('dark and light, and a change of mind', async () => {
    const page = await open(everyKind, { colorScheme: 'light' })
    await expect.poll(() => page.locator('.uplot').count()).toBe(2)
    const light = await page.evaluate<Ink>(inkOfChart)
    const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(await paper()).toBe('rgb(250, 248, 244)')
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await paper()).toBe('rgb(21, 21, 26)')
    // The grid is most of the ink: light on paper, dark at night.
    const ink = async () => (await page.evaluate<Ink>(inkOfChart)).light
    await expect.poll(ink).toBeLessThan(light.light - 60)
  })

  test.each([
    ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
    ['small window', { viewport: { width: 320, height: 640 } }],
  ])('%s: nothing is cut off to the side', async (_name, view) => {
    const page = await open(everyKind, view)
    await expect.poll(() => page.locator('.uplot').count()).toBe(2)
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
    await expect.poll(overflow).toBeLessThanOrEqual(0)
  })

  test('a chart follows the window', async () => {
    const page = await open(everyKind)
    await expect.poll(() => page.locator('.uplot').count()).toBe(2)
    await page.setViewportSize({ width: 500, height: 800 })
    const width = async () => (await page.evaluate<Ink>(inkOfChart)).width
    await expect.poll(width).toBeLessThan(480)
  })

  test('on paper it is light, and fits', async () => {
    const page = await open(everyKind, { colorScheme: 'dark' })
    await expect.poll(() => page.locator('.uplot').count()).toBe(2)
    const dark = await page.evaluate<Ink>(inkOfChart)
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    const ink = () => page.evaluate<Ink>(inkOfChart)
    await expect.poll(async () => (await ink()).light).toBeGreaterThan(dark.light + 60)
    expect((await ink()).width).toBeLessThanOrEqual(660)
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    await expect.poll(async () => (await ink()).width).toBeGreaterThan(660)
  })

  test('the keyboard reaches every section, and what scrolls', async () => {
    const page = await open(everyKind, { viewport: { width: 390, height: 844 } })
    const reached = new Set<string>()
    for (let n = 0; n < 40; n++) {
      await page.keyboard.press('Tab')
      const name = await page.evaluate<string | null>(
        "document.activeElement?.getAttribute('aria-labelledby') ?? null",
      )
      if (name !== null) reached.add(name)
    }
    expect(reached.size).toBe(everyKind.sections.length)
  })
})
