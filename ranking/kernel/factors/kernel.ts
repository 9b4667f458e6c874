/**
 * The kernel that fits factors by sampled softmax: what a thread does with its part of a batch.
 *
 * Rows of factors are walked in slices of 32 dimensions, each slice of all rows lying together:
 * rows are drawn at random, and a slice of some ten thousand rows stays in a core's own cache where
 * whole rows would not. Gradients of items are sums over a list of their examples, made by a
 * counting sort, so that they need no buffer a thread, and their order is that of the examples
 * however many threads there are. `models/factors/twin.ts` says the same in TypeScript.
 *
 * Everything lies in one imported memory; `models/factors/fit-memory.ts` says where.
 */

export { itemsStep, usersStep } from './adam'
export { draw } from './draw'
export { exponentials } from './exponential'
export { dots, softmax } from './forward'
export { itemGradients, scatter, userGradients } from './gradients'
export { bind } from './places'
export { unitItems } from './rows'
