/** Arguments on their way into a turn. */
import { type IdTable, pinwheelError, ShapeError } from '../../base/index.ts'
import type { AnyActorType } from '../actor.ts'

/**
 * A checked copy of an argument; with `ids` it comes from outside, and outside ids in it become
 * dense numbers. METHOD_UNLISTED, ARGUMENT_INVALID.
 */
export function copyArgument(
  type: AnyActorType,
  method: string,
  argument: unknown,
  ids?: IdTable,
): unknown {
  const spec = Object.hasOwn(type.methods, method) ? type.methods[method] : undefined
  if (!spec) throw pinwheelError('METHOD_UNLISTED', { type: type.name, method })
  try {
    return ids ? spec.argument.unpack(argument, ids) : spec.argument.copy(argument)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw pinwheelError('ARGUMENT_INVALID', { type: type.name, method, reason: error.message })
  }
}
