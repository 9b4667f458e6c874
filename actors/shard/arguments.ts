/** Arguments on their way into a turn. */
import { errorCode, type IdTable, pinwheelError } from '../../base/index.ts'
import type { AnyActorType } from '../actor.ts'
import { reasonOf } from './reason.ts'

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
    throw argumentError(error, type, method)
  }
}

/** ARGUMENT_INVALID for what a shape throws, or what the argument itself does when it is read. */
export function argumentError(error: unknown, type: AnyActorType, method: string): unknown {
  if (errorCode(error) !== undefined) return error
  return pinwheelError('ARGUMENT_INVALID', { type: type.name, method, reason: reasonOf(error) })
}
