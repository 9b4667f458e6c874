/** The dictionary of a host with workers: one thread gives numbers, every thread reads ids. */
import {
  bySpace,
  type IdNumbers,
  Interner,
  type InternerMemory,
  type NumberedMemory,
  type Space,
  sharedAllocator,
} from '../../base/index.ts'

/** Distinct ids that are reserved. */
export type NameSizes = {
  readonly usersMax: number
  readonly pinsMax: number
  readonly boardsMax: number
  readonly tagsMax: number
}

/** Ids that threads share: each knows them by what it was sent. */
export type SharedNames = Readonly<
  Record<Space, IdNumbers & { memory(): InternerMemory | NumberedMemory }>
>

export function sharedNames(sizes: NameSizes): Record<Space, Interner> {
  const bounds: Record<Space, readonly [capacity: number, setting: string]> = {
    user: [sizes.usersMax, 'PINWHEEL_USERS_MAX'],
    pin: [sizes.pinsMax, 'PINWHEEL_PINS_MAX'],
    board: [sizes.boardsMax, 'PINWHEEL_BOARDS_MAX'],
    tag: [sizes.tagsMax, 'PINWHEEL_TAGS_MAX'],
    actor: [sizes.usersMax, 'PINWHEEL_USERS_MAX'],
  }
  return bySpace((space) => {
    const [capacity, setting] = bounds[space]
    return new Interner({ capacity, allocate: sharedAllocator, setting })
  })
}
