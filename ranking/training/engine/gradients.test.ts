import { expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { add, multiply } from './arithmetic.ts'
import { gradientCases } from './gradient-cases.ts'
import { checkGradient } from './gradient-check.ts'
import { node, type Value } from './tape.ts'

// Central differences of step 1e-5 err by about 1e-10 times the third derivative.
const TOLERANCE = 1e-7

test.each(gradientCases)('the gradient of $name equals differences', async (gradientCase) => {
  const { checked, worst } = await checkGradient(gradientCase, new Random(17))
  expect(checked).toBeGreaterThan(0)
  expect(worst).toBeLessThan(TOLERANCE)
})

test('a wrong gradient is found', async () => {
  const wrong = (x: Value): Value =>
    x.tape.operation('wrong', x.dims, {
      inputs: [x],
      emit: node('Sin'),
      // Of the sine it is the cosine.
      gradient: (up) => [multiply(up, add(x, x))],
    })
  const report = await checkGradient(
    { name: 'wrong', build: (tape) => wrong(tape.input('x', [3])) },
    new Random(17),
  )
  expect(report.worst).toBeGreaterThan(0.01)
})
