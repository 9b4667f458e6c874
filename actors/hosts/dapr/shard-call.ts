/**
 * Calls that change an actor, and what makes each of them count once. Dapr repeats a call whose
 * connection broke, which may have been carried out (`callActor` in its router). So a call has a
 * name of its own, and a document keeps the names and results of the last calls that wrote it: one
 * that comes again is answered, not carried out.
 */

/** A call that wrote an actor, and what it answered. */
export type Answered = { readonly call: string; readonly result: unknown }

/** A call that comes again after so many others of its actor is carried out again. */
export const ANSWERED_KEPT = 16
