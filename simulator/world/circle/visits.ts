/**
 * How long a visit is: n actions, of which saves. ln n = 1.08 + .66 z, and + .05 z^2 for z > 0 (z
 * standard normal): median 3, a tenth has 7 and more, a hundredth 18.
 */
export function visitLength(normal: number): number {
  const bend = normal > 0 ? 0.05 * normal * normal : 0
  return Math.min(VISIT_ACTIONS_MAX, Math.max(1, Math.round(Math.exp(1.08 + 0.66 * normal + bend))))
}

export const VISIT_ACTIONS_MAX = 60
/** Saves of one visit; further ones become close-ups. */
export const VISIT_SAVES_MAX = 12
