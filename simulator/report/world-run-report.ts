/** A world held against what is known of real boards and visits, as a section of a report. */
import type { Verdict as WorldVerdict } from '../world/index.ts'
import type { Facts } from './run-report.ts'

export function worldSection(title: string, verdicts: readonly WorldVerdict[]): Facts {
  return {
    kind: 'facts',
    title,
    facts: verdicts.map(({ figure, value, target, tolerance, verdict }) => ({
      name: figure,
      value,
      target: `${target} ± ${tolerance}`,
      verdict: verdict === 'too small' ? 'open' : verdict,
    })),
  }
}
