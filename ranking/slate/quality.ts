/**
 * The quality of a pin by what people did when it was shown: the weights of their actions a
 * showing, drawn towards a prior of one save in twenty while few are known; from 0 to 1.
 *
 * A pin of which nothing is known has 0.05, so a higher minimum leaves out everything new. Where
 * saves were imported without impressions, each action counts as one showing.
 */
import { eventKinds } from '../../base/index.ts'
import type { FeatureReader } from '../features/feature-table.ts'

export const qualityPrior = Object.freeze({ saves: 1, impressions: 20 })

export function qualityOf(features: FeatureReader, pin: number): number {
  const saves = features.fact(pin, 'saves')
  const closeups = features.fact(pin, 'closeups')
  const outbounds = features.fact(pin, 'outbounds')
  const hides = features.fact(pin, 'hides')
  const liked =
    saves * eventKinds.save.weight +
    closeups * eventKinds.closeup.weight +
    outbounds * eventKinds.outbound.weight +
    hides * eventKinds.hide.weight
  const shown = Math.max(features.fact(pin, 'impressions'), saves + closeups + outbounds + hides)
  const rate = (qualityPrior.saves + liked) / (qualityPrior.impressions + shown)
  return Math.min(1, Math.max(0, rate))
}
