/** What every report has in it, read once: our styles and script, and uPlot from its package. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { assert } from '../../base/index.ts'

export type PageParts = {
  readonly style: string
  readonly scripts: readonly string[]
  /** Of uPlot. */
  readonly licence: string
}

let parts: PageParts | undefined

export function pageParts(): PageParts {
  parts ??= readParts()
  return parts
}

function readParts(): PageParts {
  const installed = createRequire(import.meta.url)
  const uplot = (file: string) => readFileSync(installed.resolve(`uplot/${file}`), 'utf8')
  const own = (file: string) => readFileSync(new URL(`page/${file}`, import.meta.url), 'utf8')
  // A module has a scope of its own: the name is handed on.
  const library = `${uplot('dist/uPlot.iife.min.js')}\nglobalThis.uPlot = uPlot`
  const scripts = [library, own('charts.mjs')]
  const style = `${uplot('dist/uPlot.min.css')}\n${own('report.css')}`
  for (const text of [...scripts, style]) {
    assert(
      !/<\/(script|style)|<!--/i.test(text),
      'what is put into the page cannot end its element',
    )
  }
  return { style, scripts, licence: uplot('LICENSE') }
}
