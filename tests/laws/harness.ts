/** Runs a plan's statements over given intervals, without clock, sources or sinks: what the laws are checked on. */

import { DuckDBEngine } from '../../src/engines/duckdb/engine.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { MemoryEngine } from '../../src/engines/memory/engine.ts'
import { intervalAt } from '../../src/interval/interval.ts'
import { Analysis } from '../../src/plan/analysis.ts'
import { type Plan, sourcesOf } from '../../src/plan/plan.ts'
import type { Apply } from '../../src/plan/relation.ts'
import { statementsOf } from '../../src/plan/statements.ts'
import type { ApplyStep } from '../../src/plan/step.ts'
import { apply } from '../../src/run/apply.ts'
import { systemClock } from '../../src/run/clock.ts'
import { compareValues, keyText } from '../../src/schema/order.ts'
import type { Block } from '../../src/sources/source.ts'

/** What each sink got, by name and interval. */
export type Outputs = Map<string, Map<number, readonly unknown[]>>

/** Blocks by source step and interval. */
export type Input = (source: number, interval: number) => readonly Block[]

export const INTERVALS = (lengthMs: number) => ({ originMs: 0, lengthMs })

export const newEngine = (name: 'memory' | 'duckdb'): Engine =>
  name === 'memory' ? new MemoryEngine() : new DuckDBEngine()

/**
 * Computes intervals `[0, count)` in runs of these lengths (the last one repeated) and returns all deliveries.
 */
export async function compute(
  plan: Plan,
  engine: Engine,
  input: Input,
  count: number,
  runs: readonly number[],
): Promise<Outputs> {
  const outputs: Outputs = new Map()
  const analysis = new Analysis(plan)
  try {
    await engine.prepare(analysis)
    engine.start(INTERVALS(plan.intervalMs))
    let from = 0
    for (let number = 0; from < count; number++) {
      const to = Math.min(count, from + (runs[Math.min(number, runs.length - 1)] ?? 1))
      for (let interval = from; interval < to; interval++)
        for (const source of sourcesOf(plan)) engine.load(source.id, interval, input(source.id, interval))
      for (const statement of statementsOf(analysis, { from, to }, INTERVALS(plan.intervalMs))) {
        if (statement.kind === 'apply') await applied(plan, engine, statement)
        else if (statement.kind !== 'deliver') await engine.execute(statement)
        else {
          const { name } = plan.steps[statement.sink]!
          const intervals = outputs.get(name) ?? new Map<number, readonly unknown[]>()
          outputs.set(name, intervals.set(statement.at, await engine.read(statement.relation)))
        }
      }
      await engine.unload(to)
      from = to
    }
    return outputs
  } finally {
    await engine.close()
  }
}

/** What the driver does for a function that gets a whole dataset. */
async function applied(plan: Plan, engine: Engine, { series, at, input }: Apply): Promise<void> {
  const step = plan.steps[series.step] as ApplyStep
  const rows = await apply(step, await engine.read(input), plan.steps[step.parents[0]!]!.kind === 'order', {
    job: plan.job,
    interval: intervalAt(INTERVALS(plan.intervalMs), at),
    clock: systemClock,
    signal: new AbortController().signal,
  })
  await engine.write(series, at, rows)
}

/** One block of rows per interval, partitions `a`, `b` ... with contiguous ordinals. */
export function rowsInput(cut: readonly (readonly (readonly unknown[])[])[]): Input {
  const next = new Map<string, number>()
  const blocks = cut.map((partitions) =>
    partitions.map((rows, index): Block => {
      const partition = String.fromCharCode(97 + index)
      const from = next.get(partition) ?? 0
      next.set(partition, from + rows.length)
      return { format: 'rows', partition, from, records: rows.length, bytes: 0, rows }
    }),
  )
  return (_source, interval) => blocks[interval] ?? []
}

/** Outputs as comparable text: bags sorted, sorted steps in their order; numbers told apart to the last bit. */
export function text(outputs: Outputs, plan: Plan): Record<string, string[]> {
  const texts: Record<string, string[]> = {}
  for (const step of plan.steps) {
    if (step.kind !== 'sink') continue
    const parent = plan.steps[step.parents[0]!]!
    const isSorted = parent.kind === 'order'
    for (const [interval, rows] of outputs.get(step.name) ?? [])
      texts[`${step.name} @ ${interval}`] = (isSorted ? [...rows] : rows.toSorted(compareValues)).map(bits)
  }
  return texts
}

/** Every bit of a value: unlike JSON it tells -0 from 0 and keeps NaN and the infinities. */
const bits = (value: unknown): string =>
  typeof value === 'number' && Object.is(value, -0)
    ? '-0'
    : typeof value === 'object' && value !== null
      ? `{${Object.entries(value)
          .map(([name, part]) => `${name}:${bits(part)}`)
          .join()}}`
      : keyText(value)
