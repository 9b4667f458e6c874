/**
 * Operating errors: code, HTTP status, whether trying again helps, and message. A message gives the
 * value, the expectation and the next step; `{name}` is filled from the details. `docs/errors.md`
 * is checked against this table both ways.
 */

type Row = {
  readonly status: number
  readonly retry: 'never' | 'later'
  readonly message: string
}

export const errorTable = {
  // Requests
  BAD_REQUEST: row(400, 'never', 'The request does not fit: {reason}. See /openapi.json.'),
  BODY_TOO_LARGE: row(413, 'never', 'The body exceeds {limit} bytes. Send smaller batches.'),
  KEY_REQUIRED: row(401, 'never', 'This server needs a key. Send `authorization: Bearer KEY`.'),
  ROUTE_UNKNOWN: row(404, 'never', '{method} {path} does not exist. See /openapi.json.'),
  HOST_UNKNOWN: row(
    421,
    'never',
    'This server answers on loopback names only, not "{host}". Set PINWHEEL_KEY, or pass --open.',
  ),
  METHOD_UNFIT: row(405, 'never', '{method} does not fit {path}; known: {known}.'),
  MEDIA_TYPE_UNFIT: row(415, 'never', 'A body of type "{value}" is not read. Send {known}.'),
  HEADERS_TOO_LARGE: row(431, 'never', 'The request line and headers exceed {limit} bytes.'),
  REQUEST_SLOW: row(408, 'never', 'The request did not arrive within {ms} ms.'),
  PICTURE_UNKNOWN: row(404, 'never', 'No picture "{file}". The demo world has p0.png and so on.'),
  PAGES_MISSING: row(404, 'never', 'The pages are not built. Run `npm run prepare`.'),
  TOO_MANY_ENTRIES: row(413, 'never', '{count} entries; at most {limit} a request. Split them.'),
  USER_UNKNOWN: row(404, 'never', 'No user "{id}" has been seen. Send an event of theirs first.'),
  PIN_UNKNOWN: row(404, 'never', 'No pin "{id}" has been seen. Send its catalogue entry first.'),
  BOARD_UNKNOWN: row(404, 'never', 'No board "{id}" is known. Send its entry, or a save on it.'),
  GENERATION_UNKNOWN: row(400, 'never', 'Generation "{value}" is not one of {known}.'),
  POSITION_BAD: row(400, 'never', 'Position "{value}" is not one that this server gave.'),
  OVERLOADED: row(503, 'later', 'The server has {count} requests waiting. Try again later.'),
  DEADLINE: row(504, 'later', '{what} did not finish within {ms} ms. Try again later.'),
  STOPPING: row(503, 'later', 'The server is stopping. Try again later.'),
  INTERNAL: row(500, 'later', 'An unforeseen error happened; its log line has reference {ref}.'),

  // Entries
  ENTRY_INVALID: row(400, 'never', 'Field "{field}" is {value}; expected {expected}.'),
  ENTRY_FUTURE: row(400, 'never', 'Time {time} is {aheadMs} ms ahead; at most {limit} is taken.'),

  // Actors
  ACTOR_TYPE_UNKNOWN: row(404, 'never', 'No actor type "{type}". Known: {known}.'),
  METHOD_UNLISTED: row(404, 'never', 'Actor type {type} has no method "{method}".'),
  ARGUMENT_INVALID: row(400, 'never', '{type}.{method}: {reason}.'),
  ACTOR_ID_INVALID: row(400, 'never', 'Actor id {id} must be 1 to {limit} bytes of text.'),
  EMIT_REFUSED: row(500, 'never', '{type} cannot emit this: {reason}.'),
  READ_WROTE: row(500, 'never', '{type}.{method} is a read, but tried to change its state.'),
  TURN_FAILED: row(500, 'never', '{type}.{method} threw: {reason}.'),
  STATE_NEWER: row(500, 'never', 'State of {type} has version {version}; this code reads {known}.'),
  STATE_DAMAGED: row(500, 'never', 'State of {type} "{id}" is damaged: {reason}.'),
  STATE_CONFLICT: row(409, 'later', 'Another host wrote {type} "{id}" meanwhile. Try again.'),
  STATE_UNREACHABLE: row(
    503,
    'later',
    'State store "{store}" failed, and nobody knows if it wrote: {reason}. Read, then try again.',
  ),

  // Replays
  REPLAY_INVALID: row(400, 'never', 'A replay cannot have {what} {value}; expected {expected}.'),
  REPLAY_OTHER: row(
    409,
    'never',
    '{directory} holds another replay: {what} is {found}, not {value}. Choose another folder.',
  ),
  REPLAY_FAILED: row(500, 'never', 'The replay ended after {count} events: {reason}.'),

  // Log and data directory
  LOG_DAMAGED: row(
    500,
    'never',
    '{file} is damaged at byte {offset}: {reason}. Restore a copy, or serve --accept-data-loss.',
  ),
  LOG_NEWER: row(500, 'never', '{file} has format {version}; this program reads {known}. Upgrade.'),
  STORE_FAILED: row(500, 'later', 'The store of states at {path} failed: {reason}. Start again.'),
  STORE_DAMAGED: row(
    503,
    'later',
    'The state of {id} that had left memory is damaged; its thread reads all of its actors again.',
  ),
  LOG_WRITE_FAILED: row(503, 'later', 'The log could not be written: {reason}. Free the disk.'),
  INGEST_UNREACHABLE: row(503, 'later', 'NATS at {address} does not answer: {reason}. Start it.'),
  INGEST_BUSY: row(
    503,
    'later',
    '{bytes} bytes of partition {partition} wait for NATS; the limit is {limit}. Try again later.',
  ),
  INGEST_OTHER: row(
    500,
    'never',
    'The stream {stream} has {setting} {found}, not {expected}. Choose another cluster name.',
  ),
  INGEST_MISSING: row(
    404,
    'never',
    'NATS has no stream {stream}. Name the cluster as its hosts do (PINWHEEL_CLUSTER).',
  ),
  INGEST_READ: row(
    409,
    'later',
    '{count} readers have the stream {stream}. Stop hosts, rankers and the API; one that was killed ' +
      'is forgotten after ten minutes.',
  ),
  INGEST_REPLACED: row(409, 'later', 'Another reader took over partition {partition}.'),
  DIRECTORY_LOCKED: row(500, 'never', '{directory} is in use by process {pid}. Stop it first.'),
  DIRECTORY_INVALID: row(500, 'never', '{directory} is not a data directory: {reason}.'),
  DIRECTORY_UNWRITABLE: row(
    500,
    'never',
    '{directory} cannot be written: {reason}. Make it writable, or choose another with --data.',
  ),
  DIRECTORY_OCCUPIED: row(409, 'never', '{directory} is not empty. {next}.'),
  RESTORE_DIFFERS: row(
    500,
    'never',
    'The copy of {from} is not what was backed up: {reason}. {directory} is as it was.',
  ),
  BACKUP_OTHER: row(409, 'never', 'The backup {from} is of {found}, not of {expected}. {next}.'),
  RESTORE_UNFINISHED: row(
    500,
    'never',
    'The cluster "{cluster}" has a part of what was backed up: {reason}. Its hosts refuse it. ' +
      'Restore again with --replace.',
  ),
  CLUSTER_UNSETTLED: row(
    409,
    'later',
    'The cluster "{cluster}" is not at rest: {reason}. {next}; nothing was changed.',
  ),
  RESHARD_UNFINISHED: row(
    500,
    'never',
    'The cluster "{cluster}" is on its way to {partitions} partitions: {reason}. Its hosts refuse ' +
      'it. Run the same command again, or restore {backup}.',
  ),
  SNAPSHOT_DAMAGED: row(500, 'never', 'Snapshot {name} is damaged: {reason}. Build it again.'),
  SNAPSHOT_NEWER: row(500, 'never', 'Snapshot {name} has version {version}; known: {known}.'),
  BASE_DAMAGED: row(
    500,
    'never',
    'The base snapshot {file} is damaged at byte {offset}: {reason}. Restore a backup.',
  ),
  LOG_DROPPED: row(
    500,
    'never',
    'The log of {directory} begins at entry {first} of partition {partition}; what came before is ' +
      'in base snapshots alone, and {reason}.',
  ),
  LOG_SHORT: row(
    500,
    'never',
    'The stream {stream} ends at message {last}; documents have partition {partition} up to {known}. ' +
      'It has lost its end, or is another. Restore a backup.',
  ),
  TURN_ENDLESS: row(500, 'never', 'The turn did not end in {ms} ms; its thread was ended.'),
  SHARD_BEHIND: row(
    409,
    'later',
    'Shard {shard} of {type} has partition {partition} up to {position} only. Send what follows.',
  ),
  SHARD_ELSEWHERE: row(
    409,
    'later',
    'Shard {shard} of {type} is on another host. Ask Dapr for it.',
  ),
  SHARD_DOWN: row(503, 'later', 'The thread that has this actor ended and is started again.'),
  CAPACITY: row(507, 'never', '{what}: {count} exceeds the capacity {limit}. Raise {setting}.'),

  // Graph
  GRAPH_INPUT: row(400, 'never', 'The graph cannot be built: {reason}.'),
  GRAPH_MEMORY: row(507, 'later', 'No {bytes} bytes for the graph: {reason}. Use fewer edges.'),
  KERNEL_MISSING: row(500, 'never', 'The kernel {file} is not built. Run `npm run prepare`.'),
  WALK_OPTIONS: row(400, 'never', 'Walk option {option} is {value}; expected {expected}.'),
  WALK_POOL_FULL: row(503, 'later', '{count} queries wait for walking threads. Try again later.'),
  WALK_POOL_CLOSED: row(503, 'later', 'The pool of walking threads takes no more queries.'),
  WALK_QUERY_LARGE: row(
    413,
    'never',
    'The {what} takes up to {words} words; a cell has {limit}. Ask for less, or raise {setting}.',
  ),
  WALK_THREAD_LOST: row(
    500,
    'later',
    '{count} walking threads died: {reason}. Ask for less, or open another pool.',
  ),
  GRAPH_OPTIONS: row(400, 'never', 'Graph option {option} is {value}; expected {expected}.'),
  NEO4J_UNREACHABLE: row(
    503,
    'later',
    'No Neo4j answers at {address}: {reason}. Start it, or set PINWHEEL_NEO4J_URL.',
  ),
  NEO4J_REFUSED: row(
    502,
    'never',
    'Neo4j at {address} refuses user "{user}" ({reason}). ' +
      'Set PINWHEEL_NEO4J_USER and PINWHEEL_NEO4J_PASSWORD.',
  ),
  NEO4J_FAILED: row(502, 'never', 'Neo4j at {address} failed: {reason}. See its log.'),
  NEO4J_BUSY: row(409, 'later', 'Another push or sync wrote to Neo4j meanwhile. Run this again.'),
  NEO4J_OTHER_GRAPH: row(
    409,
    'never',
    'Neo4j holds {held}, which does not grow out of this log. Run `pinwheel graph push`.',
  ),

  // Models
  MODEL_UNFIT: row(500, 'never', 'Model {name} does not fit: {reason}.'),
  MODEL_TOO_LARGE: row(507, 'never', 'The model takes {bytes} bytes: {reason}.'),
  RULES_INVALID: row(400, 'never', 'The rules in {file} do not fit: {problems}'),
  MODEL_UNKNOWN: row(400, 'never', 'Model "{value}" is not one of {known}.'),
  TRAINING_DATA: row(500, 'never', 'The ranker cannot be trained: {reason}.'),
  TRAINING_DIVERGED: row(
    500,
    'never',
    'The loss of step {step} is {loss}: training diverged. Lower the learning rate, now {rate}.',
  ),
  CHECKPOINT_UNFIT: row(500, 'never', 'Checkpoint {file} does not fit: {reason}.'),
  CHECKPOINT_FAILED: row(507, 'later', 'Checkpoint {file} was not written: {reason}.'),
  FACTORS_OPTIONS: row(400, 'never', 'Factor option {option} is {value}; expected {expected}.'),
  FACTORS_DATA: row(400, 'never', 'No factors can be fitted: {reason}.'),
  FACTORS_THREAD_LOST: row(500, 'later', 'A thread that fits factors died: {reason}. Fit again.'),

  // Vectors
  ANN_OPTIONS: row(400, 'never', 'Vector option {option} is {value}; expected {expected}.'),
  ANN_VECTOR: row(400, 'never', 'The numbers of {what} do not fit: {reason}.'),
  ANN_ID_TAKEN: row(409, 'never', 'Vector {id} is there already. Set it to replace it.'),
  ANN_FULL: row(503, 'later', '{count} batches wait for searching threads. Try again later.'),
  ANN_CLOSED: row(503, 'later', 'This vector search is closed.'),
  ANN_THREAD_LOST: row(500, 'later', '{count} searching threads died: {reason}. Ask again.'),
  ANN_TASK_LOST: row(500, 'later', 'The thread of a vector {task} died: {reason}. Try again.'),
  ANN_NATIVE_MISSING: row(
    500,
    'never',
    'hnswlib-node is not compiled ({reason}). Install make, python3 and a C++ compiler, then run ' +
      '`npm run prepare`.',
  ),

  // Data sets and commands
  FORMAT_UNKNOWN: row(400, 'never', 'Format "{value}" is not one of {known}.'),
  DATASET_MISSING: row(400, 'never', '{path} cannot be read: {reason}.'),
  DATASET_BROKEN: row(
    400,
    'never',
    '{path}: {count} of {rows} rows cannot be read, at most {limit} may: {reason}. Mend them, or ' +
      'raise --broken-max.',
  ),
  EVALUATION_OPTIONS: row(400, 'never', 'Option {option} is {value}; expected {expected}.'),
  EVALUATION_DATA: row(400, 'never', 'This cannot be evaluated: {reason}.'),
  LOGGED_ROW_INVALID: row(400, 'never', 'Row {row}: {column} is {value}; expected {expected}.'),
  AUC_UNDEFINED: row(
    400,
    'never',
    'AUC needs users whose test rows are saves and others; none has both, {saved} of {rows} test ' +
      'rows are saves. Choose another --save or --split.',
  ),

  // The model of a cluster
  SCENARIO_UNKNOWN: row(400, 'never', 'Scenario "{value}" is not one of {known}.'),
  CLUSTER_OPTIONS: row(400, 'never', 'Option {option} is {value}; expected {expected}.'),
  CLUSTER_TOO_LARGE: row(
    400,
    'never',
    'No machine of the cost book carries {scenario}: it needs {needs}. Add one, or ask for less.',
  ),
  COST_BOOK_INVALID: row(400, 'never', 'The cost book {file} does not fit: {problems}'),
  CALIBRATION_INVALID: row(
    400,
    'never',
    'The calibration {file} does not fit: {problems} Make one with --calibrate.',
  ),
  CALIBRATION_FAILED: row(500, 'later', 'The bench {bench} gave no figures: {reason}.'),
  MEASUREMENT_INVALID: row(400, 'never', 'The measurement {file} does not fit: {problems}'),

  // The local cluster
  DAPR_FILE_INVALID: row(400, 'never', '{file} is not what Dapr reads: {problems}'),
  PROGRAM_MISSING: row(
    500,
    'never',
    '{name} is not on this machine. Install it: sh deploy/install/{script}.',
  ),
  PROGRAM_FAILED: row(500, 'never', '{name} {reason}. Its log {log} ends: {problems}'),
  POSTGRES_FAILED: row(502, 'never', '{name} failed on {address}: {problems}'),
  PORT_TAKEN: row(
    409,
    'never',
    'Port {port} of {name} is in use by {program}. Stop that, or take another port ({where}).',
  ),

  FILE_UNREADABLE: row(400, 'never', '{path} cannot be read: {reason}.'),
  EXPERIMENT_INVALID: row(400, 'never', 'This is no experiment: {problems}.'),
  FILE_UNWRITABLE: row(400, 'never', '{path} cannot be written: {reason}.'),
  CONFIG_INVALID: row(400, 'never', '{problems}'),
  PORT_IN_USE: row(500, 'never', '{host}:{port} is in use. Choose another with --port.'),
  ADDRESS_NEEDS_KEY: row(
    500,
    'never',
    'Listening on {host} shows the server to others. Set PINWHEEL_KEY, or pass --open.',
  ),
  ADDRESS_UNFIT: row(500, 'never', 'Cannot listen on {host}:{port}: {reason}. Choose another.'),
  TOKEN_REFUSED: row(
    401,
    'never',
    'The call has no token, or another than APP_API_TOKEN. Start daprd with the same one.',
  ),
  SIDECAR_MISSING: row(503, 'later', 'No Dapr sidecar answers at {address}. Start daprd.'),
  SIDECAR_OLD: row(
    500,
    'never',
    'The sidecar at {address} is of Dapr {version}; {least} or later is expected. Update it.',
  ),
  LIVE_OPTIONS: row(400, 'never', 'Option {option} is {value}; expected {expected}.'),
  TARGET_REMOTE: row(
    400,
    'never',
    'The target {host} is another machine. Pass --allow-remote if its owner agrees to the load.',
  ),
  TARGET_UNREACHABLE: row(
    503,
    'later',
    'No server answers at {address}: {reason}. Start one (`pinwheel serve`), or correct --target.',
  ),
  TARGET_UNFIT: row(
    502,
    'never',
    'What answers at {address} gives no feeds ({reason}). Correct --target.',
  ),
  CALL_UNANSWERED: row(
    503,
    'later',
    '{actor} did not answer {method} within {ms} ms. Send it again: its host may just have died.',
  ),
} as const satisfies Record<string, Row>

function row(status: number, retry: 'never' | 'later', message: string): Row {
  return { status, retry, message }
}
