/**
 * The two kinds of series: `DStream`, what came in each interval, and `Table`, a whole content as of the end of each.
 * What both can do is in series.ts; here is what only one of them can, and how one becomes the other.
 */
import { DstreamsError } from '../errors.ts'
import { durationOf, textOf } from '../interval/duration.ts'
import type { ApplyContext } from '../plan/call.ts'
import type { FunctionOptions, Given, Returned } from '../plan/function-options.ts'
import { changesType } from '../plan/relations.ts'
import type { EmitStep, SelectStep, SourceStep, StateStep, Step, WindowStep } from '../plan/step.ts'
import { INTEGER, nullable, STRING, structOf, type Type } from '../schema/type.ts'
import type { Change, FailedRecord } from './records.ts'
import { Series } from './series.ts'

/** How `enrich` calls its function. */
export interface EnrichOptions extends FunctionOptions {
  /** At most so many rows per call; 100. */
  readonly size?: number
  /** At most so many calls at a time; 4. */
  readonly concurrency?: number
  /** How often a call that failed is made again, after 100 ms, then 200 ms, 400 ms and so on; 3 times. */
  readonly retries?: number
  /** After which time a call has failed: `30s`. Its signal is aborted then. */
  readonly timeout?: string
}

/** The context of the function of `enrich`. */
export type EnrichContextOf<G> = ApplyContext<Omit<G, keyof EnrichOptions>>

/**
 * A series of datasets holding what arrived, or was emitted, in each interval (DS-3).
 * @typeParam R what its `.rejects` holds
 */
export class DStream<T, R = FailedRecord> extends Series<'stream', T> {
  protected override on<R>(step: Step): DStream<R> {
    return new DStream<R>(this.builder, step)
  }

  protected override emitted(): DStream<T> {
    return this
  }

  /**
   * The records of the last `length`, as of the last multiple of `slide` since the epoch: a table whose content moves
   * (DS-19). Both are multiples of the job's interval; the slide is one interval where it is not given.
   * @example words.window('30s', { slide: '1s' }).groupBy(word => ({ word })).aggregate({ n: count() })
   */
  window(length: string, options: { slide?: string } = {}): Table<T> {
    const { intervalMs } = this.builder
    const lengthMs = durationOf(length, 'The length of the window')
    const slideMs =
      options.slide === undefined ? intervalMs : durationOf(options.slide, 'The slide of the window')
    if (lengthMs % intervalMs !== 0 || slideMs % intervalMs !== 0)
      throw new DstreamsError('DS_JOB', {
        what: `The window of ${textOf(lengthMs)} sliding by ${textOf(slideMs)} does not fit intervals of ${textOf(intervalMs)}.`,
        cure: 'Make its length and its slide multiples of the interval.',
      })
    const { type, id } = this.step
    return new Table<T>(
      this.builder,
      this.builder.add<WindowStep>({
        kind: 'window',
        flow: 'table',
        type,
        key: undefined,
        parents: [id],
        lengthMs,
        slideMs,
      }),
    )
  }

  /** Tumbling windows: the records of the last whole `length` since the epoch. */
  tumbling(length: string): Table<T> {
    return this.window(length, { slide: length })
  }

  /**
   * All over time, as a table. After an aggregate its running content: the count of everything so far (DS-22).
   * Otherwise the bag of all records.
   * @example clicks.groupBy(c => ({ user: c.user })).aggregate({ n: count() }).running().top(10, desc(r => r.n))
   */
  running(): Table<T> {
    const { type, key, id, kind } = this.step
    const of = kind === 'aggregate' ? 'aggregate' : 'bag'
    const step = this.builder.add<StateStep>({
      kind: 'state',
      flow: 'table',
      of,
      type,
      key: of === 'aggregate' ? key : undefined,
      parents: [id],
    })
    return new Table<T>(this.builder, step)
  }

  /**
   * Rows looked up elsewhere: the function gets some rows at a time and promises those that take their place. Calls are
   * made side by side, and again where they fail; where a call has failed for good the job stops, and nothing is lost.
   * The rows of an interval are sorted by their fields before they are dealt out.
   * @example
   * clicks.enrich(async (rows, { signal }) => {
   *   const users = await lookUp(rows.map(row => row.user), signal)
   *   return rows.map((row, index) => ({ ...row, country: users[index].country }))
   * }, { returns: { user: 'string', ms: 'number', country: 'string' }, size: 500 })
   */
  enrich<E, const G extends Given<EnrichOptions> = {}>(
    enrich: (rows: readonly T[], context: EnrichContextOf<G>) => Promise<readonly E[]>,
    given?: G,
  ): DStream<Returned<G, E>> {
    const {
      size = 100,
      concurrency = 4,
      retries = 3,
      timeout = '30s',
      ...options
    } = given ?? ({} as EnrichOptions)
    const where = `enrich after step "${this.step.name}"`
    for (const [name, value, least] of [
      ['size', size, 1],
      ['concurrency', concurrency, 1],
      ['retries', retries, 0],
    ] as const)
      if (!Number.isSafeInteger(value) || value < least)
        throw new DstreamsError('DS_JOB', {
          what: `${where}: ${name} is ${value}.`,
          cure: `Give a whole number from ${least}.`,
        })
    const timeoutMs = durationOf(timeout, `The timeout of ${where}`)
    const calls = { size, concurrency, retries, timeoutMs }
    return new DStream<Returned<G, E>>(this.builder, this.applied('enrich', enrich, options, calls))
  }

  /**
   * What was left out, as a stream beside this one. Of a source the records that did not fit, each with its partition,
   * ordinal and reason; of a step with functions the records for which one of them threw or returned what does not fit.
   * @example s.from(ndjsonFiles('in/*.ndjson', order)).rejects.to('rejects', ndjson('rejects/'))
   */
  get rejects(): DStream<R> {
    const { step } = this
    if (step.kind === 'source' && step.output === 'records') {
      const rejects: Omit<SourceStep, 'id' | 'name'> = {
        kind: 'source',
        flow: 'stream',
        type: REJECT_TYPE,
        key: undefined,
        parents: [],
        source: step.source,
        output: 'rejects',
        of: step.id,
      }
      return new DStream<R>(this.builder, this.builder.add<SourceStep>(rejects))
    }
    const select = this.#calling()
    if (!select)
      throw new DstreamsError('DS_JOB', {
        what: `Step "${step.name}" (${step.kind}) has no rejects.`,
        cure: 'They are at a source, and at map, filter, flatMap and aggregates of a stream: const orders = s.from(...); orders.rejects.',
      })
    const { operations, parents } = select
    const rejects: Omit<SelectStep, 'id' | 'name'> = {
      kind: 'select',
      flow: 'stream',
      type: FAILED_TYPE,
      key: undefined,
      parents,
      operations: operations.map((operation) =>
        operation.kind === 'sample' ? operation : { ...operation, step: step.name },
      ),
      output: 'rejects',
    }
    return new DStream<R>(this.builder, this.builder.add<SelectStep>(rejects))
  }

  /** The select in which the functions of this step are called. */
  #calling(): Pick<SelectStep, 'operations' | 'parents'> | undefined {
    const isSelect = (step: Step): step is SelectStep => step.kind === 'select' && step.output === 'records'
    if (isSelect(this.step)) return this.step
    if (this.step.kind !== 'aggregate') return undefined
    const parent = this.builder.step(this.step.parents[0]!)
    if (!isSelect(parent)) return { operations: [], parents: [parent.id] }
    const { operations, parents } = parent
    return { operations: operations.filter(({ kind }) => kind === 'extend'), parents }
  }
}

const FAILED_TYPE: Type = structOf([
  { name: 'step', type: STRING },
  { name: 'function', type: STRING },
  { name: 'interval', type: INTEGER },
  { name: 'position', type: STRING },
  { name: 'reason', type: STRING },
  { name: 'stack', type: nullable(STRING) },
  { name: 'text', type: STRING },
])

const REJECT_TYPE: Type = structOf([
  { name: 'source', type: STRING },
  { name: 'partition', type: STRING },
  { name: 'ordinal', type: INTEGER },
  { name: 'reason', type: STRING },
  { name: 'text', type: STRING },
])

/** A series of datasets holding a whole content as of the end of each interval. */
export class Table<T> extends Series<'table', T> {
  protected override on<R>(step: Step): Table<R> {
    return new Table<R>(this.builder, step)
  }

  protected override emitted(mode: 'changes' | 'snapshots'): DStream<any> {
    const { step, builder } = this
    const type = mode === 'changes' ? changesType(step.type) : step.type
    const parents = [step.id]
    return new DStream(
      builder,
      builder.add<EmitStep>({ kind: 'emit', flow: 'stream', type, key: undefined, parents, mode }),
    )
  }

  /**
   * The changes of the content as a stream: `{ op: 'upsert' | 'delete', ...row }`. With a key one row per key that
   * changed; of a bag one per copy more or fewer.
   */
  changes(): DStream<Change<T>> {
    return this.emitted('changes')
  }

  /** The contents as a stream: each time the content may have changed, all of it. */
  snapshots(): DStream<T> {
    return this.emitted('snapshots')
  }
}
