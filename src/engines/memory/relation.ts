/** The rows of a relation, as the memory engine holds them, and how each kind of relation is evaluated. */
import { DstreamsError, messageOf } from '../../errors.ts'
import { type Algebra, algebraOf, type Place } from '../../plan/algebra.ts'
import { failure } from '../../plan/call.ts'
import type { Lambda } from '../../plan/lambda.ts'
import { type BoundOrder, compareBy } from '../../plan/order.ts'
import type {
  Blocks,
  Consolidate,
  Merge,
  Partial,
  Read,
  Relation,
  StateContent,
} from '../../plan/relation.ts'
import type { AggregateStep, Step } from '../../plan/step.ts'
import { canonical, keyText } from '../../schema/order.ts'
import { type Calls, select } from './select.ts'

/** A record with where it came from. */
export interface Row {
  readonly value: any
  readonly interval: number
  readonly position: readonly unknown[]
}

/** A key with the accumulators of its aggregates, and how many records are in them. */
export interface Group {
  readonly key: unknown
  readonly interval: number
  readonly states: readonly any[]
  readonly records: number
}

/** Where the leaves of a relation come from. */
export interface Leaves {
  blocks(relation: Blocks): readonly Row[]
  dataset(relation: Read): readonly (Row | Group)[]
  state(relation: StateContent): readonly (Row | Group)[]
  /** What functions are called with. */
  readonly calls: Calls
}

export function evaluate(relation: Relation, leaves: Leaves): readonly any[] {
  switch (relation.kind) {
    case 'blocks':
      return leaves.blocks(relation)
    case 'read':
      return leaves.dataset(relation)
    case 'state':
      return leaves.state(relation)
    case 'select':
      return select(relation.step, evaluate(relation.input, leaves), leaves.calls)
    case 'union':
      return relation.inputs.flatMap((input, branch) =>
        evaluate(input, leaves).map((row: Row) => ({
          ...row,
          // branches may have their fields in another order
          value: canonical(row.value, relation.shape.type),
          position: branchPosition(relation.inputs, branch, row),
        })),
      )
    case 'partial':
      return partial(relation, evaluate(relation.input, leaves))
    case 'merge':
      return merge(relation, leaves)
    case 'finish':
      return evaluate(relation.input, leaves).map((group: Group) => finish(relation.input, group))
    case 'order': {
      const rows = evaluate(relation.input, leaves).toSorted(
        orderRows(guardedOrders(relation.step, relation.step.orders), relation.byInterval),
      )
      const { limit } = relation.step
      if (limit === undefined) return rows
      return relation.byInterval ? firstOfEach(rows, limit) : rows.slice(0, limit)
    }
    case 'consolidate':
      return consolidate(relation, leaves)
    default:
      return relation satisfies never
  }
}

/** A position in a union: the branch, then each branch's columns, those of the others null. */
function branchPosition(inputs: readonly Relation[], branch: number, row: Row): readonly unknown[] {
  return [
    branch,
    ...inputs.flatMap((input, index) => {
      if (index === branch) return row.position
      return new Array(input.shape.rows === 'records' ? input.shape.positions : 0).fill(null)
    }),
  ]
}

const orNull = (value: unknown): unknown => (value === undefined ? null : value)

/** Calls a user's function; what it throws becomes an error that names the step and the record. */
function call(step: Step, fn: (value: any) => unknown, value: unknown): unknown {
  try {
    return fn(value)
  } catch (cause) {
    throw functionError(step, cause, value)
  }
}

/** The same lambda, whose errors name the step and the record. */
const guarded = (step: Step, lambda: Lambda): Lambda => ({
  ...lambda,
  fn: (...inputs) => {
    try {
      return lambda.fn(...inputs)
    } catch (cause) {
      throw functionError(step, cause, inputs.length === 1 ? inputs[0] : inputs)
    }
  },
})

const guardedOrders = (step: Step, orders: readonly BoundOrder[]): readonly BoundOrder[] =>
  orders.map((order) => ({ ...order, value: guarded(step, order.value) }))

/** The algebras of a step's aggregates, with the user's functions guarded. */
const algebrasOf = (step: AggregateStep): readonly Algebra[] =>
  step.aggregates.map((aggregate) =>
    algebraOf({
      ...aggregate,
      value: aggregate.value && guarded(step, aggregate.value),
      orders: guardedOrders(step, aggregate.orders),
      merge: aggregate.merge && guarded(step, aggregate.merge),
    }),
  )

function functionError(step: Step, cause: unknown, value: unknown): DstreamsError {
  if (cause instanceof DstreamsError) return cause
  return failure({ step: step.name, role: step.kind }, { reason: messageOf(cause), cause }, value)
}

/** The key of a record for an aggregate step. */
function keyOf(step: AggregateStep, record: unknown): unknown {
  switch (step.by.kind) {
    case 'none':
      return null
    case 'record':
      return canonical(record)
    case 'fields':
      return canonical(call(step, step.by.lambda.fn, record), step.by.type)
  }
}

function partial({ shape }: Partial, rows: readonly Row[]): readonly Group[] {
  const { step } = shape
  const algebras = algebrasOf(step)
  const groups = new Map<string, { key: unknown; interval: number; states: any[]; records: number }>()
  for (const { value, interval, position } of rows) {
    const key = keyOf(step, value)
    const at = shape.interval === 'none' ? -1 : interval
    const text = `${at} ${keyText(key)}`
    let group = groups.get(text)
    if (!group) {
      group = { key, interval: at, states: algebras.map((algebra) => algebra.zero()), records: 0 }
      groups.set(text, group)
    }
    const input = step.value ? canonical(call(step, step.value.fn, value), step.value.type) : value
    const place: Place = [interval, ...position]
    algebras.forEach((algebra, index) => {
      const taken = step.aggregates[index]!.ofRecord ? value : input
      group.states[index] = algebra.add(group.states[index], taken, place)
    })
    group.records++
  }
  return [...groups.values()].map((group) => ({
    ...group,
    states: group.states.map((state, index) => algebras[index]!.seal?.(state) ?? state),
  }))
}

function merge(relation: Merge, leaves: Leaves): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const input of relation.plus) mergeInto(groups, relation.shape.step, evaluate(input, leaves), 1)
  for (const input of relation.minus) mergeInto(groups, relation.shape.step, evaluate(input, leaves), -1)
  return [...groups.values()]
}

/** Adds groups to a map by key, or subtracts them; returns the keys that were touched. */
export function mergeInto(
  groups: Map<string, Group>,
  step: AggregateStep,
  added: readonly Group[],
  sign: 1 | -1,
): ReadonlySet<string> {
  const algebras = algebrasOf(step)
  const touched = new Set<string>()
  for (const group of added) {
    const text = keyText(group.key)
    touched.add(text)
    const found = groups.get(text) ?? {
      key: group.key,
      interval: -1,
      states: algebras.map((algebra) => algebra.zero()),
      records: 0,
    }
    const states = algebras.map((algebra, index) => {
      const [a, b] = [found.states[index], group.states[index]]
      return sign === 1 ? algebra.merge(a, b) : algebra.subtract!(a, b)
    })
    groups.set(text, { ...found, states, records: found.records + sign * group.records })
  }
  return touched
}

/** The row of a group. */
function finish(input: Relation, group: Group): Row {
  const { step } = input.shape as { step: AggregateStep }
  const results = step.aggregates.map((aggregate, index) =>
    orNull(algebraOf(aggregate).finish(group.states[index])),
  )
  const value =
    step.shape === 'key'
      ? group.key
      : step.shape === 'result'
        ? results[0]
        : {
            ...(group.key as object | null),
            ...Object.fromEntries(step.aggregates.map(({ name }, index) => [name, results[index]])),
          }
  return { value, interval: group.interval, position: [] }
}

function orderRows(orders: readonly BoundOrder[], byInterval: boolean): (a: Row, b: Row) => number {
  const compare = compareBy(orders)
  return (a, b) =>
    byInterval && a.interval !== b.interval ? a.interval - b.interval : compare(a.value, b.value)
}

/** The first rows of each interval, of rows sorted by interval. */
function firstOfEach(rows: readonly Row[], limit: number): readonly Row[] {
  let seen = 0
  return rows.filter((row, index) => {
    seen = index > 0 && rows[index - 1]!.interval === row.interval ? seen + 1 : 1
    return seen <= limit
  })
}

function consolidate(relation: Consolidate, leaves: Leaves): readonly Row[] {
  const { copies, values } = countCopies(relation, leaves)
  const keyTextOf = (value: any): string => keyText(relation.key!.map((field) => value[field]))
  const upserted = new Set<string>()
  const rows: Row[] = []
  const emit = (op: 'upsert' | 'delete', value: unknown): void => {
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
    rows.push({ value: isRecord ? { op, ...value } : { op, value }, interval: -1, position: [] })
  }
  for (const [text, count] of copies)
    for (let copy = 0; copy < count; copy++) {
      const value = values.get(text)
      if (relation.key) upserted.add(keyTextOf(value))
      emit('upsert', value)
    }
  for (const [text, count] of copies)
    for (let copy = 0; copy > count; copy--) {
      const value = values.get(text)
      if (!relation.key || !upserted.has(keyTextOf(value))) emit('delete', value)
    }
  return rows
}

/** How many copies of each row there are more (or, negative, fewer). */
function countCopies(
  { plus, minus }: Consolidate,
  leaves: Leaves,
): { copies: Map<string, number>; values: Map<string, unknown> } {
  const copies = new Map<string, number>()
  const values = new Map<string, unknown>()
  const add = (relation: Relation, sign: number): void => {
    for (const { value } of evaluate(relation, leaves) as readonly Row[]) {
      const text = keyText(value)
      copies.set(text, (copies.get(text) ?? 0) + sign)
      if (sign > 0 || !values.has(text)) values.set(text, value)
    }
  }
  add(plus, 1)
  if (minus) add(minus, -1)
  return { copies, values }
}
