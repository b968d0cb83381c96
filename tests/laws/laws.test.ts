/**
 * Laws 1, 2, 3 and 5 of the design as properties of random jobs over random cuts of random input.
 *
 * A failing case prints its seed and shrinks; run it again with DSTREAMS_SEED=... DSTREAMS_RUNS=...
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildPlan } from '../../src/stream/job.ts'
import { compute, newEngine, rowsInput, text } from './harness.ts'
import { cuts, describeBranches, jobOf, jobs, runLengths } from './jobs.ts'
import { Reference } from './reference.ts'

const seed = Number(process.env.DSTREAMS_SEED ?? Date.now() % 1_000_000)
const runs = Number(process.env.DSTREAMS_RUNS ?? 60)
const check = <T extends unknown[]>(property: fc.IAsyncProperty<T>): Promise<void> =>
  fc.assert(property, { seed, numRuns: runs })

describe(`laws (seed ${seed}, ${runs} jobs each)`, { timeout: 240_000 }, () => {
  test('3: what memory computes incrementally equals the plain recomputation at every interval', () =>
    check(
      fc.asyncProperty(jobs, cuts, async (branches, cut) => {
        const plan = buildPlan(jobOf(branches))
        const input = rowsInput(cut)
        const expected = new Reference(plan, input).outputs(cut.length)
        const found = await compute(plan, newEngine('memory'), input, cut.length, [1])
        expect(text(found, plan), describeBranches(branches)).toEqual(text(expected, plan))
      }),
    ))

  test('5: duckdb gives what memory gives, bit for bit', () =>
    check(
      fc.asyncProperty(jobs, cuts, async (branches, cut) => {
        const plan = buildPlan(jobOf(branches))
        const input = rowsInput(cut)
        const expected = await compute(plan, newEngine('memory'), input, cut.length, [1])
        const found = await compute(plan, newEngine('duckdb'), input, cut.length, [1])
        expect(text(found, plan), describeBranches(branches)).toEqual(text(expected, plan))
      }),
    ))

  for (const engine of ['memory', 'duckdb'] as const)
    test(`bulk on ${engine}: intervals computed together give what they give one by one`, () =>
      check(
        fc.asyncProperty(jobs, cuts, runLengths, async (branches, cut, lengths) => {
          const plan = buildPlan(jobOf(branches))
          const input = rowsInput(cut)
          const expected = await compute(plan, newEngine('memory'), input, cut.length, [1])
          const found = await compute(plan, newEngine(engine), input, cut.length, lengths)
          expect(text(found, plan), `${describeBranches(branches)} in runs of ${lengths}`).toEqual(
            text(expected, plan),
          )
        }),
      ))

  test('1: computing twice gives the same bits', () =>
    check(
      fc.asyncProperty(jobs, cuts, runLengths, async (branches, cut, lengths) => {
        const plan = buildPlan(jobOf(branches))
        const once = await compute(plan, newEngine('duckdb'), rowsInput(cut), cut.length, lengths)
        const again = await compute(plan, newEngine('duckdb'), rowsInput(cut), cut.length, lengths)
        expect(text(again, plan)).toEqual(text(once, plan))
      }),
    ))
})
