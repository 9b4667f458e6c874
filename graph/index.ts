export { GraphView } from './graph-view.ts'
export type { IdReader, NamedEdges } from './named-edges.ts'
export { GraphOverlay, type OverlayMemory, type OverlayOptions } from './overlay.ts'
export { exactPageRank, type PageRankOptions, pageRankDefaults } from './pagerank.ts'
export {
  buildGraph,
  buildGraphSteps,
  type EdgeList,
  type GraphMemory,
  PinBoardGraph,
} from './pin-board-graph.ts'
export { graphFromBytes, graphToBytes, loadGraph, saveGraph } from './snapshot.ts'
export {
  type ThreeStepOptions,
  threeStep,
  threeStepDefaults,
} from './three-step.ts'
export { TopK } from './top-k.ts'
export {
  allocateSteps,
  type WalkOptions,
  type WalkResult,
  WalkScratch,
  type WalkSeed,
  walk,
  walkDefaults,
} from './walk.ts'
