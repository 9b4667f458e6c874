/** How models are asked: all items for some users at once. */

/** Users to score together; histories have no repeats. */
export type UserBatch = {
  readonly users: readonly number[]
  readonly histories: readonly Uint32Array[]
}

/** A row a user, a column an item; whoever gets it may change it, until the model scores again. */
export type Scores = { readonly columns: number; readonly values: Float32Array | Float64Array }

/** Scores all items for users. A row does not depend on the others of its batch. */
export interface BatchModel {
  /** Users that are best scored together; as many as suit the caller where absent. */
  readonly batch?: number
  score(batch: UserBatch): Promise<Scores>
}
