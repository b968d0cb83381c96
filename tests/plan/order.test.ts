/** Orders of records: null last either way, ties by all fields ascending. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asc, bindOrders, compareBy, desc, type Order } from '../../src/plan/order.ts'
import { typeOf } from '../../src/schema/literal.ts'
import { structOf, type Type } from '../../src/schema/type.ts'

interface Row {
  readonly a: number | null
  readonly b: string
}
const TYPE: Type = typeOf({ a: 'number?', b: 'string' })
const sorted = (rows: readonly Row[], orders: readonly Order<Row>[]): string =>
  rows
    .toSorted(compareBy(bindOrders(orders, TYPE)))
    .map(({ a, b }) => `${a}${b}`)
    .join(' ')

const row = (a: number | null, b: string): Row => ({ a, b })
const ROWS = [row(2, 'x'), row(null, 'z'), row(1, 'y'), row(2, 'w'), row(null, 'a'), row(1, 'z')]

describe('rows sorted', () => {
  test.each<[string, readonly Order<Row>[], string]>([
    ['by nothing: by all fields', [], '1y 1z 2w 2x nulla nullz'],
    ['ascending, null last, ties by the other field', [asc((r) => r.a)], '1y 1z 2w 2x nulla nullz'],
    ['descending, null last too, ties still ascending', [desc((r) => r.a)], '2w 2x 1y 1z nulla nullz'],
    ['by one field, then by another', [desc((r) => r.a), desc((r) => r.b)], '2x 2w 1z 1y nullz nulla'],
    ['the first order decides', [desc((r) => r.b), asc((r) => r.a)], '1z nullz 1y 2x 2w nulla'],
    ['by a value that is computed', [asc((r) => -(r.a ?? 9))], 'nulla nullz 2w 2x 1y 1z'],
  ])('%s', (_, orders, expected) => {
    expect(sorted(ROWS, orders)).toBe(expected)
  })

  test('the same whatever order they were in', () => {
    const orders = [desc((r: Row) => r.a)]
    fc.assert(
      fc.property(fc.shuffledSubarray(ROWS, { minLength: ROWS.length }), (shuffled) => {
        expect(sorted(shuffled, orders)).toBe(sorted(ROWS, orders))
      }),
    )
  })

  test('NaN is above all numbers, below null', () => {
    const rows = [row(null, ''), row(Number.NaN, ''), row(Infinity, ''), row(-Infinity, '')]
    expect(sorted(rows, [asc((r) => r.a)])).toBe('-Infinity Infinity NaN null')
    expect(sorted(rows, [desc((r) => r.a)])).toBe('NaN Infinity -Infinity null')
  })
})

test('an order is compiled against the type of the rows', () => {
  const [order] = bindOrders([desc((r: Row) => r.b)], structOf([{ name: 'b', type: typeOf('string') }]))
  expect(order!.direction).toBe('desc')
  expect(order!.value.compiled).toMatchObject({ ok: true, body: { type: { kind: 'string' } } })
})
