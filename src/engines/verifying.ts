/**
 * A test mode: every relation with functions is computed twice, and a step whose rows differ stops the job.
 *
 * A dataset has to be a pure function of its parents (law 1), and a function of the user that reads a clock, draws
 * random numbers of its own, or remembers what it was called with is not. This finds out before a recovery does.
 */
import { DstreamsError } from '../errors.ts'
import type { Intervals } from '../interval/interval.ts'
import type { Analysis } from '../plan/analysis.ts'
import type { Watch } from '../plan/call.ts'
import { type EngineStatement, inputsOf, type Relation, type Series } from '../plan/relation.ts'
import type { Step } from '../plan/step.ts'
import { keyText } from '../schema/order.ts'
import type { Block } from '../sources/source.ts'
import type { Engine, SourceCounts } from './engine.ts'
import type { FunctionFailures } from './failures.ts'

export class VerifyingEngine implements Engine {
  readonly #inner: Engine

  constructor(inner: Engine) {
    this.#inner = inner
  }

  get name(): string {
    return this.#inner.name
  }

  prepare(analysis: Analysis): Promise<void> {
    return this.#inner.prepare(analysis)
  }

  start(intervals: Intervals, watch?: Watch): void {
    this.#inner.start(intervals, watch)
  }

  load(source: number, interval: number, blocks: readonly Block[]): void {
    this.#inner.load(source, interval, blocks)
  }

  async execute(statement: EngineStatement): Promise<void> {
    for (const relation of relationsOf(statement)) await this.#verify(relation)
    return this.#inner.execute(statement)
  }

  write(series: Series, at: number, rows: readonly unknown[]): Promise<void> {
    return this.#inner.write(series, at, rows)
  }

  async read(relation: Relation): Promise<readonly unknown[]> {
    await this.#verify(relation)
    return this.#inner.read(relation)
  }

  async writeParquet(relation: Relation, path: string): Promise<number> {
    await this.#verify(relation)
    return this.#inner.writeParquet(relation, path)
  }

  unload(before: number): Promise<readonly SourceCounts[]> {
    return this.#inner.unload(before)
  }

  failures(): readonly FunctionFailures[] {
    return this.#inner.failures()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  /** Computes what steps make inside a relation twice, inputs first, so that the first to differ is the one to blame. */
  async #verify(relation: Relation): Promise<void> {
    for (const input of inputsOf(relation)) await this.#verify(input)
    const made = rowsOf(relation)
    if (!made) return
    const [once, again] = [await this.#inner.read(made.rows), await this.#inner.read(made.rows)]
    compare(made.step, once, again)
  }
}

/** Compares the rows that a step gave, computed twice: as bags. Throws where they differ. */
export function compare(
  { name, kind }: Pick<Step, 'name' | 'kind'>,
  once: readonly unknown[],
  again: readonly unknown[],
): void {
  const [before, after] = [once, again].map((rows) => rows.map(keyText).sort()) as [string[], string[]]
  const place = before.findIndex((row, index) => row !== after[index])
  if (place === -1 && before.length === after.length) return
  const [first, second] = [before, after].map(
    (rows) => rows[place === -1 ? rows.length - 1 : place] ?? 'no row',
  )
  throw new DstreamsError('DS_FUNCTION', {
    what: `Step "${name}" (${kind}) gave other rows when it was computed again: ${first}, then ${second}.`,
    cure: 'Make its functions depend on their arguments only: the time is in ctx.interval, and ctx.random() draws numbers that stay the same.',
  })
}

/** What a step makes in a relation, as rows that can be read; of aggregates only what their functions made. */
function rowsOf(relation: Relation): { readonly step: Step; readonly rows: Relation } | undefined {
  switch (relation.kind) {
    case 'select':
    case 'order':
      return { step: relation.step, rows: relation }
    case 'partial':
    case 'merge': {
      const { step, interval } = relation.shape
      if (!step.aggregates.some(({ kind }) => kind === 'reduce')) return undefined
      const shape = { rows: 'records', type: step.type, interval, positions: 0 } as const
      return { step, rows: { kind: 'finish', input: relation, shape } }
    }
    default:
      return undefined
  }
}

function relationsOf(statement: EngineStatement): readonly Relation[] {
  switch (statement.kind) {
    case 'make':
    case 'append':
      return [statement.relation]
    case 'fold':
      return [...statement.plus, ...statement.minus]
    case 'forget':
      return []
    default:
      return statement satisfies never
  }
}
