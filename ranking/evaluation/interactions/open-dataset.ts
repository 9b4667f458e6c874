/** The data set that the options of an evaluation name. */
import { pinwheelError } from '../../../base/index.ts'
import { type Dataset, loadDataset, readSequences } from '../dataset.ts'
import { checkFormat } from '../formats.ts'
import { readItemTags } from '../item-tags.ts'
import { InteractionsBuilder } from './interactions.ts'
import { type RecboleOptions, readRecbole } from './recbole.ts'
import { parseSaveRule } from './save-rule.ts'
import { splitDataset } from './split-dataset.ts'
import { parseSplitRule, splitDefault } from './split-rule.ts'

export type DatasetOptions = {
  /** A path, or rows that were cut already. */
  readonly dataset: string | Dataset
  /** Of the files at the path. */
  readonly format?: string
  /** `FIELD OP NUMBER`: which rows are saves. */
  readonly save?: string
  readonly split?: string
  /** Rows that may be left out as damaged. */
  readonly brokenMax?: number
  readonly seed?: number
}

/**
 * FORMAT_UNKNOWN, EVALUATION_OPTIONS for what does not go together, and what reading and cutting
 * throw. Sequences without `split` are cut by their published protocol.
 */
export async function openDataset(options: DatasetOptions): Promise<Dataset> {
  const { dataset, seed = 1, save, split } = options
  if (typeof dataset !== 'string') return dataset
  const format = checkFormat(options.format ?? '')
  if (save !== undefined && format !== 'recbole') throw notFor('--save', save, format, 'recbole')
  if (split !== undefined && format !== 'recbole' && format !== 'sequences') {
    throw notFor('--split', split, format, 'recbole or sequences')
  }
  const rule = split === undefined ? undefined : parseSplitRule(split)
  if (format === 'recbole') {
    const reading: RecboleOptions = {
      ...(save !== undefined && { save: parseSaveRule(save) }),
      ...(options.brokenMax !== undefined && { brokenMax: options.brokenMax }),
    }
    return splitDataset(await readRecbole(dataset, reading), {
      rule: rule ?? splitDefault,
      seed,
      format,
    })
  }
  if (!rule) return withTags(await loadDataset(dataset, format), dataset)
  const builder = new InteractionsBuilder()
  await readSequences(dataset, (user, items) => {
    for (const item of items) builder.meet(user, item, builder.count, true)
  })
  return withTags(splitDataset(builder.build('places', false), { rule, seed, format }), dataset)
}

/** With what a file beside the rows says of items. */
async function withTags(data: Dataset, path: string): Promise<Dataset> {
  const tags = await readItemTags(path, data.names.items)
  return tags ? { ...data, tags } : data
}

function notFor(option: string, value: string, format: string, known: string) {
  const expected = `nothing with --format ${format}; it goes with ${known} and with --data`
  return pinwheelError('EVALUATION_OPTIONS', { option, value, expected })
}
