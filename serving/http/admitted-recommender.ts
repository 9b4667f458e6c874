/** The recommender, taking only calls that are admitted. */
import type { Admission } from './admission.ts'
import type { Recommender } from './recommender-port.ts'

/** So many entries are as much work as one request. */
const ENTRIES_PER_CALL = 100

export function admittedRecommender(inner: Recommender, admission: Admission): Recommender {
  return {
    ingest: (entries) =>
      admission.write(() => inner.ingest(entries), Math.max(1, entries.length / ENTRIES_PER_CALL)),
    recommend: (ask) =>
      ask.after === undefined
        ? admission.time(() => inner.recommend(ask))
        : admission.run(() => inner.recommend(ask)),
    forBoard: (ask) =>
      ask.after === undefined
        ? admission.time(() => inner.forBoard(ask))
        : admission.run(() => inner.forBoard(ask)),
    related: (ask) => admission.time(() => inner.related(ask)),
    pin: (id) => admission.run(() => inner.pin(id)),
    userState: (id, after) => admission.run(() => inner.userState(id, after)),
    users: (limit) => admission.run(() => inner.users(limit)),
    models: () => inner.models(),
    status: () => inner.status(),
    lags: () => inner.lags(),
    stream: () => inner.stream(),
    counters: () => ({ ...inner.counters(), requests_refused: admission.refused }),
  }
}
