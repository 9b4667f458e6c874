/**
 * The feed page in a real Chromium, over the real HTTP server and a recommender in memory. Every
 * test also fails on an error in the browser's console, a breach of the page's policy among them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { pinwheelError, silentLogger, systemClock } from '../../base/index.ts'
import { createServer, type Server, type ServerOptions } from '../../serving/http/index.ts'
import { MemoryRecommender } from '../../serving/http/memory-recommender.ts'
import { demoEntries, demoPicture } from './demo-entries.ts'
import { browserIsRequired, findChromium, launchBrowser } from './launch.ts'

const chromium = findChromium()
const missing = 'no Chromium on the PATH; deploy/install/chromium.sh installs one'
if (!chromium && browserIsRequired()) throw new Error(missing)
if (!chromium) console.warn(`skipped: ${missing}`)

describe.skipIf(!chromium)('the feed page', { timeout: 20_000 }, () => {
  const pages = mkdtempSync(join(tmpdir(), 'pinwheel-web-'))
  let browser: Browser
  const servers: Server[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    await build({ logLevel: 'error', build: { outDir: pages } })
    browser = await launchBrowser(chromium ?? '')
  }, 60_000)
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    await Promise.all(servers.splice(0).map((server) => server.close()))
    expect(complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(pages, { recursive: true, force: true })
  })

  async function open(
    path = '/',
    options: Partial<ServerOptions> & { readonly view?: BrowserContextOptions } = {},
  ) {
    const recommender = new MemoryRecommender()
    await recommender.ingest(demoEntries(systemClock.now()))
    const { view = {}, ...own } = options
    const common = { clock: systemClock, logger: silentLogger, picture: demoPicture, pages }
    const server = createServer({ ...common, recommender, ...own })
    servers.push(server)
    const address = await server.listen({ host: '127.0.0.1', port: 0 })
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...view })
    const page = await context.newPage()
    page.setDefaultTimeout(8_000)
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => {
      // A refused request is written to the console by the browser itself; tests ask for some.
      const refusal = /status of (401|503)/.test(line.text())
      if (line.type() === 'error' && !refusal) complaints.push(line.text())
    })
    await page.goto(`${address}${path}`)
    return { page, recommender, server }
  }

  const pins = (page: Page) =>
    page.locator('.tile').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('data-pin')))
  const tile = (page: Page, pin: string) => page.locator(`.tile[data-pin="${pin}"]`)
  const settled = (page: Page) => page.locator('.status[data-phase="ready"]').waitFor()

  test('a first visit opens a feed: pictures, posters, reasons, and who answered', async () => {
    const { page } = await open()
    await settled(page)
    await expect.poll(() => new URL(page.url()).searchParams.get('user')).toBe('u12')
    expect(await page.title()).toBe('For u12 · Pinwheel')
    expect((await pins(page)).length).toBeGreaterThan(30)
    expect(await page.locator('.why', { hasText: 'Because you saved' }).count()).toBeGreaterThan(5)
    expect(await page.locator('.status').innerText()).toMatch(/full\s+\d+ ms/)
    const picture = page.locator('.tile img').first()
    await expect
      .poll(() => picture.evaluate((img) => Number(Reflect.get(img, 'naturalWidth'))))
      .toBeGreaterThan(0)
    const poster = page.locator('.tile .drawn').first()
    expect(await poster.innerText()).not.toBe('')
  })

  test('a save takes the pin away, teaches the next feed, and can be undone', async () => {
    const { page, recommender } = await open('/?user=u7')
    await settled(page)
    const target = page.locator('.tile', { hasText: 'A wall of espaliered pears' }).first()
    const pin = (await target.getAttribute('data-pin')) ?? ''
    await target.hover()
    await target.getByRole('button', { name: /^Save/ }).click()
    await tile(page, pin).waitFor({ state: 'detached' })
    expect(await recommender.userState('u7')).toMatchObject({ saved: ['p1', pin] })
    const reasons = page.locator('.why', { hasText: 'A wall of espaliered pears' })
    expect(await reasons.count()).toBeGreaterThan(3)
    await page.getByRole('button', { name: 'Undo' }).click()
    await tile(page, pin).waitFor()
    expect(await recommender.userState('u7')).toMatchObject({ saved: ['p1'] })
  })

  test('a save that the server does not take is taken back, and said', async () => {
    const { page, recommender } = await open('/?user=u12')
    await settled(page)
    recommender.ingest = () => Promise.reject(pinwheelError('LOG_WRITE_FAILED', { reason: 'full' }))
    const target = page.locator('.tile').first()
    await target.hover()
    await target.getByRole('button', { name: /^Save/ }).click()
    await page.locator('.toast.problem', { hasText: 'could not be written' }).waitFor()
    expect(await target.getByRole('button', { name: /^Save / }).isEnabled()).toBe(true)
  })

  test('a hidden pin does not come back', async () => {
    const { page } = await open('/?user=u12')
    await settled(page)
    const [pin = ''] = await pins(page)
    await tile(page, pin ?? '').hover()
    await tile(page, pin ?? '')
      .getByRole('button', { name: /^Hide/ })
      .click()
    await tile(page, pin ?? '').waitFor({ state: 'detached' })
    await page.reload()
    await settled(page)
    expect(await pins(page)).not.toContain(pin)
  })

  test('the keyboard alone: choose a newcomer, go back, open a pin, close it', async () => {
    const { page } = await open('/?user=u12')
    await settled(page)
    await page.locator('.chooser-button').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type('somebody new')
    await page.keyboard.press('Enter')
    await page.locator('.status[data-rung="popular"]').waitFor()
    await page.getByText('Nothing is known of somebody new yet').waitFor()
    await page.goBack()
    await page.locator('.status[data-rung="full"]').waitFor()
    await page.locator('.tile .open').first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('Why this pin').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('the drawer explains: features, sources, stages; and the look is told', async () => {
    const { page, recommender } = await open('/?user=u12')
    await settled(page)
    const [pin = ''] = await pins(page)
    await page.locator('.tile .open').first().click()
    const drawer = page.getByRole('dialog')
    await drawer.locator('.features li').first().waitFor()
    // Asked for after the pin itself.
    await drawer.getByText('More like this').waitFor()
    const text = await drawer.innerText()
    for (const word of ['topics, popular', 'mixed, full', 'slate', 'More like this']) {
      expect(text).toContain(word)
    }
    await drawer.getByRole('button', { name: 'Close' }).click()
    await expect.poll(async () => (await recommender.pin(pin ?? '')).closeups).toBe(1)
  })

  test('another recommender stands in the address and is asked', async () => {
    const { page } = await open('/?user=u12')
    await settled(page)
    const asked = page.waitForRequest(/generation=tags/)
    await page.getByRole('radio', { name: 'Tags' }).check()
    await asked
    expect(new URL(page.url()).searchParams.get('generation')).toBe('tags')
  })

  test('pins that stayed in view are told as impressions', async () => {
    const { page, recommender } = await open('/?user=u12')
    await settled(page)
    const [pin = ''] = await pins(page)
    const seen = async () => (await recommender.pin(pin ?? '')).impressions
    await expect.poll(seen, { timeout: 8_000 }).toBe(1)
  })

  test('a server with a key: asked for once a tab, and again when it is wrong', async () => {
    const { page } = await open('/?user=u12', { key: 'open sesame' })
    await page.getByLabel('Key', { exact: true }).fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByLabel('Key', { exact: true }).fill('open sesame')
    await page.keyboard.press('Enter')
    await settled(page)
    await page.reload()
    await settled(page)
  })

  test('a feed that fails says why, and comes when asked again', async () => {
    const { page, recommender } = await open('/?user=u12')
    await settled(page)
    const works = recommender.recommend.bind(recommender)
    recommender.recommend = () => Promise.reject(pinwheelError('OVERLOADED', { count: 9 }))
    await page.reload()
    await page.getByRole('heading', { name: 'The feed did not come' }).waitFor()
    expect(await page.locator('.nothing p').innerText()).toContain('9 requests waiting')
    recommender.recommend = works
    await page.getByRole('button', { name: 'Try again' }).click()
    await settled(page)
  })

  test('an empty feed is not a blank page', async () => {
    const { page } = await open('/?user=u12', { recommender: new MemoryRecommender() })
    await page.getByRole('heading', { name: 'Nothing to show' }).waitFor()
  })

  test('words of strangers stay words', async () => {
    const recommender = new MemoryRecommender()
    const time = systemClock.now()
    const title = '<img src=x onerror="document.title=1"> & <b>bold</b>'
    await recommender.ingest([{ kind: 'pin', id: '"><script>', time, title }])
    const { page } = await open('/?user=%22%3E%3Cscript%3E', { recommender })
    await settled(page)
    expect(await page.locator('.poster-title').innerText()).toBe(title)
    expect(await page.title()).toBe('For "><script> · Pinwheel')
  })

  test.each([
    ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
    ['small window', { viewport: { width: 320, height: 640 } }],
    ['wide screen', { viewport: { width: 2200, height: 1200 } }],
  ])('%s: nothing is cut off to the side, and no tiles overlap', async (_name, view) => {
    const { page } = await open('/?user=u12', { view })
    await settled(page)
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
    await expect.poll(overflow).toBeLessThanOrEqual(0)
    await expect.poll(() => overlaps(page)).toBe(0)
  })
})

/** Pairs of tiles that cover each other. */
function overlaps(page: Page): Promise<number> {
  return page.locator('.tile').evaluateAll((tiles) => {
    const boxes = tiles.map((tile) => tile.getBoundingClientRect())
    const meet = (a: (typeof boxes)[0], b: (typeof boxes)[0]) =>
      a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
    return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => meet(a, b))).length
  })
}
