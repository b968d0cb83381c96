/**
 * Streams and tables as users write them.
 *
 * A `DStream` holds what came in each interval; a `Table` is a whole content as of the end of each interval. Both have
 * the same operators; applied to a table an operator gives the table of that meaning: the top ten of everything known
 * now. Nothing is computed here: each call adds a step to the plan and returns a handle on it.
 */
import { DstreamsError } from '../errors.ts'
import type { Aggregate } from '../plan/aggregate.ts'
import {
  type ContextOf,
  type FunctionOptions,
  type Given,
  type Returned,
  readOptions,
} from '../plan/function-options.ts'
import { bind, checkContext, javascriptOnly, type Lambda } from '../plan/lambda.ts'
import { bindOrders, type Order } from '../plan/order.ts'
import type { PlanBuilder } from '../plan/plan.ts'
import type { ApplyStep, Flow, OrderStep, SelectStep, SinkStep, Step, UnionStep } from '../plan/step.ts'
import { join, listOf, type Type } from '../schema/type.ts'
import type { Sink } from '../sinks/sink.ts'
import type { DStream, Table } from './dstream.ts'
import {
  addAggregate,
  Grouped,
  type KeyAndValueOptions,
  type Results,
  type ReturnedValue,
} from './grouped.ts'

/** A stream or a table of rows `R`, whichever `F` says. */
export type SeriesOf<F extends Flow, R> = F extends 'stream' ? DStream<R> : Table<R>

/** What streams and tables have in common. */
export abstract class Series<F extends Flow, T> {
  /** @internal */
  readonly builder: PlanBuilder
  /** @internal */
  readonly step: Step

  /** @internal */
  constructor(builder: PlanBuilder, step: Step) {
    this.builder = builder
    this.step = step
  }

  /** @internal A handle of the same flow on another step. */
  protected abstract on<R>(step: Step): SeriesOf<F, R>

  /** @internal A table as the stream of its changes or contents. */
  protected abstract emitted(mode: 'changes' | 'snapshots'): DStream<any>

  /**
   * Each row replaced by what the function returns. Compiled where its meaning can be kept exactly; otherwise it runs as
   * JavaScript, and `returns` has to say what it returns.
   * @param map gets the row, and as its second argument the context: interval, random numbers, constants
   * @param given options, and the constants of the context
   * @example clicks.map(click => ({ user: click.user, slow: click.ms > 500 }))
   */
  map<R, const G extends Given = {}>(
    map: (row: T, context: ContextOf<G>) => R,
    given?: G,
  ): SeriesOf<F, Returned<G, R>> {
    const lambda = this.#bind(map, 'map', given)
    const type = lambda.type
    return this.on(
      this.#select({
        operations: [{ kind: 'map', lambda, type }],
        type,
        key: keyAfter(this.step.key, lambda),
      }),
    )
  }

  /**
   * The rows for which the function is true (by JavaScript's truthiness).
   * @example clicks.filter(click => click.ms > 500)
   */
  filter<const G extends Given = {}>(
    keep: (row: T, context: ContextOf<G>) => unknown,
    given?: G,
  ): SeriesOf<F, T> {
    const lambda = this.#bind(keep, 'filter', given, 'test')
    return this.on(
      this.#select({ operations: [{ kind: 'filter', lambda }], type: this.step.type, key: this.step.key }),
    )
  }

  /**
   * Each row replaced by any number of rows, in the order of the list.
   * @example lines.flatMap(line => line.split(' '))
   */
  flatMap<R, const G extends Given = {}>(
    map: (row: T, context: ContextOf<G>) => readonly R[],
    given?: G,
  ): SeriesOf<F, Returned<G, R>> {
    const lambda = this.#bind(map, 'flatMap', given, 'list')
    const list = lambda.type
    if (list && (list.kind !== 'list' || list.nullable))
      throw new DstreamsError('DS_JOB', {
        what: `The function of flatMap after step "${this.step.name}" returns ${list.nullable ? 'null for some rows' : `a ${list.kind}`}.`,
        cure: 'Return a list for every row; [] for none.',
      })
    const type = list?.kind === 'list' ? list.of : undefined
    return this.on(this.#select({ operations: [{ kind: 'flatMap', lambda, type }], type, key: undefined }))
  }

  /**
   * Whole datasets replaced by what a function makes of them: of a stream the rows of each interval, of a table its
   * content. The rows are in the order of a `sortBy` before it, otherwise sorted by their fields. It always runs as
   * JavaScript; where it fails the job stops.
   * @param given options, `returns` among them, and the constants of the context
   * @example readings.transform(rows => smooth(rows), { returns: { sensor: 'string', value: 'number' } })
   */
  transform<R, const G extends Given = {}>(
    transform: (rows: readonly T[], context: ContextOf<G>) => readonly R[],
    given?: G,
  ): SeriesOf<F, Returned<G, R>> {
    return this.on(this.applied('transform', transform, given, undefined))
  }

  /**
   * A sample of the rows: each is kept with this probability, decided by a hash of the seed and the row's position, so
   * that the same rows are kept on every engine and however the input is cut.
   * @param fraction from 0 to 1
   */
  sample(fraction: number, options: { seed?: string } = {}): SeriesOf<F, T> {
    if (!(fraction >= 0 && fraction <= 1))
      throw new DstreamsError('DS_JOB', {
        what: `The fraction of sample is ${fraction}.`,
        cure: 'Give a number from 0 to 1.',
      })
    const seed = options.seed ?? this.builder.job
    return this.on(
      this.#select({
        operations: [{ kind: 'sample', fraction, seed }],
        type: this.step.type,
        key: this.step.key,
      }),
    )
  }

  /**
   * All rows of this and the others, copies included. All must have the same fields.
   * @example webClicks.union(appClicks)
   */
  union(...others: SeriesOf<F, T>[]): SeriesOf<F, T> {
    const parents = [this, ...(others as unknown as Series<F, T>[])]
    let type: Type | undefined = this.step.type
    for (const other of parents.slice(1)) {
      this.#checkSameJob(other)
      const joined: Type | undefined = type && other.step.type && join(type, other.step.type)
      if (type && other.step.type && !joined)
        throw new DstreamsError('DS_JOB', {
          what: `Steps "${this.step.name}" and "${other.step.name}" have different fields, so they have no union.`,
          cure: 'Map them to the same fields of the same types first.',
        })
      type = joined
    }
    const step = this.#add<UnionStep>({
      kind: 'union',
      parents: parents.map((parent) => parent.step.id),
      type,
      key: undefined,
    })
    return this.on(step)
  }

  /** Each different row once: per interval of a stream, of the content of a table. */
  distinct(): SeriesOf<F, T> {
    return this.on(
      addAggregate(this.builder, this.step, {
        by: { kind: 'record' },
        value: undefined,
        aggregates: {},
        shape: 'key',
      }),
    )
  }

  /**
   * Rows by key, for `aggregate` and `reduce`. A key is an object, so that its fields have names.
   * @param key the key of a row
   * @param value what is aggregated of a row; the row itself where it is left out
   * @example clicks.groupBy(click => ({ country: click.country })).aggregate({ n: count() })
   */
  groupBy<K extends KeyShape, V, const G extends Given<KeyAndValueOptions> = {}>(
    key: (row: T, context: ContextOf<G>) => K,
    value: (row: T, context: ContextOf<G>) => V,
    given?: G,
  ): Grouped<F, ReturnedValue<G, V>, KeyOf<G, K>>
  groupBy<K extends KeyShape, const G extends Given = {}>(
    key: (row: T, context: ContextOf<G>) => K,
    given?: G,
  ): Grouped<F, T, KeyOf<G, K>>
  groupBy(
    key: (row: T, context: any) => KeyShape,
    ...rest: readonly [FunctionOptions?] | readonly [(row: T, context: any) => unknown, KeyAndValueOptions?]
  ): Grouped<F, any, any> {
    const [value, given] = typeof rest[0] === 'function' ? [rest[0], rest[1]] : [undefined, rest[0]]
    return new Grouped(this.builder, this.step, { key, value, given }, (step) => this.on(step))
  }

  /**
   * Aggregates of all rows, as one row; no rows, no row.
   * @example clicks.aggregate({ n: count(), slowest: max(click => click.ms) })
   */
  aggregate<A extends { readonly [name: string]: Aggregate<T, unknown> }>(
    aggregates: A,
  ): SeriesOf<F, Results<A>> {
    return this.on(
      addAggregate(this.builder, this.step, {
        by: { kind: 'none' },
        value: undefined,
        aggregates,
        shape: 'struct',
      }),
    )
  }

  /** How often each different row occurs. */
  countByValue(): SeriesOf<F, { value: T; count: number }> {
    const grouped = new Grouped<F, T, { value: T }>(
      this.builder,
      this.step,
      { key: (value: T) => ({ value }), value: undefined, given: undefined },
      (step) => this.on(step),
    )
    return grouped.aggregate({ count: { kind: 'count' } as Aggregate<T, number> }) as SeriesOf<
      F,
      { value: T; count: number }
    >
  }

  /**
   * The rows sorted; ties are broken by all fields. The order is kept by the sink that follows and by `limit`.
   * @example counts.sortBy(desc(row => row.n), asc(row => row.word))
   */
  sortBy(...orders: readonly Order<T>[]): SeriesOf<F, T> {
    return this.#order(orders, undefined)
  }

  /**
   * The first `n` rows by these orders; ties are broken by all fields.
   * @example counts.top(10, desc(row => row.n))
   */
  top(n: number, ...orders: readonly [Order<T>, ...Order<T>[]]): SeriesOf<F, T> {
    return this.#order(orders, checkCount('top', n))
  }

  /** The first `n` rows: in the order of the `sortBy` before it, otherwise by all fields. */
  limit(n: number): SeriesOf<F, T> {
    checkCount('limit', n)
    if (this.step.kind !== 'order') return this.#order([], n)
    const { orders, limit } = this.step
    const parent = this.builder.step(this.step.parents[0]!)
    const count = limit === undefined ? n : Math.min(n, limit)
    return this.on(
      this.#add<OrderStep>({
        kind: 'order',
        parents: [parent.id],
        type: parent.type,
        key: parent.key,
        orders,
        limit: count,
      }),
    )
  }

  /**
   * Sends the rows to a sink: of a stream each interval's rows, of a table its content or its changes, as the sink
   * takes them. What the sink can't take is refused here.
   * @param name name of the sink's step, unique in the job
   */
  to(name: string, sink: Sink<T>): void {
    const { flow, type, key } = this.step
    if (flow === 'table' && sink.tableMode !== 'content') {
      this.emitted(sink.tableMode).to(name, sink as Sink)
      return
    }
    const refused = sink.refuse?.({ flow, type, key })
    if (refused)
      throw new DstreamsError('DS_JOB', {
        what: `Sink "${name}" (${sink.kind}): ${refused.what}`,
        cure: refused.cure,
      })
    this.builder.add<SinkStep>(
      { kind: 'sink', flow, type, key, parents: [this.step.id], sink: sink as Sink },
      name,
    )
  }

  /** Binds a function of this step's rows; `where` is for errors. */
  #bind(
    fn: (row: T, context: any) => unknown,
    role: string,
    given: FunctionOptions | undefined,
    purpose: Lambda['purpose'] = 'value',
  ): Lambda {
    const where = `The function of ${role} after step "${this.step.name}"`
    const { returns, ...options } = readOptions(given, where)
    const type = returns && purpose === 'list' ? listOf(returns) : returns
    const lambda = bind(fn, [this.step.type], {
      ...options,
      purpose,
      returns: type,
      outer: this.builder.outer,
    })
    checkContext(lambda, this.step, where)
    return lambda
  }

  /** @internal Adds a step whose function gets whole datasets. */
  protected applied(
    mode: ApplyStep['mode'],
    fn: (rows: readonly T[], context: any) => unknown,
    given: FunctionOptions | undefined,
    calls: ApplyStep['calls'],
  ): Step {
    const where = `The function of ${mode} after step "${this.step.name}"`
    const options = readOptions(given, where)
    const why = `The function of ${mode} gets whole datasets, and always runs as JavaScript.`
    const lambda = javascriptOnly(fn, this.step.type && listOf(this.step.type), why, options)
    checkContext(lambda, this.step, where)
    return this.#add<ApplyStep>({
      kind: 'apply',
      parents: [this.step.id],
      type: options.returns,
      key: undefined,
      mode,
      lambda,
      calls,
    })
  }

  #order(orders: readonly Order<T>[], limit: number | undefined): SeriesOf<F, T> {
    const { type, key, id } = this.step
    return this.on(
      this.#add<OrderStep>({
        kind: 'order',
        parents: [id],
        type,
        key,
        orders: bindOrders(orders, type, `An order after step "${this.step.name}"`, this.builder.outer),
        limit,
      }),
    )
  }

  #select(step: Pick<SelectStep, 'operations' | 'type' | 'key'>): Step {
    return this.#add<SelectStep>({ kind: 'select', parents: [this.step.id], output: 'records', ...step })
  }

  #add<S extends Step>(step: Omit<S, 'id' | 'name' | 'flow'>): Step {
    return this.builder.add<S>({ ...step, flow: this.step.flow } as unknown as Omit<S, 'id' | 'name'>)
  }

  #checkSameJob(other: Series<F, T>): void {
    if (other.builder !== this.builder)
      throw new DstreamsError('DS_JOB', {
        what: `Step "${other.step.name}" belongs to another job.`,
        cure: 'Combine streams of the same job only.',
      })
  }
}

/** The key of groupBy: what the options declare, or what TypeScript infers. */
type KeyOf<G, K extends KeyShape> = Returned<G, K> extends infer D extends KeyShape ? D : K

/** Keys are objects: a scalar key is a type error. */
export type KeyShape = { readonly [field: string]: unknown }

function checkCount(what: string, n: number): number {
  if (!Number.isSafeInteger(n) || n < 1)
    throw new DstreamsError('DS_JOB', {
      what: `${what} takes ${n} rows.`,
      cure: 'Give a whole number from 1.',
    })
  return n
}

/** A map keeps the key where it passes all its fields on unchanged, under their names. */
function keyAfter(key: readonly string[] | undefined, { compiled }: Lambda): readonly string[] | undefined {
  if (!key || !compiled.ok || compiled.body.kind !== 'struct') return undefined
  const { fields } = compiled.body
  const passesOn = (name: string): boolean =>
    fields.some(
      ({ name: field, value }) =>
        field === name && value.kind === 'property' && value.name === name && value.of.kind === 'input',
    )
  return key.every(passesOn) ? key : undefined
}
