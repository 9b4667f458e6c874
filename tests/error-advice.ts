/**
 * What the reference page says of each error beyond its row in the table: when it happens
 * and what to do. A code without advice does not compile.
 */
import type { ErrorCode } from '../base/index.ts'
import { clusterErrorAdvice } from './cluster-error-advice.ts'
import { rankingErrorAdvice } from './ranking-error-advice.ts'

export type Advice = { readonly when: string; readonly next: string }

export const errorAdvice: Readonly<Record<ErrorCode, Advice>> = {
  BAD_REQUEST: {
    when: 'A query, a path or the envelope of a body has another shape than the API document says.',
    next: 'Correct what the message names; nothing was written.',
  },
  BODY_TOO_LARGE: {
    when: 'The body is longer than 4 MiB.',
    next: 'Send fewer entries at once; nothing was written.',
  },
  KEY_REQUIRED: {
    when: 'The server has a key and the request brought none or another.',
    next: 'Send `authorization: Bearer KEY`.',
  },
  REPLAY_INVALID: {
    when: '`simulate replay` was asked for what no replay can be: no users, events before the first.',
    next: 'Correct what the message names; nothing was replayed.',
  },
  REPLAY_OTHER: {
    when: '`simulate replay --resume` found snapshots of a run with another seed or other options.',
    next: 'Give the options that run had, or another folder with `--data`.',
  },
  REPLAY_FAILED: {
    when: 'A thread of a replay ended, or an event could not be applied.',
    next: 'Read the reason; with `--data` the run goes on from its last snapshot with `--resume`.',
  },
  ROUTE_UNKNOWN: { when: 'No route has this address.', next: 'Look in `/openapi.json`.' },
  HOST_UNKNOWN: {
    when: 'A server without a key was asked by a name that is not a loopback name.',
    next: 'Ask by `127.0.0.1` or `localhost`, or start it with a key or `--open`.',
  },
  METHOD_UNFIT: {
    when: 'The address exists under another HTTP method.',
    next: 'Use a method that the message lists.',
  },
  MEDIA_TYPE_UNFIT: {
    when: 'A body is neither JSON nor NDJSON.',
    next: 'Send `application/json` or `application/x-ndjson`.',
  },
  HEADERS_TOO_LARGE: {
    when: 'Request line and headers exceed 64 KiB.',
    next: 'Shorten them, `exclude` above all.',
  },
  REQUEST_SLOW: {
    when: 'A request was not there whole after 30 s.',
    next: 'Look at the network between; send again.',
  },
  PICTURE_UNKNOWN: {
    when: 'A picture was asked that the demo world does not have.',
    next: 'Use the `image` that a pin carries.',
  },
  PAGES_MISSING: {
    when: 'The feed page was asked, but never built.',
    next: '`npm run prepare`, then start again. The API works without it.',
  },
  TOO_MANY_ENTRIES: {
    when: 'A request has more than 1,000 entries.',
    next: 'Split it; nothing was written.',
  },
  USER_UNKNOWN: {
    when: 'The state of a user was asked of whom no entry speaks.',
    next: 'Check the id. A feed needs no known user: a stranger gets a cold-start one.',
  },
  PIN_UNKNOWN: {
    when: 'A pin was asked that no entry names.',
    next: 'Check the id, or send its `pin` entry.',
  },
  BOARD_UNKNOWN: {
    when: 'Ideas were asked for a board that no entry names, or that was deleted.',
    next: 'Check the id, or send its `board` entry.',
  },
  GENERATION_UNKNOWN: {
    when: '`generation` is none of those that exist.',
    next: 'Use one that the message lists.',
  },
  POSITION_BAD: {
    when: '`after` is not a position of this log.',
    next: 'Pass the `position` of a 202 unchanged, to the server that gave it.',
  },
  OVERLOADED: {
    when: 'More requests wait than the server takes in.',
    next: 'Try again after `retry-after`, with growing pauses.',
  },
  DEADLINE: {
    when: 'A worker or a handler did not answer in time.',
    next: 'Try again; if it comes often, ask less or raise `requestDeadlineMs`.',
  },
  STOPPING: { when: 'The server has been told to end.', next: 'Try again when it runs.' },
  INTERNAL: {
    when: 'Something happened that nobody foresaw, or a worker thread died.',
    next: 'Find the reference in the server’s log and report it; restart if `/readyz` says so.',
  },
  ENTRY_INVALID: {
    when: 'One entry has a field that does not fit. The others of the request are taken.',
    next: 'Correct that entry and send it alone.',
  },
  ENTRY_FUTURE: {
    when: 'An entry’s time lies more than a day ahead of the server’s clock.',
    next: 'Send milliseconds since 1970; compare the clocks.',
  },
  ACTOR_TYPE_UNKNOWN: {
    when: 'A call names a type of actor that this host does not have.',
    next: 'Use a type that the message lists.',
  },
  METHOD_UNLISTED: {
    when: 'A call names a method that its actor type does not list.',
    next: 'Only methods listed in the `ActorType` can be called.',
  },
  ARGUMENT_INVALID: {
    when: 'An argument does not fit the method’s shape.',
    next: 'Correct what the message names; the actor was not touched.',
  },
  ACTOR_ID_INVALID: {
    when: 'An actor’s id is empty, too long or has control characters.',
    next: 'Use 1 to 200 bytes of text.',
  },
  EMIT_REFUSED: {
    when: 'A turn emitted what cannot go into the log, or outside a write. The turn never was.',
    next: 'See the reason; an error in the actor. Hosts behind Dapr keep no outbox.',
  },
  READ_WROTE: {
    when: 'A method listed as a read tried to change state. Nothing changed.',
    next: 'An error in the actor: list the method as a write.',
  },
  TURN_FAILED: {
    when: 'A method threw. Its changes were undone.',
    next: 'See the reason in the message; an error in the actor or in what it was given.',
  },
  STATE_NEWER: {
    when: 'A stored state was written by a newer version.',
    next: 'Run that version again, or a later one.',
  },
  STATE_DAMAGED: {
    when: 'A stored state has a wrong checksum or form, or a version without a migration.',
    next: 'Restore the store. Users and pins come back from the log.',
  },
  STATE_CONFLICT: {
    when: 'Under Dapr other hosts wrote the same document first, three times in a row.',
    next: 'Read, then try again; a copy of the call that Dapr repeated may have been first.',
  },
  STATE_UNREACHABLE: {
    when: 'Under Dapr the state store did not answer, or failed. A write may be there or not.',
    next: 'Look at the store. Entries of the log are sent again; read before asking again.',
  },
  LOG_DAMAGED: {
    when: 'At start a frame in the middle of the log is damaged, or a segment is missing.',
    next:
      'Restore that file from a copy, or start `serve --accept-data-loss`: it goes on without what ' +
      'cannot be read, keeps a copy of the segment beside it and says what is missing. A torn tail ' +
      'is cut off by itself and is not this.',
  },
  LOG_NEWER: {
    when: 'The log was written by a newer version.',
    next: 'Run that version or a later one on it.',
  },
  STORE_FAILED: {
    when: 'States that left memory could not be written or read: the disk is full, or the file is damaged.',
    next: 'Free the disk and start again: the file is made anew from the log.',
  },
  STORE_DAMAGED: {
    when:
      'A state in the file of those that left memory has a wrong checksum. The thread ends and its ' +
      'successor reads its actors again from the last snapshot and the log.',
    next: 'Send it again in a moment. If it comes back, look at the disk under `derived/`.',
  },
  LOG_WRITE_FAILED: {
    when:
      'The disk is full, or a write or fsync failed. What was not acknowledged may lie in another ' +
      'partition all the same.',
    next:
      'Free the disk and send the same entries again: ids make that safe. After a failed fsync ' +
      '`/readyz` is 503 and the server must be restarted; so must a NATS whose disk was full.',
  },
  INGEST_UNREACHABLE: {
    when: 'The NATS server of a cluster refuses connections or does not answer in time; nothing was acknowledged.',
    next: 'Start it, or correct its address; send the same entries again, under the same ids.',
  },
  INGEST_BUSY: {
    when: 'Entries of a partition come faster than NATS takes them.',
    next: 'Send them again later; nothing of the request was acknowledged.',
  },
  INGEST_OTHER: {
    when: 'A stream has the name of this cluster and other settings: another program made it, or the settings of the cluster were changed.',
    next: 'Give the cluster another name, set what it was made with, or change the stream with `nats stream edit`.',
  },
  INGEST_REPLACED: {
    when: 'A host reads a partition that another host has begun to read, as after a move.',
    next: 'Nothing; the older reader stops by itself.',
  },
  DIRECTORY_LOCKED: {
    when: 'Another process has the data directory.',
    next: 'Stop it, or take another directory. A dead owner’s lock is taken over.',
  },
  DIRECTORY_INVALID: {
    when: 'The path cannot be made, or its log has no readable `meta.json`.',
    next: 'Check the path; restore `log/meta.json`.',
  },
  DIRECTORY_UNWRITABLE: {
    when: 'At the start: the disk is read-only (EROFS) or full, or the rights are not ours.',
    next: 'Mount it for writing, give the rights or free it, then start again. Nothing was changed.',
  },
  BASE_DAMAGED: {
    when:
      'A file under `snapshots/` has a wrong checksum or length. A start goes on with the snapshot ' +
      'before it, or with the log alone; this is said when neither is possible.',
    next: 'Restore a backup. If the log is whole, remove the folder of that snapshot and start.',
  },
  LOG_DROPPED: {
    when: 'Segments of the log were dropped, and what they held is needed again.',
    next: 'Restore a backup. Set `PINWHEEL_LOG_MB` to 0 where the whole log is wanted.',
  },
  DIRECTORY_OCCUPIED: {
    when: 'A backup or a restore would write where something is already.',
    next:
      'Name another folder; `pinwheel restore --replace` moves what a data directory holds aside ' +
      'and puts the backup in its place.',
  },
  RESTORE_DIFFERS: {
    when:
      'A file of the backup is damaged or missing, or a server was started on the backup itself ' +
      'and changed it.',
    next: 'Restore another backup, or copy this one anew from where it came from.',
  },
  TURN_ENDLESS: {
    when: 'A method ran for so long without waiting that its thread had to be ended.',
    next: 'An error in the actor. Other actors of the thread are back in a moment.',
  },
  SHARD_BEHIND: {
    when: 'Behind Dapr a shard that came to another host has not all of the entries that were delivered to the one before.',
    next: 'Nothing: who delivers the log reads it again from there.',
  },
  SHARD_ELSEWHERE: {
    when: 'Deliveries for several shards came to a host that has some of them only.',
    next: 'Nothing: who delivers the log sends that to wherever Dapr says.',
  },
  SHARD_DOWN: {
    when: 'A worker thread ended. Its actors are read again from the last snapshot and the log.',
    next: 'Send it again in a moment.',
  },
  SNAPSHOT_DAMAGED: {
    when: 'A graph file has a wrong checksum or form, or cannot be read.',
    next: 'Build it again from the log.',
  },
  SNAPSHOT_NEWER: {
    when: 'A graph file was written by a newer version.',
    next: 'Build it again, or use that version.',
  },
  CAPACITY: {
    when:
      'More distinct ids than were reserved at start. The entries are in the log, but this run ' +
      'cannot apply them: `/readyz` is 503.',
    next: 'Raise the setting that the message names and start again.',
  },
  GRAPH_INPUT: {
    when:
      'Edges name a pin or board beyond the counts given with them, or are not as many, or not the ' +
      'same when they come again; or a file of edges is cut off.',
    next: 'An error in the caller of the builder; a file must not be written while it is read.',
  },
  GRAPH_MEMORY: {
    when: 'The arrays of a graph cannot be had, or one would be larger than 2^32 bytes.',
    next: 'Give the process more memory, or build from fewer edges.',
  },
  KERNEL_MISSING: {
    when: 'A WASM kernel, of walks, factors or implicit ALS, which the project builds, is not in `dist/`.',
    next: 'Run `npm run prepare`.',
  },
  WALK_OPTIONS: {
    when: 'An option of a walk lies outside its range.',
    next: 'Correct the option that the message names.',
  },
  WALK_POOL_FULL: {
    when: 'More queries wait for a pool of walking threads than it has cells.',
    next: 'Try again later; give the pool more threads or cells if it happens often.',
  },
  WALK_POOL_CLOSED: {
    when: 'A query came to a pool of walking threads that was told to close.',
    next: 'Ask another pool, or open one.',
  },
  WALK_QUERY_LARGE: {
    when: 'A query, or the answer it may have, takes more room than a cell of the pool has.',
    next: 'Ask for fewer pins, seeds or parts, or raise the option that the message names.',
  },
  WALK_THREAD_LOST: {
    when: 'Two walking threads died of one query, or three before they took any.',
    next: 'The cause is in the message; try the query with fewer steps or another graph.',
  },
  GRAPH_OPTIONS: {
    when: 'An option of pruning or of a look at a part of the graph lies outside its range.',
    next: 'Correct the option that the message names.',
  },
  NEO4J_UNREACHABLE: {
    when: 'Nothing speaks Bolt at the address, or the server went away and did not come back in time.',
    next: 'Start Neo4j or correct the address, and run the command again: a push goes on where it was.',
  },
  NEO4J_REFUSED: {
    when: 'Neo4j does not know user and password, or wants the password changed first.',
    next: 'Set both variables; the password has no flag, so that it is in no list of processes.',
  },
  NEO4J_FAILED: {
    when: 'Neo4j answered a statement with an error: out of memory or disk, no such database.',
    next: 'See the reason. What was committed stays; run the command again when it is put right.',
  },
  NEO4J_BUSY: {
    when: 'Two commands write to one Neo4j at a time. This one gave way.',
    next: 'Run it again when the other has ended.',
  },
  NEO4J_OTHER_GRAPH: {
    when:
      'A sync found a half-done push, a graph of another source, or of a log that was restored to ' +
      'an earlier state.',
    next: '`pinwheel graph push --data DIR` makes the two equal; then sync again.',
  },
  FILE_UNREADABLE: {
    when: 'A command cannot read the file it was told to read.',
    next: 'Check the path and its rights.',
  },
  EXPERIMENT_INVALID: {
    when: 'An experiment has no salt, no arm, two arms of one name, or a weight or share out of range; or counts are of arms that it has not.',
    next: 'Correct what the message names, before anybody was dealt to an arm.',
  },
  FILE_UNWRITABLE: {
    when: 'A command cannot write the file it was told to write.',
    next: 'Check the folder and its rights.',
  },
  CONFIG_INVALID: {
    when: 'A setting is unknown or out of range. All of them are named at once.',
    next: 'Correct them; see [configuration](configuration.md).',
  },
  PORT_IN_USE: { when: 'Another program has the port.', next: 'Take another with `--port`.' },
  ADDRESS_NEEDS_KEY: {
    when: 'The address to listen on can be reached from other machines, and there is no key.',
    next: 'Set `PINWHEEL_KEY`, or pass `--open` if everybody may ask.',
  },
  ADDRESS_UNFIT: {
    when: 'The address is not one of this machine, or may not be used.',
    next: 'Take one of this machine with `--host`.',
  },
  TOKEN_REFUSED: {
    when: 'A host was called without the token of its sidecar.',
    next: 'Give daprd and the host the same `APP_API_TOKEN`; whoever else reaches the port has none.',
  },
  SIDECAR_MISSING: {
    when: 'No Dapr sidecar answers, or it refused the call.',
    next: 'Start daprd beside the host, or pass its port with `--dapr-port`.',
  },
  LIVE_OPTIONS: {
    when: 'Options of `simulate live` are impossible, or exclude each other.',
    next: 'Correct what the message names.',
  },
  TARGET_REMOTE: {
    when: '`simulate live` was pointed at an address that is not a loopback one.',
    next: 'Pass `--allow-remote`, with the agreement of whoever owns the target.',
  },
  TARGET_UNREACHABLE: {
    when: '`simulate live` found nobody at its target before it began.',
    next: 'Start the server, or correct the address and the port.',
  },
  TARGET_UNFIT: {
    when: 'Before the load began, the target was asked for a feed and gave something else.',
    next: 'Give the address of a Pinwheel server, without a path.',
  },
  CALL_UNANSWERED: {
    when: 'A call of an actor through the sidecar was kept open longer than any turn takes; it was sent three times.',
    next: 'Send the request again. If it stays so, see whether the hosts of the actor are alive.',
  },
  ...rankingErrorAdvice,
  ...clusterErrorAdvice,
}
