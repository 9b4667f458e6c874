/** What the page takes from its browser that is not a pure function: time, chance, addresses. */

import type { RequestPlace } from '../../ranking/index.ts'

/** Wall time in ms, as events carry it. */
export const now = (): number => Date.now()

/** A name that no other event of anybody has. `randomUUID` is missing on plain-http addresses. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A 32-bit seed. */
export function freshSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
}

let here: RequestPlace | undefined

/** Where the reader looks at this page: the same for a visit, so that answers and events agree. */
export function placeHere(): RequestPlace {
  here ??= { device: deviceHere(), surface: 'home' }
  return here
}

function deviceHere(): RequestPlace['device'] {
  if (matchMedia('(max-width: 599px)').matches) return 'phone'
  return matchMedia('(pointer: coarse)').matches ? 'tablet' : 'desktop'
}

/** Calls `task` after `ms`; the returned function calls it off. */
export function later(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms)
  return () => clearTimeout(timer)
}
