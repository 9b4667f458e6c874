/** What makes a row of a data file a save: `FIELD OP NUMBER`, as in `rating>=4`. */
import { pinwheelError } from '../../../base/index.ts'

export const saveOperators = ['>=', '<=', '!=', '=', '>', '<'] as const
export type SaveOperator = (typeof saveOperators)[number]
export type SaveRule = {
  readonly field: string
  readonly operator: SaveOperator
  readonly value: number
}

const form = /^\s*([A-Za-z_][\w.-]*)\s*(>=|<=|!=|=|>|<)\s*(\S+)\s*$/

/** EVALUATION_OPTIONS for what has another form. */
export function parseSaveRule(text: string): SaveRule {
  const [, field, operator, number] = form.exec(text) ?? []
  const value = Number(number)
  if (field === undefined || !Number.isFinite(value)) {
    const expected = `FIELD OP NUMBER with one of ${saveOperators.join(' ')}, as in "rating>=4"`
    throw pinwheelError('EVALUATION_OPTIONS', { option: '--save', value: text, expected })
  }
  return { field, operator: operator as SaveOperator, value }
}

/** Whether a row whose field has that value is a save. */
export function isSave({ operator, value }: SaveRule, field: number): boolean {
  switch (operator) {
    case '>=':
      return field >= value
    case '<=':
      return field <= value
    case '!=':
      return field !== value
    case '=':
      return field === value
    case '>':
      return field > value
    case '<':
      return field < value
  }
}
