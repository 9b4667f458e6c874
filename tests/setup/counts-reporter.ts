/**
 * Adds up what ran: prints every skipped test with its reason, and appends the counts of this run
 * to the file that PINWHEEL_TEST_COUNTS names, where .ci/run finds them.
 */
import { appendFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

export class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0
    let failed = unhandled.length
    let skipped = 0
    for (const module of modules) {
      if (module.errors().length > 0) failed++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
        else {
          skipped++
          const { note } = test.result() as { note?: string }
          const reason = note ? `: ${note}` : ''
          console.warn(`skipped: ${test.fullName}${reason} (${module.relativeModuleId})`)
        }
      }
    }
    const file = process.env['PINWHEEL_TEST_COUNTS']
    if (file) appendFileSync(file, `${JSON.stringify({ passed, failed, skipped })}\n`)
  }
}
