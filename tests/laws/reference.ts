/**
 * The definition of every kind of step, computed the plainest way: each content from all records so far, nothing
 * incremental, nothing shared with the engines but the arithmetic of a sum and the order of values.
 */
import type { BoundAggregate } from '../../src/plan/aggregate.ts'
import type { Lambda } from '../../src/plan/lambda.ts'
import { compareBy } from '../../src/plan/order.ts'
import { type Plan, stepAt } from '../../src/plan/plan.ts'
import { isSampled } from '../../src/plan/sample.ts'
import type { AggregateStep, Operation, Step } from '../../src/plan/step.ts'
import { addSums, resultOf, sumOf, ZERO_SUM } from '../../src/schema/exact-sum.ts'
import { canonical, compareValues, keyText, wellFormed } from '../../src/schema/order.ts'
import type { Input, Outputs } from './harness.ts'

interface Row {
  readonly value: any
  readonly interval: number
  readonly position: readonly unknown[]
}

export class Reference {
  readonly #plan: Plan
  readonly #input: Input
  readonly #rows = new Map<string, readonly Row[]>()

  constructor(plan: Plan, input: Input) {
    this.#plan = plan
    this.#input = input
  }

  /** What every sink should get in intervals `[0, count)`. */
  outputs(count: number): Outputs {
    const outputs: Outputs = new Map()
    for (const step of this.#plan.steps) {
      if (step.kind !== 'sink') continue
      const parent = stepAt(this.#plan, step.parents[0]!)
      const intervals = new Map<number, readonly unknown[]>()
      for (let at = 0; at < count; at++)
        if (step.flow === 'stream' || this.#changes(parent, at))
          intervals.set(
            at,
            this.rows(parent, at).map((row) => row.value),
          )
      outputs.set(step.name, intervals)
    }
    return outputs
  }

  /** The dataset of a step in an interval: what came, or the whole content. */
  rows(step: Step, at: number): readonly Row[] {
    if (at < 0) return []
    const name = `${step.id} ${at}`
    const found = this.#rows.get(name)
    if (found) return found
    const rows = this.#compute(step, at)
    this.#rows.set(name, rows)
    return rows
  }

  #compute(step: Step, at: number): readonly Row[] {
    const parents = step.parents.map((id) => stepAt(this.#plan, id))
    switch (step.kind) {
      case 'source':
        return this.#input(step.id, at).flatMap((block) =>
          (block.rows ?? []).map((value, index) => ({
            value,
            interval: at,
            position: [block.partition, block.from + index],
          })),
        )
      case 'select':
        return this.rows(parents[0]!, at).flatMap((row) => {
          let rows: Row[] = [row]
          for (const operation of step.operations) rows = rows.flatMap((one) => selected(operation, one))
          return rows
        })
      case 'union':
        return parents.flatMap((parent, branch) =>
          // shorter positions are padded by the other branches' columns: order between branches is by branch alone
          this.rows(parent, at).map((row) => ({ ...row, position: [branch, ...row.position] })),
        )
      case 'window': {
        const last = this.#lastChange(step, at)
        const length = step.lengthMs / this.#plan.intervalMs
        return range(Math.max(0, last + 1 - length), last + 1).flatMap((n) => this.rows(parents[0]!, n))
      }
      case 'state': {
        if (step.of === 'bag') return range(0, at + 1).flatMap((n) => this.rows(parents[0]!, n))
        const aggregate = parents[0] as AggregateStep
        const records = range(0, at + 1).flatMap((n) =>
          this.rows(stepAt(this.#plan, aggregate.parents[0]!), n),
        )
        return group(aggregate, records)
      }
      case 'aggregate':
        return group(step, this.rows(parents[0]!, at))
      case 'order': {
        const compare = compareBy(step.orders)
        return this.rows(parents[0]!, at)
          .toSorted((a, b) => compare(a.value, b.value))
          .slice(0, step.limit)
      }
      case 'apply': {
        const rows = this.rows(parents[0]!, this.#lastChange(step, at))
        const returned = step.lambda.fn(rows.map(({ value }) => value).toSorted(compareValues)) as unknown[]
        return returned.map((value) => ({ value: canonical(value), interval: at, position: [] }))
      }
      case 'emit': {
        if (!this.#changes(parents[0]!, at)) return []
        const now = this.rows(parents[0]!, at)
        if (step.mode === 'snapshots') return now
        return changesBetween(this.rows(parents[0]!, at - 1), now, parents[0]!.key)
      }
      case 'sink':
        return []
    }
  }

  #changes(step: Step, at: number): boolean {
    const slides = this.#slides(step)
    return slides.length === 0 || slides.some((slide) => ((at + 1) * this.#plan.intervalMs) % slide === 0)
  }

  #slides(step: Step): readonly number[] {
    if (step.kind === 'window') return [step.slideMs]
    if (step.kind === 'state') return []
    const parents = step.parents.map((id) => this.#slides(stepAt(this.#plan, id)))
    return parents.some((slides) => slides.length === 0) ? [] : parents.flat()
  }

  #lastChange(step: Step, at: number): number {
    let last = at
    while (last >= 0 && !this.#changes(step, last)) last--
    return last
  }
}

/** One operation on one row. */
function selected(operation: Operation, row: Row): Row[] {
  switch (operation.kind) {
    case 'sample':
      return isSampled(operation.seed, operation.fraction, row.position) ? [row] : []
    case 'filter':
      return operation.lambda.fn(row.value) ? [row] : []
    case 'map':
      return returned(operation.lambda, row).map((value) => ({ ...row, value }))
    case 'flatMap':
      return (returned(operation.lambda, row) as unknown[][]).flat().map((value, index) => ({
        ...row,
        value,
        position: [...row.position, index],
      }))
    case 'extend': {
      const value: Record<string, unknown> = { record: row.value }
      for (const { name, lambda } of operation.fields) value[name] = lambda.fn(row.value)
      return [{ ...row, value }]
    }
  }
}

/** What a function returns; nothing where it throws or returns what does not fit: null where there must be a value. */
function returned({ fn, type, compiled }: Lambda, { value }: Row): unknown[] {
  try {
    const result = canonical(fn(value), type)
    const isMissing = (field: string): boolean => (result as any)[field] === null
    const fields = type?.kind === 'struct' && !compiled.ok ? type.fields : []
    return fields.some((field) => !field.type.nullable && isMissing(field.name)) ? [] : [result]
  } catch {
    return []
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)

function group(step: AggregateStep, records: readonly Row[]): readonly Row[] {
  const groups = new Map<string, { key: any; rows: Row[] }>()
  for (const row of records) {
    const key =
      step.by.kind === 'none'
        ? null
        : canonical(step.by.kind === 'record' ? row.value : step.by.lambda.fn(row.value))
    const text = keyText(key)
    const found = groups.get(text) ?? { key, rows: [] }
    groups.set(text, found)
    found.rows.push(row)
  }
  return [...groups.values()].map(({ key, rows }) => {
    const results = Object.fromEntries(
      step.aggregates.map((aggregate) => [aggregate.name, aggregated(aggregate, rows, step)]),
    )
    const value =
      step.shape === 'key'
        ? key
        : step.shape === 'result'
          ? Object.values(results)[0]
          : { ...key, ...results }
    return { value, interval: -1, position: [] }
  })
}

const byPlace = (a: Row, b: Row): number =>
  compareValues([a.interval, ...a.position], [b.interval, ...b.position])

function aggregated(aggregate: BoundAggregate, rows: readonly Row[], step: AggregateStep): unknown {
  const input = (row: Row): any => (step.value && !aggregate.ofRecord ? step.value.fn(row.value) : row.value)
  const value = (row: Row): any => (aggregate.value ? aggregate.value.fn(input(row)) : input(row))
  const ordered = rows.toSorted(byPlace)
  const values = rows.map(value)
  const present = values.filter((one) => one !== null)
  const total = (numbers: readonly number[], scale: number): number =>
    resultOf(numbers.map((x) => sumOf(x, scale)).reduce(addSums, ZERO_SUM), scale)
  switch (aggregate.kind) {
    case 'count':
      return aggregate.value ? values.filter(Boolean).length : rows.length
    case 'sum':
      return total(present, aggregate.scale)
    case 'mean':
      return present.length === 0 ? null : total(present, aggregate.scale) / present.length
    case 'variance': {
      if (present.length === 0) return null
      const mean = total(present, aggregate.scale) / present.length
      const squares = total(
        present.map((x) => x * x),
        2 * aggregate.scale - 80,
      )
      return Math.max(0, squares / present.length - mean * mean)
    }
    case 'min':
      return present.map((one) => canonical(one)).toSorted(compareValues)[0] ?? null
    case 'max':
      return (
        present
          .map((one) => canonical(one))
          .toSorted(compareValues)
          .at(-1) ?? null
      )
    case 'first':
      return value(ordered[0]!)
    case 'last':
      return value(ordered.at(-1)!)
    case 'collect':
      return ordered.map(value)
    case 'countDistinct':
      return new Set(present.map(keyText)).size
    case 'topK':
      return rows.map(input).toSorted(compareBy(aggregate.orders)).slice(0, aggregate.k)
    case 'reduce':
      return reduceByInterval(ordered, value, (a, b) => wellFormed(aggregate.merge!.fn(a, b)))
  }
}

/** The defined shape of a reduction: each interval's values from the left, then the intervals' results from the left. */
function reduceByInterval(
  rows: readonly Row[],
  value: (row: Row) => unknown,
  merge: (a: any, b: any) => unknown,
): unknown {
  const intervals = new Map<number, unknown>()
  for (const row of rows)
    intervals.set(
      row.interval,
      intervals.has(row.interval) ? merge(intervals.get(row.interval), value(row)) : value(row),
    )
  return [...intervals.values()].reduce((a, b) => merge(a, b))
}

function changesBetween(
  before: readonly Row[],
  after: readonly Row[],
  key: readonly string[] | undefined,
): readonly Row[] {
  const gone = before.map((row) => row.value)
  const come: any[] = []
  for (const { value } of after) {
    const index = gone.findIndex((other) => keyText(other) === keyText(value))
    if (index >= 0) gone.splice(index, 1)
    else come.push(value)
  }
  const keyOf = (value: any): string => keyText(key!.map((field) => value[field]))
  const upserted = new Set(key ? come.map(keyOf) : [])
  const change = (op: string, value: any): Row => ({
    value:
      typeof value === 'object' && value !== null && !Array.isArray(value) ? { op, ...value } : { op, value },
    interval: -1,
    position: [],
  })
  return [
    ...come.map((value) => change('upsert', value)),
    ...gone.filter((value) => !key || !upserted.has(keyOf(value))).map((value) => change('delete', value)),
  ]
}
