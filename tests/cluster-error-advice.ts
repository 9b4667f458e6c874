/** As `error-advice.ts`, of `simulate cluster`. */
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
} as const satisfies Readonly<Record<string, Advice>>
