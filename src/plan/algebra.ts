/**
 * The algebra of each aggregate in plain JavaScript: what its accumulator holds, and zero, add, merge, subtract, finish.
 *
 * This is the definition. The memory engine runs it; engines in SQL print accumulators with the same meaning.
 */
import {
  addSums,
  type ExactSum,
  resultOf,
  SQUARE_SCALE,
  SUM_SCALE,
  subtractSums,
  sumOf,
  ZERO_SUM,
} from '../schema/exact-sum.ts'
import { canonical, compareValues, keyText, wellFormed } from '../schema/order.ts'
import type { BoundAggregate } from './aggregate.ts'
import type { Lambda } from './lambda.ts'
import { compareBy } from './order.ts'

/** Where a record stands among all others: its interval, then its position. */
export type Place = readonly unknown[]

export interface Algebra<S = any> {
  zero(): S
  /** The accumulator with one more record in it. May change `state`, which must come from `zero` and `add` only. */
  add(state: S, record: unknown, place: Place): S
  /** Ends the adding of records to an accumulator; for those that are kept differently from then on. */
  seal?(state: S): S
  /** Two accumulators as one; `a` holds what came first, where that matters. */
  merge(a: S, b: S): S
  /** Undoes `merge(a, b)`; only of invertible aggregates. */
  subtract?(a: S, b: S): S
  finish(state: S): unknown
}

/** The algebra of an aggregate whose input is the record, or the group's value. */
export function algebraOf(aggregate: BoundAggregate): Algebra {
  const value = (record: unknown): unknown =>
    aggregate.value ? canonical(aggregate.value.fn(record), aggregate.valueType) : record
  switch (aggregate.kind) {
    case 'count':
      return countAlgebra((record) => (aggregate.value ? Boolean(aggregate.value.fn(record)) : true))
    case 'sum':
      return sumAlgebra(value, aggregate.scale, (total) => total)
    case 'mean':
      return sumAlgebra(value, aggregate.scale, (total, values) => (values === 0 ? null : total / values))
    case 'variance':
      return varianceAlgebra(value, aggregate.scale)
    case 'min':
      return leastAlgebra(value, (a, b) => compareValues(a, b) <= 0)
    case 'max':
      return leastAlgebra(value, (a, b) => compareValues(a, b) >= 0)
    case 'first':
      return placedAlgebra(value, (a, b) => compareValues(a.place, b.place) <= 0)
    case 'last':
      return placedAlgebra(value, (a, b) => compareValues(a.place, b.place) >= 0)
    case 'collect':
      return collectAlgebra(value)
    case 'countDistinct':
      return distinctAlgebra(value)
    case 'topK':
      return topAlgebra(aggregate)
    case 'reduce':
      return reduceAlgebra(value, aggregate)
    default:
      return aggregate.kind satisfies never
  }
}

function countAlgebra(counts: (record: unknown) => boolean): Algebra<number> {
  return {
    zero: () => 0,
    add: (state, record) => (counts(record) ? state + 1 : state),
    merge: (a, b) => a + b,
    subtract: (a, b) => a - b,
    finish: (state) => state,
  }
}

interface Summed {
  readonly sum: ExactSum
  readonly values: number
}

function sumAlgebra(
  value: (record: unknown) => unknown,
  scale: number,
  finish: (total: number, values: number) => number | null,
): Algebra<Summed> {
  return {
    zero: () => ({ sum: ZERO_SUM, values: 0 }),
    add: (state, record) => {
      const x = value(record)
      return x === null
        ? state
        : { sum: addSums(state.sum, sumOf(x as number, scale)), values: state.values + 1 }
    },
    merge: (a, b) => ({ sum: addSums(a.sum, b.sum), values: a.values + b.values }),
    subtract: (a, b) => ({ sum: subtractSums(a.sum, b.sum), values: a.values - b.values }),
    finish: ({ sum, values }) => finish(resultOf(sum, scale), values),
  }
}

interface Squared {
  readonly values: Summed
  readonly squares: Summed
}

/** Squares have a scale of their own: the same range in bits, but values twice as long. */
export const squareScale = (scale: number): number => SQUARE_SCALE + 2 * (scale - SUM_SCALE)

function varianceAlgebra(value: (record: unknown) => unknown, scale: number): Algebra<Squared> {
  const plain = sumAlgebra(value, scale, (total) => total)
  const square = (record: unknown): unknown => {
    const x = value(record)
    return x === null ? null : (x as number) * (x as number)
  }
  const squared = sumAlgebra(square, squareScale(scale), (total) => total)
  return {
    zero: () => ({ values: plain.zero(), squares: squared.zero() }),
    add: (state, record, place) => ({
      values: plain.add(state.values, record, place),
      squares: squared.add(state.squares, record, place),
    }),
    merge: (a, b) => ({
      values: plain.merge(a.values, b.values),
      squares: squared.merge(a.squares, b.squares),
    }),
    subtract: (a, b) => ({
      values: plain.subtract!(a.values, b.values),
      squares: squared.subtract!(a.squares, b.squares),
    }),
    finish: ({ values, squares }) => {
      if (values.values === 0) return null
      const mean = (plain.finish(values) as number) / values.values
      const variance = (squared.finish(squares) as number) / values.values - mean * mean
      // rounding can leave a tiny negative number where all values are the same
      return Math.max(variance, 0)
    },
  }
}

function leastAlgebra(
  value: (record: unknown) => unknown,
  keeps: (a: unknown, b: unknown) => boolean,
): Algebra<unknown> {
  const better = (a: unknown, b: unknown): unknown => (a === null ? b : b === null ? a : keeps(a, b) ? a : b)
  return {
    zero: () => null,
    add: (state, record) => better(state, value(record)),
    merge: better,
    finish: (state) => state,
  }
}

interface Placed {
  readonly place: Place
  readonly value: unknown
}

function placedAlgebra(
  value: (record: unknown) => unknown,
  keeps: (a: Placed, b: Placed) => boolean,
): Algebra<Placed | null> {
  const better = (a: Placed | null, b: Placed | null): Placed | null =>
    !a ? b : !b ? a : keeps(a, b) ? a : b
  return {
    zero: () => null,
    add: (state, record, place) => better(state, { place, value: value(record) }),
    merge: better,
    finish: (state) => state?.value ?? null,
  }
}

const byPlace = (a: Placed, b: Placed): number => compareValues(a.place, b.place)

function collectAlgebra(value: (record: unknown) => unknown): Algebra<Placed[]> {
  return {
    zero: () => [],
    add: (state, record, place) => {
      state.push({ place, value: value(record) })
      return state
    },
    merge: (a, b) => [...a, ...b],
    finish: (state) => state.toSorted(byPlace).map((placed) => placed.value),
  }
}

function distinctAlgebra(value: (record: unknown) => unknown): Algebra<Set<string>> {
  return {
    zero: () => new Set(),
    add: (state, record) => {
      const found = value(record)
      return found === null ? state : state.add(keyText(found))
    },
    merge: (a, b) => new Set([...a, ...b]),
    finish: (state) => state.size,
  }
}

function topAlgebra({ orders, k }: BoundAggregate): Algebra<unknown[]> {
  const compare = compareBy(orders)
  const best = (records: unknown[]): unknown[] => records.sort(compare).slice(0, k)
  return {
    zero: () => [],
    add: (state, record) => {
      state.push(record)
      return state.length > 2 * k + 100 ? best(state) : state
    },
    seal: best,
    merge: (a, b) => best([...a, ...b]),
    finish: (state) => state,
  }
}

/**
 * A reducer whose results can be kept between two of its calls: its texts hold no half of a surrogate pair. What is
 * not compiled also gives what a dataset can hold; compiled, -0 goes on to the next call as in JavaScript.
 */
export const reducerOf = ({ fn, compiled, type }: Lambda): ((a: unknown, b: unknown) => unknown) =>
  compiled.ok ? (a, b) => wellFormed(fn(a, b)) : (a, b) => canonical(fn(a, b), type)

/**
 * A user's reducer: the fold of an interval's values in the order of their positions, then of the intervals' results
 * in the order of time. That shape is the same on every engine and in every cut of a backlog, so that a reducer
 * that is not quite associative (a product of doubles) still gives the same bits.
 */
function reduceAlgebra(
  value: (record: unknown) => unknown,
  { merge, result }: BoundAggregate,
): Algebra<Placed[]> {
  const reduce = reducerOf(merge!)
  const fold = (state: Placed[]): Placed[] => {
    const [first, ...rest] = state.toSorted(byPlace)
    return first
      ? [
          {
            place: first.place,
            value: rest.reduce((total, { value }) => reduce(total, value), first.value),
          },
        ]
      : []
  }
  return {
    ...collectAlgebra(value),
    seal: fold,
    merge: (a, b) => fold([...a, ...b]),
    finish: (state) => canonical(state[0]?.value, result),
  }
}
