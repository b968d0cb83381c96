/** Jobs with their rows per interval, the same however and wherever they are run. */
import { describe, expect, test } from 'vitest'
import { GOLDEN } from './jobs.ts'
import { type Rows, WAYS } from './ways.ts'

/** A bag as a list: its rows in the order of their text. */
const listed = (rows: Rows, sorted: readonly string[]): Rows =>
  Object.fromEntries(
    Object.entries(rows).map(([sink, intervals]) => [
      sink,
      sorted.includes(sink)
        ? intervals
        : Object.fromEntries(
            Object.entries(intervals).map(([interval, all]) => [
              interval,
              all.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
            ]),
          ),
    ]),
  )

describe.each(Object.keys(GOLDEN))('%s', (name) => {
  const golden = GOLDEN[name]!

  test('the expectation covers every sink and interval, and is not empty', () => {
    for (const intervals of Object.values(golden.expected)) {
      expect(Object.keys(intervals)).toHaveLength(golden.intervals)
      expect(Object.values(intervals).flat().length).toBeGreaterThan(golden.intervals / 2)
    }
  })

  test.each(WAYS)('%s', async (_way, compute) => {
    const found = await compute(golden)
    const { expected, sorted = [] } = golden
    expect(listed(found, sorted)).toStrictEqual(listed(expected, sorted))
  })
})
