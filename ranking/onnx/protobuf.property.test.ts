import fc from 'fast-check'
import { expect, test } from 'vitest'
import { delimitedFields, Message } from './protobuf.ts'

const number = fc.integer({ min: 1, max: 2 ** 28 })
const part = fc.oneof(
  fc.record({ field: number, bytes: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ field: number, whole: fc.maxSafeNat() }),
  fc.record({ field: number, float: fc.float({ noNaN: true }) }),
)

test('delimited fields come back in order, whatever stands between them', () => {
  const law = fc.property(fc.array(part), (parts) => {
    const message = new Message()
    for (const p of parts) {
      if ('bytes' in p) message.bytes(p.field, p.bytes)
      else if ('whole' in p) message.int(p.field, p.whole)
      else message.float(p.field, p.float)
    }
    const read = [...delimitedFields(message.finish())]
    expect(read.map(({ field, bytes }) => ({ field, bytes: Uint8Array.from(bytes) }))).toEqual(
      parts.filter((p) => 'bytes' in p),
    )
  })
  fc.assert(law)
})

test('bytes of a stranger are read to their end or refused with a RangeError', () => {
  const law = fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    try {
      for (const field of delimitedFields(bytes)) {
        expect(field.bytes.length).toBeLessThan(bytes.length)
      }
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  })
  fc.assert(law, { numRuns: 1_000 })
})

test('the encoding of the specification, byte for byte', () => {
  // From the page of the encoding: field 1 = 150 and field 2 = "testing".
  expect(new Message().int(1, 150).finish()).toEqual(Buffer.from('089601', 'hex'))
  expect(new Message().text(2, 'testing').finish()).toEqual(
    Buffer.from('120774657374696e67', 'hex'),
  )
  expect(() => [...delimitedFields(Buffer.from('1207746573', 'hex'))]).toThrow('cut off')
  expect(() => [...delimitedFields(Buffer.from('0d0000', 'hex'))]).toThrow('cut off')
})
