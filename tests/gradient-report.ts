/**
 * How far each gradient is from central differences, as a table: `npm run --silent gradients`. Ends
 * with 1 when one is farther than the tests allow.
 */
import { Random } from '../base/index.ts'
import { checkGradient, gradientCases } from '../ranking/training/engine/index.ts'

const SEED = 17
const TOLERANCE = 1e-7

console.log('| operation or layer | numbers moved | worst difference |')
console.log('|---|---|---|')
for (const gradientCase of gradientCases) {
  const { name, checked, worst } = await checkGradient(gradientCase, new Random(SEED))
  console.log(`| ${name} | ${checked} | ${worst.toExponential(1)} |`)
  if (!(worst < TOLERANCE)) process.exitCode = 1
}
