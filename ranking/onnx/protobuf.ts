/**
 * As much of Protocol Buffers as ONNX files need: a writer for the messages we build and a reader
 * that walks fields without a schema. https://protobuf.dev/programming-guides/encoding/
 */

/** One message in the making. */
export class Message {
  readonly #parts: Uint8Array[] = []

  /** A varint field; whole numbers from 0 to 2^53 - 1. */
  int(field: number, value: number): this {
    this.#parts.push(varint(field * 8), varint(value))
    return this
  }

  bytes(field: number, value: Uint8Array): this {
    this.#parts.push(varint(field * 8 + 2), varint(value.length), value)
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value))
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish())
  }

  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value)
    this.#parts.push(varint(field * 8 + 5), bytes)
    return this
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts)
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

export type Field = { readonly field: number; readonly bytes: Uint8Array }

/** The length-delimited fields of a message; throws RangeError when it is no message. */
export function* delimitedFields(message: Uint8Array): IterableIterator<Field> {
  let at = 0
  const take = (): number => {
    let value = 0
    let scale = 1
    for (let i = 0; i < 10; i++) {
      if (at >= message.length) throw new RangeError('a number is cut off')
      const byte = message[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    throw new RangeError('a number is too long')
  }
  while (at < message.length) {
    const tag = take()
    const wire = tag % 8
    if (wire === 0) take()
    else if (wire === 1) at += 8
    else if (wire === 5) at += 4
    else if (wire === 2) {
      const length = take()
      if (at + length > message.length) throw new RangeError('a field is cut off')
      yield { field: Math.floor(tag / 8), bytes: message.subarray(at, at + length) }
      at += length
    } else throw new RangeError(`wire type ${wire} does not exist`)
    if (at > message.length) throw new RangeError('a field is cut off')
  }
}
