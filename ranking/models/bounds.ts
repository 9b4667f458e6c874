/** Options of fits and what they may be. */
import { pinwheelError } from '../../base/index.ts'

export type Bound = {
  readonly from: number
  readonly to: number
  /** 1 for whole numbers; any number where absent. */
  readonly multipleOf?: number
}

/** The options. FACTORS_OPTIONS names the first that is out of its bounds. */
export function withinBounds<Options extends Readonly<Record<string, unknown>>>(
  options: Options,
  bounds: { readonly [K in keyof Options]?: Bound },
): Options {
  for (const [option, bound] of Object.entries<Bound | undefined>(bounds)) {
    if (!bound) continue
    const { from, to, multipleOf } = bound
    const value = options[option] as number
    const isStep = multipleOf === undefined || (Number.isInteger(value) && value % multipleOf === 0)
    if (isStep && value >= from && value <= to) continue
    const kind =
      multipleOf === undefined
        ? 'number'
        : multipleOf === 1
          ? 'whole number'
          : `multiple of ${multipleOf}`
    const expected = `a ${kind} from ${from} to ${to}`
    throw pinwheelError('FACTORS_OPTIONS', { option, value: String(value), expected })
  }
  return options
}
