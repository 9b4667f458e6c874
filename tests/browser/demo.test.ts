/**
 * What `npm start` shows: the real program over its demo world, in a real Chromium. A feed made by
 * user actors and walks; a save that changes the next load; the trained ranker taking over; a clean
 * end.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer, stopServer } from '../setup/server.ts'
import { browserIsRequired, findChromium, launchBrowser } from './launch.ts'

const chromium = findChromium()
const missing = 'no Chromium on the PATH; deploy/install/chromium.sh installs one'
if (!chromium && browserIsRequired()) throw new Error(missing)
if (!chromium) console.warn(`skipped: ${missing}`)

describe.skipIf(!chromium)('npm start', { timeout: 90_000 }, () => {
  let server: RunningServer
  let address: string
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    server = await startServer()
    address = server.address
    browser = await launchBrowser(chromium ?? '')
    page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    server?.child.kill('SIGKILL')
  })

  const settled = (timeout = 30_000) =>
    page.locator('.status[data-phase="ready"]').waitFor({ timeout })
  const pins = () =>
    page.locator('.tile').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('data-pin')))

  test('a personal feed with pictures and reasons', async () => {
    const reasons = async () => {
      await page.goto(`${address}?user=u12`)
      // A feed that was refused, as while the server is busy with its start, is asked for again.
      const isThere = await settled(5_000).then(
        () => true,
        () => false,
      )
      return isThere ? page.locator('.why', { hasText: 'Because you saved' }).count() : 0
    }
    // On a busy machine a source may be late for a single feed, and is left out.
    await expect.poll(reasons, { timeout: 60_000 }).toBeGreaterThan(5)
    expect((await pins()).length).toBeGreaterThan(20)
    const widths = () =>
      page
        .locator('.tile img')
        .evaluateAll((all) => all.map((img) => Number(Reflect.get(img, 'naturalWidth'))))
    await expect
      .poll(async () => (await widths()).filter((width) => width > 0).length)
      .toBeGreaterThan(3)
    const mine = await pins()
    await page.goto(`${address}?user=u13`)
    await settled()
    expect(await pins()).not.toEqual(mine)
  })

  test('a save leaves the feed and stays away', async () => {
    await page.goto(`${address}?user=u14`)
    await settled()
    const [pin] = await pins()
    const target = page.locator(`.tile[data-pin="${pin}"]`)
    await target.hover()
    await target.getByRole('button', { name: /^Save/ }).click()
    await target.waitFor({ state: 'detached' })
    await page.reload()
    await settled()
    expect(await pins()).not.toContain(pin)
  })

  test('the ranker that the project trains takes over within a minute', async () => {
    const rung = async () => {
      const reply = await fetch(`${address}v1/users/u12/recommendations`)
      return (await reply.json()) as { rung: string; model?: string }
    }
    await expect.poll(async () => (await rung()).rung, { timeout: 60_000 }).toBe('full')
    expect((await rung()).model).toMatch(/^[0-9a-f]{12}$/)
    // The same of the model.
    const shown = async () => {
      await page.goto(`${address}?user=u12`)
      await settled()
      return page.locator('.status').getAttribute('data-rung')
    }
    await expect.poll(shown, { timeout: 30_000 }).toBe('full')
  })

  test('Ctrl-C ends it cleanly', async () => {
    expect(await stopServer(server)).toBe(0)
  })
})
