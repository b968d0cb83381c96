/** Orders of records: what `sortBy`, `top` and `topK` sort by. Ties are broken by all fields, ascending. */

import type { Outer } from '../expression/compile.ts'
import { compareValues } from '../schema/order.ts'
import type { Type } from '../schema/type.ts'
import { type FunctionOptions, readOptions } from './function-options.ts'
import { bind, type Lambda, withConstants } from './lambda.ts'

/** An order of records `T`, made with `asc` or `desc`. */
export interface Order<in T> {
  readonly direction: 'asc' | 'desc'
  readonly value: (record: T) => unknown
  /** What was passed beside the function. */
  readonly options?: FunctionOptions
}

export interface BoundOrder {
  readonly direction: 'asc' | 'desc'
  readonly value: Lambda
}

/** Ascending by a value: numbers with NaN above all, strings by code point, null last. */
export const asc = <T>(value: (record: T) => unknown, options: FunctionOptions = {}): Order<T> =>
  Object.freeze({ direction: 'asc', value, options })

/** Descending by a value; null last. */
export const desc = <T>(value: (record: T) => unknown, options: FunctionOptions = {}): Order<T> =>
  Object.freeze({ direction: 'desc', value, options })

export const bindOrders = (
  orders: readonly Order<any>[],
  type: Type | undefined,
  where = 'An order',
  outer?: Outer,
): readonly BoundOrder[] =>
  orders.map(({ direction, value, options }) =>
    Object.freeze({
      direction,
      value: withConstants(bind(value, [type], { ...readOptions(options, where), outer })),
    }),
  )

/** Compares two records by these orders and then by all their fields. */
export function compareBy(orders: readonly BoundOrder[]): (a: unknown, b: unknown) => number {
  return (a, b) => {
    for (const { direction, value } of orders) {
      const left = value.fn(a)
      const right = value.fn(b)
      const order = compareValues(left, right)
      const reversed = direction === 'desc' && left != null && right != null
      if (order !== 0) return reversed ? -order : order
    }
    return compareValues(a, b)
  }
}
