/** The worker of a ranker: it has the graph and the features of all pins, and no actors. */
import { bySpace, type DeclaredKinds, sharedAllocator } from '../../../base/index.ts'
import { FeatureTable } from '../../../ranking/index.ts'
import type { WorkerSetup } from '../../worker/messages.ts'
import type { NameSizes, sharedNames } from '../../worker/shared-names.ts'

/** Rankers of one machine build at the same time, and all who answer wait for its cores. */
const BUILD_SHARE = 0.25

type Options = Pick<NameSizes, 'pinsMax' | 'boardsMax'> & { readonly kinds: DeclaredKinds }

export function rankerSetup(
  { pinsMax, boardsMax, kinds }: Options,
  names: ReturnType<typeof sharedNames>,
): Omit<WorkerSetup, 'ring' | 'vitals'> {
  return {
    workers: 1,
    takesOver: false,
    blamed: [],
    names: bySpace((space) => names[space].memory()),
    features: FeatureTable.create(pinsMax, sharedAllocator).columns,
    boardCapacity: boardsMax,
    writesGraph: true,
    desk: 0,
    memory: undefined,
    folds: 'pins',
    ranks: true,
    buildShare: BUILD_SHARE,
    types: [],
    kinds,
  }
}
