/**
 * What is done with a pin that was seen: a nested choice, none | hide | close-up, and of a close-up
 * none | save | outbound. Shown before and saved, it is only looked at.
 */
import type { Random } from '../../../base/index.ts'

/** Chances of what a person does with a seen pin; they sum to one. */
export type Chances = {
  none: number
  hide: number
  /** Opened, nothing more. */
  closeup: number
  save: number
  outbound: number
}

/**
 * Offsets to an appeal's log-odds, so that the rates of a popularity feed are those that are known:
 * of 100 pins that are seen 5 are opened, 1 is saved, .7 are followed outside and .1 hidden.
 */
export const responseWeights = Object.freeze({
  hide: -12.2,
  hideSlope: -0.9,
  save: -0.35,
  saveSlope: 0.45,
  outbound: -1.15,
  outboundSlope: 0.2,
})

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

/** Of an appeal, in log-odds of opening. */
export function chancesOf(appeal: number): Chances {
  const w = responseWeights
  const hide = sigmoid(w.hide + w.hideSlope * appeal)
  const open = (1 - hide) * sigmoid(appeal)
  const save = Math.exp(w.save + w.saveSlope * appeal)
  const outbound = Math.exp(w.outbound + w.outboundSlope * appeal)
  const all = 1 + save + outbound
  return {
    none: 1 - hide - open,
    hide,
    closeup: open / all,
    save: (open * save) / all,
    outbound: (open * outbound) / all,
  }
}

export type Response = keyof Chances

export function drawResponse(chances: Chances, unit: number): Response {
  let left = unit
  for (const what of ['hide', 'closeup', 'save', 'outbound'] as const) {
    left -= chances[what]
    if (left < 0) return what
  }
  return 'none'
}

/** Seconds of a close-up: log-normal, longer the better the pin; in tenths, at most ten minutes. */
export function drawDwell(appeal: number, random: Random): number {
  const median = 6 * Math.exp(0.25 * Math.max(-4, Math.min(4, appeal + 3)))
  return Math.min(
    600,
    Math.max(0.1, Math.round(10 * median * Math.exp(0.8 * random.normal())) / 10),
  )
}
