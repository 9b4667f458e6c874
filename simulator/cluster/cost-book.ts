/** What machines, disks and bytes cost: one file of prices, each with its date and source. */
import { pinwheelError } from '../../base/index.ts'
import { Fields } from './fields.ts'

export type Instance = {
  readonly name: string
  readonly cores: number
  readonly memoryGiB: number
  /** Of one core, against one of the machine that the calibration is of. */
  readonly speed: number
  /** Dollars, bought by the hour, and for one and three years. */
  readonly perHour: Readonly<Record<Purchase, number>>
}
export const purchases = ['onDemand', 'reserved1y', 'reserved3y'] as const
export type Purchase = (typeof purchases)[number]

export type CostBook = {
  readonly hoursPerMonth: number
  readonly instances: readonly Instance[]
  /** Dollars a GiB and month. */
  readonly storage: { readonly disk: number; readonly object: number }
  /** Dollars a GiB. */
  readonly network: { readonly egress: number; readonly betweenZones: number }
}

/** The book in `text`, which came from `file`. COST_BOOK_INVALID names every hole. */
export function readCostBook(text: string, file: string): CostBook {
  const fields = Fields.parse(text)
  const storage = fields.object('storage')
  const network = fields.object('network')
  const book: CostBook = {
    hoursPerMonth: fields.number('hoursPerMonth', { above: true }),
    instances: fields.list('instances', instanceOf),
    storage: {
      disk: priceOf(storage.object('disk'), 'perGiBMonth'),
      object: priceOf(storage.object('object'), 'perGiBMonth'),
    },
    network: {
      egress: priceOf(network.object('egress'), 'perGiB'),
      betweenZones: priceOf(network.object('betweenZones'), 'perGiB'),
    },
  }
  const { problems } = fields
  if (problems.length > 0) {
    throw pinwheelError('COST_BOOK_INVALID', { file, problems: problems.join(' ') })
  }
  return book
}

function instanceOf(fields: Fields): Instance {
  const perHour = fields.object('perHour')
  fields.date('date')
  fields.text('source')
  return {
    name: fields.text('name'),
    cores: fields.number('cores', { min: 1 }),
    memoryGiB: fields.number('memoryGiB', { above: true }),
    speed: fields.number('speed', { above: true }),
    perHour: {
      onDemand: perHour.number('onDemand', { above: true }),
      reserved1y: perHour.number('reserved1y', { above: true }),
      reserved3y: perHour.number('reserved3y', { above: true }),
    },
  }
}

function priceOf(fields: Fields, name: string): number {
  fields.date('date')
  fields.text('source')
  return fields.number(name)
}
