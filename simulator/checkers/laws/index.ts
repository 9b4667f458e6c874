import type { Law } from '../evidence.ts'
import { acknowledged } from './acknowledged.ts'
import { anySplit } from './any-split.ts'
import { bounds } from './bounds.ts'
import { commanded } from './commanded.ts'
import { countersAreFolds } from './counters.ts'
import { emitted } from './emitted.ts'
import { liveness } from './liveness.ts'
import { nothingMadeUp } from './nothing-made-up.ts'
import { readYourWrites } from './read-your-writes.ts'
import { recovery } from './recovery.ts'
import { trustedStarts } from './trusted-starts.ts'
import { unseen } from './unseen.ts'
import { userOrder } from './user-order.ts'

export const laws: readonly Law[] = [
  acknowledged,
  nothingMadeUp,
  userOrder,
  readYourWrites,
  anySplit,
  countersAreFolds,
  commanded,
  emitted,
  bounds,
  unseen,
  recovery,
  trustedStarts,
  liveness,
]
