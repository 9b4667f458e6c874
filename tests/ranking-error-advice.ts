/** As `error-advice.ts`, of models, their training and their evaluation. */
import type { Advice } from './error-advice.ts'

export const rankingErrorAdvice = {
  MODEL_UNFIT: {
    when:
      'A model file is damaged, is not ONNX, or wants other features than this version has. It ' +
      'does not serve; the one before it stays, else the light rung.',
    next: 'Remove it from `models/` of the data directory. A ranker is trained at start, what lies in `models/fitted/` by `pinwheel train`.',
  },
  MODEL_TOO_LARGE: {
    when: 'A matrix of items by items, or factors, would take more memory than is set or there. `best` goes on without it.',
    next: 'Use a model that keeps neighbours, such as rp3beta; of factors fewer dimensions or negatives.',
  },
  RULES_INVALID: {
    when:
      'The document of slate rules is not JSON, or says what no rule can be. A server that starts ' +
      'ends; one that runs keeps the rules it has.',
    next: 'Correct what the message names; a running server reads the file again by itself.',
  },
  MODEL_UNKNOWN: {
    when: '`evaluate --model` or `--against` names none of its models.',
    next: 'Use one that the message lists.',
  },
  TRAINING_DATA: {
    when: 'Too few shown or saved pins to learn from. The light rung answers.',
    next: 'Send `impression` entries beside the saves; it is tried again at the next start.',
  },
  TRAINING_DIVERGED: {
    when: 'A step of training gave a loss that is not a finite number. The model that serves stays.',
    next: 'Lower the learning rate; look for features without bounds.',
  },
  CHECKPOINT_UNFIT: {
    when: 'A checkpoint is damaged, or of another network, batch or seed. Nothing of it is used.',
    next: 'Remove it: training starts anew.',
  },
  CHECKPOINT_FAILED: {
    when: 'The disk is full or refuses. The checkpoint before it stays whole, and so does the model that serves.',
    next: 'Make room; training goes on from the checkpoint before.',
  },
  FACTORS_OPTIONS: {
    when: 'A fit of factors was asked with an option outside of its range.',
    next: 'Give what the message expects.',
  },
  FACTORS_DATA: {
    when: 'The rows to fit factors to have no pair of a user and an item.',
    next: 'Fit when there are saves.',
  },
  FACTORS_THREAD_LOST: {
    when: 'A thread of a fit ran out of memory or was ended from outside.',
    next: 'Fit again; the former factors still serve.',
  },
  ANN_OPTIONS: {
    when: 'Vector search was opened or asked with something out of range, or a file has other options.',
    next: 'Correct the option that the message names.',
  },
  ANN_VECTOR: {
    when: 'A vector has another number of dimensions, a number that is not finite, or no direction.',
    next: 'Look at what makes the vectors; nothing was changed.',
  },
  ANN_ID_TAKEN: {
    when: 'A vector was added under an id that has one.',
    next: 'Use `set` where it is meant to be replaced.',
  },
  ANN_FULL: {
    when: 'All cells of the searching threads are in use.',
    next: 'Send larger batches, or open it with more threads or cells.',
  },
  ANN_CLOSED: {
    when: 'Vector search was asked or changed after it was closed, or closed during a rebuild.',
    next: 'Open another.',
  },
  ANN_THREAD_LOST: {
    when: 'Two searching threads died of one batch, or three did not come up.',
    next: 'Read the reason in the message: memory, or a file of a graph that went away.',
  },
  ANN_TASK_LOST: {
    when: 'The thread of a rebuild, a save or a load died.',
    next: 'Read the reason; what is searched is as it was before.',
  },
  ANN_NATIVE_MISSING: {
    when: 'A graph is to be built where hnswlib-node could not be compiled at installation.',
    next: 'Install what the message names. Until then all vectors are scanned.',
  },
  FORMAT_UNKNOWN: {
    when: 'A file format is none of those that the command reads.',
    next: 'Use one that the message lists.',
  },
  DATASET_MISSING: {
    when: 'A data file is missing, unreadable or no such data.',
    next: 'Check the path and the format.',
  },
  DATASET_BROKEN: {
    when: '`evaluate` met more rows that do not fit their columns than it may leave out.',
    next: 'Look at the reasons; mend the file, or raise `--broken-max`.',
  },
  EVALUATION_OPTIONS: {
    when: '`evaluate` was given a rule, a split or a model that is none, or not for this data.',
    next: 'Use what the message expects.',
  },
  EVALUATION_DATA: {
    when: 'The data has no times, no test, or no saves to choose settings by.',
    next: 'Choose another `--split`, another `--save`, or more data.',
  },
  LOGGED_ROW_INVALID: {
    when: 'A row of a log to ask about another policy has a propensity of 0, above 1 or none, a probability that is none, or no reward.',
    next: 'Mend what writes the log: without the propensity that a row was shown with it says nothing of other policies.',
  },
  AUC_UNDEFINED: {
    when: 'No user has both saved and unsaved rows in the test, so nothing can be told apart.',
    next: 'Choose another `--save` or `--split`; without `--save` all rows are saves.',
  },
} as const satisfies Readonly<Record<string, Advice>>
