/**
 * Tells a wrong method from a wrong address, which fastify answers alike. O(routes), refusals only.
 */
import { type PinwheelError, pinwheelError } from '../../base/index.ts'

export class RouteTable {
  readonly #methods = new Map<string, Set<string>>()

  /** `url` is a pattern such as /v1/pins/:id. */
  add(method: string | string[], url: string): void {
    const known = this.#methods.get(url) ?? new Set()
    for (const name of [method].flat()) known.add(name)
    this.#methods.set(url, known)
  }

  /** METHOD_UNFIT when the address exists under another method, else ROUTE_UNKNOWN. */
  refusal(method: string, address: string): PinwheelError {
    const path = address.split('?', 1)[0] ?? address
    for (const [url, methods] of this.#methods) {
      if (!fits(url, path)) continue
      return pinwheelError('METHOD_UNFIT', { method, path, known: [...methods].sort().join(', ') })
    }
    return pinwheelError('ROUTE_UNKNOWN', { method, path })
  }
}

function fits(url: string, path: string): boolean {
  const pattern = url.split('/')
  const parts = path.split('/')
  return (
    pattern.length === parts.length &&
    pattern.every((name, i) => (name.startsWith(':') ? parts[i] !== '' : name === parts[i]))
  )
}
