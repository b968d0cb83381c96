/**
 * A reporter for vitest that writes the totals of a run to the file named by DSTREAMS_TOTALS:
 * `{ passed, failed, skipped: [{ name, reason }] }`. A file that fails to load counts as one failed test. The reason of
 * a skip is that of `context.skip('reason')`, or stands in parentheses at the end of the test's title.
 */
import { writeFileSync } from 'node:fs'

export default class Totals {
  onTestRunEnd(modules, unhandledErrors) {
    const totals = { passed: 0, failed: 0, skipped: [] }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, note } = test.result()
        if (state === 'passed') totals.passed++
        else if (state === 'skipped')
          totals.skipped.push({
            name: `${module.relativeModuleId}: ${test.fullName}`,
            reason: note ?? /\(([^()]+)\)$/.exec(test.name)?.[1],
          })
        else totals.failed++
      }
      totals.failed += countErrors(module)
    }
    totals.failed += unhandledErrors.length
    writeFileSync(process.env.DSTREAMS_TOTALS, JSON.stringify(totals))
  }
}

/** Errors outside of tests: a file that can't be loaded, a hook that failed. */
function countErrors(collection) {
  let count = collection.errors().length
  for (const suite of collection.children.suites()) count += countErrors(suite)
  return count
}
