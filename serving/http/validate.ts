/**
 * Checks parts of a request against their typebox schemas. A query string is text, so numbers and
 * flags are read here first, and strictly: `limit=5.5`, `limit=` and `explain=yes` are refused, not
 * bent into something that fits.
 */
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { type Misfit, misfitError } from './error-reply.ts'

type Property = { readonly type?: string }

/** For fastify's `setValidatorCompiler`. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  const properties = (schema as { properties?: Record<string, Property> }).properties ?? {}
  const part = httpPart ?? 'request'
  return (given: unknown) => {
    const value = part === 'querystring' ? readQuery(properties, given) : given
    if (check.Check(value)) return { value }
    return { error: misfitError(check.Errors(value) as Misfit[], part) }
  }
}

/** For a route whose handler judges the body itself; the rest of the request is checked. */
export const bodyUnchecked: FastifySchemaCompiler<TSchema> = (route) =>
  route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route)

/** Values as their schemas want them; what cannot be read stays text and fails the check. */
function readQuery(properties: Record<string, Property>, given: unknown): Record<string, unknown> {
  const query: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given as Record<string, unknown>)) {
    const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined
    // defineProperty's kin: a parameter named __proto__ becomes an own field, refused as unknown.
    Object.defineProperty(query, name, { value: read(type, value), enumerable: true })
  }
  return query
}

function read(type: string | undefined, value: unknown): unknown {
  if (type === 'array') return Array.isArray(value) ? value : [value]
  if (type === 'integer') {
    return typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  }
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value
  return value
}
