/**
 * Files that take longest begin first, so that no core waits for one that began last. vitest knows
 * durations of the run before; after a fresh installation it goes by size, and some of the longest
 * are short files.
 */
import { existsSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Ten seconds and more each. */
const longest = [
  'tests/crash/crash.process.test.ts',
  'simulator/checkers/process/process-chaos.process.test.ts',
  'tests/bench.process.test.ts',
  'simulator/report/chaos-report.process.test.ts',
  'tests/bench.test.ts',
  'serving/cli/cli.process.test.ts',
  'actors/operations/erase.process.test.ts',
  'ranking/evaluation/evaluation.test.ts',
  'actors/hosts/embedded/snapshots.process.test.ts',
  'actors/hosts/embedded/revival.process.test.ts',
  'simulator/checkers/chaos-dapr.test.ts',
  'simulator/workload/stream/event-stream.property.test.ts',
  'simulator/ladder/ladder.test.ts',
  'actors/training/choose-teaching.test.ts',
  'actors/training/log-examples.test.ts',
  'serving/cli/graph.process.test.ts',
  'serving/cli/inspect.process.test.ts',
]
const placeOf = ({ moduleId }: TestSpecification) =>
  longest.findIndex((path) => moduleId.endsWith(`/${path}`))

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = longest.find((path) => !existsSync(path))
    if (gone !== undefined) throw new Error(`${gone} is not there; longest-first.ts names it`)
    const first = files.filter((file) => placeOf(file) >= 0)
    first.sort((a, b) => placeOf(a) - placeOf(b))
    const others = files.filter((file) => placeOf(file) < 0)
    return [...first, ...(await super.sort(others))]
  }
}
