/** What the estimates of a file can say and what not, in sentences made of their figures. */
import type { AskedTarget } from './evaluate-logged.ts'

/** Of so many clicks the interval of their rate holds; it does not of fewer. */
const CLICKS_FEW = 30
/** A weight beyond this share of all rows' decides by itself. */
const WEIGHT_GREAT = 0.05

/** `rate` is of clicks, as logged. */
export function loggedReading(
  targets: Readonly<Record<string, AskedTarget>>,
  rate: number,
): string[] {
  return [
    'The file names no users: rows are taken for independent, and where people come back ' +
      'intervals are too narrow.',
    'Both targets are the same for everybody; features of users are not read.',
    ...Object.entries(targets).flatMap(([name, target]) => sentencesOf(name, target, rate)),
  ]
}

function sentencesOf(
  name: string,
  { weights, unsupported, rows, ips }: AskedTarget,
  rate: number,
): string[] {
  const { mean, expected, largest, effectiveRows } = weights
  const said: string[] = []
  if (Math.abs(largest - 1) < 1e-9 && effectiveRows > rows - 0.5) {
    said.push(`${name} is what was logged: its estimates are the mean of the rows.`)
  }
  if (unsupported > 0) {
    const share = percent(unsupported)
    said.push(
      `${name} shows for ${share} what no row has at its position: what that earns is not in ` +
        'IPS and SNIPS, and in DR and DM by the model alone.',
    )
  }
  if (ips.biases.includes('weights')) {
    said.push(
      `${name}: the mean weight is ${mean.toFixed(3)} and must be ${expected.toFixed(3)}: the ` +
        'propensities are not those of the rows; SNIPS and DR suffer less than IPS.',
    )
  }
  const clicks = effectiveRows * rate
  if (clicks < CLICKS_FEW) {
    said.push(
      `${name}: its weights tell as much as ${Math.round(effectiveRows)} rows of equal weight, ` +
        `some ${clicks.toFixed(1)} clicks; below ${CLICKS_FEW} intervals are too narrow, ` +
        'and more often too low than too high.',
    )
  }
  if (largest > WEIGHT_GREAT * rows * mean) {
    said.push(`${name}: one row has ${percent(largest / (rows * mean))} of the weight.`)
  }
  return said
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
