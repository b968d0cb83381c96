/**
 * Law 2: run once over the whole input, a job gives what the stream gave, however the input was cut into intervals.
 *
 * It holds for what does not mention the interval: stateless operators (all rows together) and running aggregates whose
 * result does not depend on the order of arrival across partitions (the final content). See docs/operators.md.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  collect,
  count,
  countDistinct,
  desc,
  job,
  last,
  max,
  mean,
  min,
  sum,
  topK,
  variance,
} from '../../src/index.ts'
import { compareValues, keyText } from '../../src/schema/order.ts'
import { fromArray } from '../../src/sources/from-array.ts'
import { buildPlan } from '../../src/stream/job.ts'
import { compute, newEngine, type Outputs, rowsInput } from './harness.ts'
import { CLICK, type Click, cuts, PROBE } from './jobs.ts'

const seed = Number(process.env.DSTREAMS_SEED ?? Date.now() % 1_000_000)
const runs = Number(process.env.DSTREAMS_RUNS ?? 25)

const plan = buildPlan(
  job('law-2', { interval: '1s' }, (s) => {
    const clicks = s.from(fromArray([], CLICK))
    const stateless = clicks
      .union(clicks.filter((e) => e.n > 0))
      .sample(0.7, { seed: 'law' })
      .flatMap((e) => [e, { user: e.user.trim(), ms: e.ms / 3, n: e.n, ok: !e.ok, tag: e.tag }])
      .filter((e) => e.ok || e.ms > 0)
    stateless.to('all rows', PROBE)
    const byUser = stateless.groupBy((e) => ({ user: e.user }))
    const totals = byUser
      .aggregate({
        n: count(),
        total: sum((e) => e.ms),
        mean: mean((e) => e.ms),
        variance: variance((e) => e.n),
        least: min((e) => e.ms),
        most: max((e) => e.tag),
        tags: countDistinct((e) => e.tag),
        best: topK(
          2,
          desc((e) => e.ms),
        ),
      })
      .running()
    totals.to('running', PROBE)
    totals
      .groupBy((row) => ({ n: row.n }))
      .aggregate({ users: count(), total: sum((row) => row.total) })
      .to('aggregate of an aggregate', PROBE)
    // in one partition the order of arrival is that of positions, however it is cut
    clicks
      .groupBy((e) => ({ user: e.user }))
      .aggregate({ all: collect((e) => e.n), last: last((e) => e.tag) })
      .running()
      .to('in order', PROBE)
  }),
)

/** Rows of one partition, cut at these places. */
function cutAt(rows: readonly Click[], places: readonly number[]): Click[][][] {
  const ends = [...new Set(places.map((place) => place % (rows.length + 1)))].sort((a, b) => a - b)
  return [...ends, rows.length].map((end, index) => [rows.slice(ends[index - 1] ?? 0, end)])
}

const sorted = (rows: readonly unknown[]): readonly string[] => rows.toSorted(compareValues).map(keyText)

/** All rows of a stream; the final content of a table. */
function results(outputs: Outputs): Record<string, readonly string[]> {
  const final = (name: string): readonly unknown[] =>
    [...outputs.get(name)!.entries()].sort(([a], [b]) => a - b).at(-1)![1]
  return {
    'all rows': sorted([...outputs.get('all rows')!.values()].flat()),
    running: sorted(final('running')),
    'aggregate of an aggregate': sorted(final('aggregate of an aggregate')),
    'in order': sorted(final('in order')),
  }
}

describe(`law 2 (seed ${seed}, ${runs} cuts each)`, { timeout: 240_000 }, () => {
  for (const name of ['memory', 'duckdb'] as const)
    test(`on ${name} every cut gives what one interval over everything gives`, () =>
      fc.assert(
        fc.asyncProperty(
          cuts,
          fc.array(fc.nat(), { maxLength: 6 }),
          fc.integer({ min: 1, max: 4 }),
          async (cut, places, together) => {
            const rows = cut.flat(2)
            const whole = await compute(plan, newEngine(name), rowsInput([[rows]]), 1, [1])
            const pieces = cutAt(rows, places)
            const stream = await compute(plan, newEngine(name), rowsInput(pieces), pieces.length, [together])
            expect(results(stream)).toEqual(results(whole))
          },
        ),
        { seed, numRuns: runs },
      ))
})
