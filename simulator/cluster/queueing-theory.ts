/** What queues are known to do: closed forms that the model is held against. */

/**
 * Erlang C: the chance to wait in M/M/c, `servers` of them with `load` erlangs in all; 1 where they
 * cannot keep up.
 */
export function erlangC(servers: number, load: number): number {
  if (load >= servers) return 1
  // Erlang B by its recursion, which does not overflow.
  let blocked = 1
  for (let n = 1; n <= servers; n++) blocked = (load * blocked) / (n + load * blocked)
  const busy = load / servers
  return blocked / (1 - busy + busy * blocked)
}

/** Mean wait of M/M/c, in units of the mean service time. */
export function waitMMC(servers: number, load: number): number {
  return load >= servers ? Number.POSITIVE_INFINITY : erlangC(servers, load) / (servers - load)
}

/**
 * Mean wait of M/G/c by Allen and Cunneen, in units of the mean service time; exact for one server
 * (Pollaczek and Khinchine). `spread` is the squared coefficient of variation of service.
 */
export function waitMGC(servers: number, load: number, spread: number): number {
  return ((1 + spread) / 2) * waitMMC(servers, load)
}
