/** The ways to run a golden job: live, drained, and all intervals in one run of statements; on both engines. */

import { intervalAt } from '../../src/interval/interval.ts'
import { sourcesOf } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { type CollectedRows, collectRows } from '../../src/sinks/collect-rows.ts'
import type { Block } from '../../src/sources/source.ts'
import { BlockFiles } from '../../src/store/block-files.ts'
import { buildPlan, job, type Scope } from '../../src/stream/job.ts'
import { compute, INTERVALS, newEngine } from '../laws/harness.ts'
import { FakeClock } from '../run/fakes.ts'

/** The rows of each sink by interval. */
export type Rows = Record<string, Record<number, readonly unknown[]>>

export interface Golden {
  readonly interval: string
  /** How many intervals the input is cut into. */
  readonly intervals: number
  /** Defines the job; `to(name)` makes a sink whose rows are compared. */
  define(s: Scope, to: (name: string) => CollectedRows<any>): void
  readonly expected: Rows
  /** Sinks whose rows come in an order of their own; of the others the rows are a bag. */
  readonly sorted?: readonly string[]
}

type Engine = 'memory' | 'duckdb'

export const WAYS: readonly (readonly [string, (golden: Golden) => Promise<Rows>])[] = (
  ['memory', 'duckdb'] as const
).flatMap((engine) => [
  [`${engine}, live`, (golden) => live(golden, engine)] as const,
  [`${engine}, drained`, (golden) => drained(golden, engine)] as const,
  [`${engine}, all intervals in one run`, (golden) => bulk(golden, engine)] as const,
])

/** The job, with what its sinks collect. */
function jobOf({ interval, define }: Golden) {
  const sinks = new Map<string, CollectedRows<any>>()
  const golden = job('golden', { interval }, (s) =>
    define(s, (name) => {
      const sink = collectRows()
      sinks.set(name, sink)
      return sink
    }),
  )
  const rows = (): Rows =>
    Object.fromEntries([...sinks].map(([name, sink]) => [name, Object.fromEntries(sink.intervals)]))
  return { golden, rows }
}

/** By the wall clock, which moves on when an interval is committed: so each interval is a run of its own. */
async function live(job: Golden, engine: Engine): Promise<Rows> {
  const { golden, rows } = jobOf(job)
  const clock = new FakeClock()
  const running = run(golden, { engine, clock, until: `${job.intervals}i` })
  running.on('interval', ({ together }) => {
    if (together !== 1) throw new Error(`${together} intervals were computed together`)
    clock.tick()
  })
  clock.tick()
  await running.finished
  return rows()
}

/** A clock that moves on as soon as somebody waits. */
class EagerClock extends FakeClock {
  override at(ms: number, callback: () => void): () => void {
    this.tick()
    return super.at(ms, callback)
  }
}

async function drained(job: Golden, engine: Engine): Promise<Rows> {
  const { golden, rows } = jobOf(job)
  await run(golden, { engine, clock: new EagerClock(), until: 'drained' }).finished
  return rows()
}

/** Cuts all intervals first, and then computes them with the statements of one run. */
async function bulk(job: Golden, engine: Engine): Promise<Rows> {
  const plan = buildPlan(jobOf(job).golden)
  const blocks = new Map<string, readonly Block[]>()
  for (const step of sourcesOf(plan)) {
    const open = await step.source.open({
      step: step.name,
      intervalMs: plan.intervalMs,
      blockFiles: new BlockFiles('not used'),
      directory: '.',
      now: () => 0,
      warn() {},
      fail(error) {
        throw error
      },
    })
    for (let index = 0; index < job.intervals; index++) {
      const cut = await open.cut(intervalAt(INTERVALS(plan.intervalMs), index), true)
      blocks.set(`${step.id} ${index}`, cut.blocks)
    }
    await open.close()
  }
  const input = (source: number, interval: number) => blocks.get(`${source} ${interval}`)!
  const outputs = await compute(plan, newEngine(engine), input, job.intervals, [job.intervals])
  return Object.fromEntries([...outputs].map(([name, rows]) => [name, Object.fromEntries(rows)]))
}
