/**
 * Deliberate faults: the comparisons that the laws make must notice each of them, and nothing where there is none.
 *
 * A fault changes what an engine is asked to do; everything else is the memory engine and the law's own reference.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engines/engine.ts'
import type { FunctionFailures } from '../../src/engines/failures.ts'
import { MemoryEngine } from '../../src/engines/memory/engine.ts'
import type { Intervals } from '../../src/interval/interval.ts'
import type { Analysis } from '../../src/plan/analysis.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { EngineStatement, Relation, Series } from '../../src/plan/relation.ts'
import type { Block } from '../../src/sources/source.ts'
import { buildPlan } from '../../src/stream/job.ts'
import { compute, type Outputs, rowsInput, text } from './harness.ts'
import { cuts, jobOf, jobs, runLengths } from './jobs.ts'
import { Reference } from './reference.ts'

type Executed = EngineStatement

interface Fault {
  readonly title: string
  /** What is executed instead of a statement. */
  statement?(statement: Executed): Executed | undefined
  /** What is evaluated instead of a relation, wherever it stands. */
  relation?(relation: Relation): Relation
  /** What is delivered instead of the rows. */
  rows?(rows: readonly unknown[]): readonly unknown[]
  load?(blocks: readonly Block[]): readonly Block[]
}

/** Changes a relation and everything inside it. */
function everywhere(change: (relation: Relation) => Relation): (relation: Relation) => Relation {
  const visit = (relation: Relation): Relation => {
    const changed = change(relation) as any
    if (changed.input) return { ...changed, input: visit(changed.input) }
    if (changed.inputs) return { ...changed, inputs: changed.inputs.map(visit) }
    if (changed.kind === 'merge')
      return { ...changed, plus: changed.plus.map(visit), minus: changed.minus.map(visit) }
    if (changed.kind === 'consolidate')
      return { ...changed, plus: visit(changed.plus), minus: changed.minus && visit(changed.minus) }
    return changed
  }
  return visit
}

class FaultyEngine implements Engine {
  readonly name = 'faulty'
  readonly #inner: Engine = new MemoryEngine()
  readonly #fault: Fault
  readonly #relation: (relation: Relation) => Relation

  constructor(fault: Fault) {
    this.#fault = fault
    this.#relation = everywhere(fault.relation ?? ((relation) => relation))
  }

  prepare(analysis: Analysis): Promise<void> {
    return this.#inner.prepare(analysis)
  }
  write(series: Series, at: number, rows: readonly unknown[]): Promise<void> {
    return this.#inner.write(series, at, rows)
  }
  start(intervals: Intervals): void {
    this.#inner.start(intervals)
  }
  failures(): readonly FunctionFailures[] {
    return this.#inner.failures()
  }
  load(source: number, interval: number, blocks: readonly Block[]): void {
    this.#inner.load(source, interval, this.#fault.load?.(blocks) ?? blocks)
  }
  async execute(statement: Executed): Promise<void> {
    const changed = this.#fault.statement ? this.#fault.statement(statement) : statement
    if (!changed) return
    const visit = this.#relation
    if (changed.kind === 'fold')
      return this.#inner.execute({
        ...changed,
        plus: changed.plus.map(visit),
        minus: changed.minus.map(visit),
      })
    if (changed.kind === 'make' || changed.kind === 'append')
      return this.#inner.execute({ ...changed, relation: visit(changed.relation) } as Executed)
    return this.#inner.execute(changed)
  }
  async read(relation: Relation): Promise<readonly unknown[]> {
    const rows = await this.#inner.read(this.#relation(relation))
    return this.#fault.rows?.(rows) ?? rows
  }
  writeParquet(relation: Relation, path: string): Promise<number> {
    return this.#inner.writeParquet(relation, path)
  }
  unload(before: number): ReturnType<Engine['unload']> {
    return this.#inner.unload(before)
  }
  close(): Promise<void> {
    return this.#inner.close()
  }
}

const FAULTS: readonly Fault[] = [
  {
    title: 'a fold forgets what leaves',
    statement: (one) => (one.kind === 'fold' ? { ...one, minus: [] } : one),
  },
  {
    title: 'a fold forgets what enters',
    statement: (one) => (one.kind === 'fold' && one.at === 2 ? { ...one, plus: [] } : one),
  },
  {
    title: 'a fold adds twice',
    statement: (one) => (one.kind === 'fold' ? { ...one, plus: [...one.plus, ...one.plus] } : one),
  },
  {
    title: 'a fold is left out',
    statement: (one) => (one.kind === 'fold' && one.at === 1 ? undefined : one),
  },
  {
    title: 'a fold keeps no changes',
    statement: (one) => (one.kind === 'fold' ? { ...one, changes: false } : one),
  },
  {
    title: 'an append is left out',
    statement: (one) =>
      one.kind === 'append' && (one.relation.shape.interval as { at?: number }).at === 1 ? undefined : one,
  },
  {
    title: 'a read begins one interval late',
    relation: (one) => (one.kind === 'read' && one.to - one.from > 1 ? { ...one, from: one.from + 1 } : one),
  },
  {
    title: 'a read ends one interval early',
    relation: (one) => (one.kind === 'read' && one.to - one.from > 1 ? { ...one, to: one.to - 1 } : one),
  },
  {
    title: 'a read is of the interval before',
    relation: (one) => (one.kind === 'read' ? { ...one, from: one.from - 1, to: one.to - 1 } : one),
  },
  {
    title: 'a series is forgotten too early',
    statement: (one) =>
      one.kind === 'forget' && one.series.part !== 'before' && one.series.part !== 'after'
        ? { ...one, before: one.before + 3 }
        : one,
  },
  { title: 'records carry no ordinal', load: (blocks) => blocks.map((block) => ({ ...block, from: 0 })) },
  {
    title: 'partitions are mixed up',
    load: (blocks) => blocks.map((block) => ({ ...block, partition: 'a' })),
  },
  {
    title: 'a record is lost',
    load: (blocks) => blocks.map((block) => ({ ...block, rows: (block.rows ?? []).slice(0, 3) })),
  },
  {
    title: 'a record comes twice',
    load: (blocks) =>
      blocks.map((block) => ({ ...block, rows: [...(block.rows ?? []), ...(block.rows ?? []).slice(0, 1)] })),
  },
  {
    title: 'a filter is left out',
    relation: (one) =>
      one.kind === 'select'
        ? {
            ...one,
            step: {
              ...one.step,
              operations: one.step.operations.filter((operation) => operation.kind !== 'filter'),
            },
          }
        : one,
  },
  {
    title: 'a sample has another seed',
    relation: (one) =>
      one.kind === 'select'
        ? {
            ...one,
            step: {
              ...one.step,
              operations: one.step.operations.map((operation) =>
                operation.kind === 'sample' ? { ...operation, seed: 'other' } : operation,
              ),
            },
          }
        : one,
  },
  {
    title: 'a union loses a branch',
    relation: (one) => (one.kind === 'union' ? { ...one, inputs: one.inputs.slice(0, 1) } : one),
  },
  {
    title: 'a limit is one too high',
    relation: (one) =>
      one.kind === 'order' && one.step.limit !== undefined
        ? { ...one, step: { ...one.step, limit: one.step.limit + 1 } }
        : one,
  },
  {
    title: 'orders are turned round',
    relation: (one) =>
      one.kind === 'order'
        ? {
            ...one,
            step: {
              ...one.step,
              orders: one.step.orders.map((order) => ({
                ...order,
                direction: order.direction === 'asc' ? 'desc' : 'asc',
              })),
            },
          }
        : one,
  },
  {
    title: 'changes forget what is gone',
    relation: (one) => (one.kind === 'consolidate' ? { ...one, minus: undefined } : one),
  },
  {
    title: 'changes have no key',
    relation: (one) => (one.kind === 'consolidate' ? { ...one, key: undefined } : one),
  },
  {
    title: 'a reduction takes its values in the other order',
    relation: (one) => {
      if (one.kind !== 'partial') return one
      const aggregates = one.shape.step.aggregates.map((aggregate) =>
        aggregate.merge
          ? {
              ...aggregate,
              merge: { ...aggregate.merge, fn: (a: unknown, b: unknown) => aggregate.merge!.fn(b, a) },
            }
          : aggregate,
      )
      return { ...one, shape: { ...one.shape, step: { ...one.shape.step, aggregates } } }
    },
  },
  {
    title: 'accumulators of a run are not told apart by interval',
    relation: (one) =>
      one.kind === 'partial' && one.shape.interval === 'column'
        ? { ...one, shape: { ...one.shape, interval: 'none' } }
        : one,
  },
  {
    title: 'a negative zero comes out',
    rows: (rows) =>
      rows.map((row) =>
        typeof row === 'object' && row !== null
          ? Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === 0 ? -0 : value]))
          : row,
      ),
  },
  {
    title: 'the last bit of a number is another',
    rows: (rows) =>
      rows.map((row) =>
        typeof row === 'object' && row !== null
          ? Object.fromEntries(
              Object.entries(row).map(([name, value]) => [
                name,
                typeof value === 'number' && !Number.isInteger(value) ? value * (1 + 2 ** -52) : value,
              ]),
            )
          : row,
      ),
  },
  {
    title: 'null and a missing field are mixed up',
    rows: (rows) =>
      rows.map((row) =>
        typeof row === 'object' && row !== null
          ? Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
          : row,
      ),
  },
]

/** Outputs as the laws compare them, as one text. */
const oneText = (outputs: Outputs, plan: Plan): string =>
  JSON.stringify(Object.entries(text(outputs, plan)).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Random jobs and inputs, the same in every run of the tests. */
const SAMPLE = fc.sample(fc.tuple(jobs, cuts, runLengths), { seed: 1, numRuns: 150 })

/** How many jobs it takes until a fault shows; `undefined` if it never does. */
async function noticedAfter(fault: Fault): Promise<number | undefined> {
  for (const [index, [branches, cut, lengths]] of SAMPLE.entries()) {
    const plan = buildPlan(jobOf(branches))
    const input = rowsInput(cut)
    const expected = oneText(new Reference(plan, input).outputs(cut.length), plan)
    for (const runs of [[1], lengths]) {
      let found: string
      try {
        found = oneText(await compute(plan, new FaultyEngine(fault), input, cut.length, runs), plan)
      } catch {
        return index + 1
      }
      if (found !== expected) return index + 1
    }
  }
  return undefined
}

describe('the laws notice', { timeout: 60_000 }, () => {
  test.each(FAULTS.map((fault) => [fault.title, fault] as const))('%s', async (_, fault) => {
    expect(await noticedAfter(fault)).toBeLessThanOrEqual(SAMPLE.length)
  })

  test('nothing where there is no fault', async () => {
    expect(await noticedAfter({ title: 'none' })).toBeUndefined()
  })
})
