/** An entry that an actor could not take. */
export type DeadLetter = {
  readonly type: string
  readonly id: string
  readonly partition: number
  readonly position: number
  readonly reason: string
  /** It ended the thread that folded it. */
  readonly isFatal?: true
}
