/** As `error-advice.ts`, of clusters: `simulate cluster`, `cluster` and sidecars. */
import type { Advice } from './error-advice.ts'

export const clusterErrorAdvice = {
  SCENARIO_UNKNOWN: {
    when: '`simulate cluster` was asked for a scenario that does not exist.',
    next: 'Use one that the message lists.',
  },
  CLUSTER_OPTIONS: {
    when: 'A size is nothing that a service can have: no users, more active ones than there are, more feeds than they can look at.',
    next: 'Use what the message expects.',
  },
  CLUSTER_TOO_LARGE: {
    when: 'What must be in the memory of every host of a role is more than the largest machine of the cost book has.',
    next: 'Add a larger machine to the cost book, or keep fewer edges (`graph prune`).',
  },
  COST_BOOK_INVALID: {
    when: 'A price, a date or a source is missing from the cost book, or is no price. All holes are named at once, by entry and field.',
    next: 'Fill them; the one that comes with the program shows the form.',
  },
  CALIBRATION_INVALID: {
    when: 'A file of calibration lacks figures, or was written by another version.',
    next: 'Make one with `simulate cluster --calibrate FILE`.',
  },
  CALIBRATION_FAILED: {
    when: 'A bench that `--calibrate` runs ended without figures; it needs the repository and Linux.',
    next: 'Run that bench alone: `npm run bench -- NAME`.',
  },
  MEASUREMENT_INVALID: {
    when: '`--check` was given a file that is no prediction, or measurements that lack rates or percentiles.',
    next: 'Write the prediction with `--predict FILE`; measure with `simulate live --json`.',
  },
  DAPR_FILE_INVALID: {
    when: 'A dapr.yaml has keys that Dapr passes over, values of another kind, another version, or paths that lead nowhere. All are named at once.',
    next: 'Correct them; the one in the root of the project shows the form.',
  },
  PROGRAM_MISSING: {
    when: '`cluster` has to start a server that is not installed.',
    next: 'Run the script that the message names, or leave the server out with `--without` where that is possible.',
  },
  PROGRAM_FAILED: {
    when: 'A program of the local cluster did not start, or ended by itself; everything that was started is ended.',
    next: 'Read the end of its log in the message, or the whole file.',
  },
  SIDECAR_OLD: {
    when: 'A host, or the API of a cluster, has a sidecar of a release of Dapr that it was not tested with.',
    next: 'Update Dapr: `deploy/install/dapr.sh`, or the Helm chart on Kubernetes.',
  },
  PORT_TAKEN: {
    when: 'Another program has a port that the local cluster needs. A server of the right kind is used instead.',
    next: 'Stop that program, or change the port where the message says.',
  },
  LOG_SHORT: {
    when: 'Documents are newer than the log: NATS lost its disk, or the end of what it had not flushed, or PostgreSQL was restored alone. The partition is not delivered, for its next entries would be taken for known ones.',
    next: 'Restore log and documents of one backup.',
  },
  POSTGRES_FAILED: {
    when: '`pg_dump`, `pg_restore` or `psql` failed while documents of a cluster were saved, loaded or changed; the message has what it said.',
    next: 'Correct the connection (`--postgres`); install programs as new as the server. A load that fails changes nothing.',
  },
  INGEST_MISSING: {
    when: 'A backup or `log` was asked of a cluster of which this NATS has no stream: its hosts never ran with it.',
    next: 'Name the cluster as its hosts do, or ask the NATS that has it; hosts make it when they start.',
  },
  INGEST_READ: {
    when: 'A restore, or a `reshard`, would take a stream away under somebody who reads it.',
    next: 'Stop hosts, rankers and the API first. Readers that were killed are forgotten after ten minutes.',
  },
  BACKUP_OTHER: {
    when: 'A backup is of another cluster, of another number of partitions, or of a data directory where one of a cluster is wanted; or the NATS and the database that were to be backed up are of two clusters.',
    next: 'Do what the message says; nothing was changed.',
  },
  RESTORE_UNFINISHED: {
    when: 'A restore of a cluster failed after it had begun to fill the servers. Its stream has settings that hosts refuse (`INGEST_OTHER`), or is missing: start none then.',
    next: 'Mend what the message says and restore again with `--replace`.',
  },
  CLUSTER_UNSETTLED: {
    when: 'Another number of partitions was asked for of a cluster whose documents lack what its log has, or to which entries still come.',
    next: 'Do what the message says, wait until hosts have written (ten seconds), and run the command again.',
  },
  RESHARD_UNFINISHED: {
    when: 'A `reshard` failed, or was interrupted, after it had begun to change the cluster. Its stream has settings that hosts refuse (`INGEST_OTHER`), or is missing: start none then.',
    next: 'Mend what the message says and run the same command again with the same `--to`; or restore the backup that is in it, with `--replace` and the former number of partitions.',
  },
} as const satisfies Readonly<Record<string, Advice>>
