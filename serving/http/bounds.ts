/** How long a request may take and how much may stand in line. Units are in the names. */
export type Bounds = { readonly [name in keyof typeof bounds]: number }

export const bounds = Object.freeze({
  /** From the first byte of a request to its last; looked at every `receiveCheckMs`. */
  receiveMsMax: 30_000,
  receiveCheckMs: 5_000,
  /** From the last byte to the reply. */
  handlerMsMax: 30_000,
  idleConnectionMsMax: 72_000,
  /** What still runs when the server stops is given this long. */
  closeMsMax: 5_000,
  connectionsMax: 1_024,
  /** The request line and the headers together: 500 excluded pins of usual length fit. */
  headerBytesMax: 64 * 1024,
  /**
   * Calls into the recommender at one time, more are refused with OVERLOADED: at most `callsMax`,
   * fewer while feeds take longer than `callMsTarget`, never less than `callsMin`.
   */
  callsMax: 256,
  callsMin: 16,
  callMsTarget: 150,
  /** Told to clients that were refused with `retry: later`. */
  retryAfterSeconds: 1,
  /** Generated pictures kept in memory. */
  picturesKept: 1_024,
  usersListedMax: 1_000,
  recommendationsDefault: 25,
})
