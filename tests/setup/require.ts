/**
 * A test that needs a server is skipped where the server is missing, with the reason in its name,
 * so that the report prints and counts it. Where PINWHEEL_REQUIRE promises the server, as .ci/run
 * does, a missing one fails.
 */
import { describe, test } from 'vitest'

export type Server =
  | 'dapr'
  | 'dapr-cli'
  | 'browser'
  | 'datasets'
  | 'mount'
  | 'neo4j'
  | 'nats'
  | 'postgres'
  | 'redis'
  | 'kubernetes'

/** The reason, when `found` is missing and may be; throws when it is missing and was promised. */
export function requireOrSkip(
  server: Server,
  found: unknown,
  options: { readonly hint: string; readonly promised?: string },
): string | undefined {
  if (found) return undefined
  const promised = options.promised ?? process.env['PINWHEEL_REQUIRE'] ?? ''
  const reason = `no ${server} here; ${options.hint}`
  if (promised.split(',').includes(server)) throw new Error(reason)
  return reason
}

/** `describe`, run only when `found` is there; `body` receives it. */
export function describeWith<T>(
  given: { readonly server: Server; readonly found: T | undefined; readonly hint: string },
  name: string,
  body: (found: T) => void,
): void {
  const reason = requireOrSkip(given.server, given.found, given)
  if (reason !== undefined) describe.skip(name, () => test(`skipped: ${reason}`, () => {}))
  else describe(name, () => body(given.found as T))
}
