/** The algebra of every aggregate as laws over random records: what windows, states and bulk runs rely on. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Aggregate,
  type AggregateKind,
  bindAggregate,
  collect,
  count,
  countDistinct,
  first,
  last,
  max,
  mean,
  min,
  sum,
  topK,
  variance,
} from '../../src/plan/aggregate.ts'
import { type Algebra, algebraOf, type Place } from '../../src/plan/algebra.ts'
import { asc, desc } from '../../src/plan/order.ts'
import { typeOf } from '../../src/schema/literal.ts'
import { compareValues } from '../../src/schema/order.ts'

interface Row {
  readonly k: string
  readonly x: number | null
  readonly b: boolean
}
const TYPE = typeOf({ k: 'string', x: 'number?', b: 'boolean' })

/** Text joined: associative, not commutative, so that an order that is not kept shows. */
const joined = {
  kind: 'reduce',
  value: (r: Row) => r.k,
  merge: (a: string, b: string) => `${a}${b}`,
} as Aggregate<Row, string>

const AGGREGATES: readonly Aggregate<Row, unknown>[] = [
  count(),
  count((r) => r.b),
  sum((r) => r.x),
  sum((r) => r.x, { scale: 20 }),
  mean((r) => r.x),
  variance((r) => r.x),
  min((r) => r.x),
  max((r) => r.k),
  min((r) => r.b),
  first((r) => r.x),
  last((r) => r.k),
  collect((r) => r.x),
  countDistinct((r) => r.x),
  countDistinct((r) => ({ k: r.k, b: r.b })),
  topK(
    2,
    desc((r) => r.x),
  ),
  topK(
    3,
    asc((r) => r.b),
    desc((r) => r.k),
  ),
  joined,
]
const INVERTIBLE: ReadonlySet<AggregateKind> = new Set(['count', 'sum', 'mean', 'variance'])
/** What looks at the place of a record; a reduction moreover wants its parts to lie beside each other in time. */
const ORDERED: ReadonlySet<AggregateKind> = new Set(['first', 'last', 'collect', 'reduce'])

const x = fc.oneof(
  fc.double(),
  fc.integer({ min: -9, max: 9 }),
  fc.constantFrom(0.1, 0.2, 1e15, -1e15, Number.NaN, Infinity, -Infinity, 2 ** 70, 1e-30),
  fc.constant(null),
)
const row: fc.Arbitrary<Row> = fc.record({
  k: fc.constantFrom('', 'a', 'b', '😀', '\uFFFF'),
  x,
  b: fc.boolean(),
})
const rows = fc.array(row, { maxLength: 12 })

interface Placed {
  readonly row: Row
  readonly place: Place
}
/** Rows at places of their own, three to an interval. */
const placed = (all: readonly Row[], from = 0): Placed[] =>
  all.map((one, index) => ({ row: one, place: [Math.floor((from + index) / 3), 'p', from + index] }))

/** The accumulator of some rows: a partial of each interval, as engines make them, merged in the order of time. */
function accumulate(algebra: Algebra, all: readonly Placed[]): unknown {
  const intervals = new Map<unknown, Placed[]>()
  for (const one of all) intervals.set(one.place[0], [...(intervals.get(one.place[0]) ?? []), one])
  const inTime = [...intervals].sort(([a], [b]) => (a as number) - (b as number))
  const partials = inTime.map(([, own]) => {
    const state = own.reduce(
      (added, { row: record, place }) => algebra.add(added, record, place),
      algebra.zero(),
    )
    return algebra.seal?.(state) ?? state
  })
  return partials.reduce((merged, partial) => algebra.merge(merged, partial), sealed(algebra))
}
const sealed = (algebra: Algebra): unknown => algebra.seal?.(algebra.zero()) ?? algebra.zero()

/** Every bit of a result. */
const bits = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    typeof part === 'number' ? (Object.is(part, -0) ? '-0' : `${part}`) : part,
  )

const bound = (aggregate: Aggregate<Row, unknown>) => bindAggregate('a', aggregate, TYPE, 'test')
const name = (aggregate: Aggregate<Row, unknown>, index: number): string => `${index} ${aggregate.kind}`

describe.each(AGGREGATES.map((aggregate, index) => [name(aggregate, index), aggregate] as const))(
  '%s',
  (_, aggregate) => {
    const { kind } = aggregate
    const algebra = algebraOf(bound(aggregate))
    const finish = (state: unknown): string => bits(algebra.finish(state))

    test('zero is neutral on both sides', () => {
      fc.assert(
        fc.property(rows, (all) => {
          const own = accumulate(algebra, placed(all))
          expect(finish(algebra.merge(sealed(algebra), own))).toBe(finish(own))
          expect(finish(algebra.merge(own, sealed(algebra)))).toBe(finish(own))
        }),
      )
    })

    test('merge is associative, and all at once is part by part', () => {
      fc.assert(
        fc.property(rows, rows, rows, (one, two, three) => {
          // parts that begin with an interval of their own
          const cut = (length: number): number => Math.ceil(length / 3) * 3
          const a = placed(one)
          const b = placed(two, cut(one.length))
          const c = placed(three, cut(one.length) + cut(two.length))
          const [A, B, C] = [a, b, c].map((part) => accumulate(algebra, part))
          const all = finish(accumulate(algebra, [...a, ...b, ...c]))
          expect(finish(algebra.merge(algebra.merge(A, B), C))).toBe(all)
          expect(finish(algebra.merge(A, algebra.merge(B, C)))).toBe(all)
        }),
      )
    })

    test('merge is commutative: what comes first is in the places, not in the order of merging', () => {
      fc.assert(
        fc.property(rows, rows, (one, two) => {
          const A = accumulate(algebra, placed(one))
          const B = accumulate(algebra, placed(two, Math.ceil(one.length / 3) * 3))
          expect(finish(algebra.merge(A, B))).toBe(finish(algebra.merge(B, A)))
        }),
      )
    })

    test(`the order in which records of an interval are added does not matter${ORDERED.has(kind) ? ', their places do' : ''}`, () => {
      fc.assert(
        fc.property(
          rows.chain((all) =>
            fc.tuple(
              fc.constant(placed(all)),
              fc.shuffledSubarray(placed(all), { minLength: all.length, maxLength: all.length }),
            ),
          ),
          ([all, shuffled]) => {
            expect(finish(accumulate(algebra, shuffled))).toBe(finish(accumulate(algebra, all)))
          },
        ),
      )
    })

    test('merging changes neither side', () => {
      fc.assert(
        fc.property(rows, rows, (one, two) => {
          const A = accumulate(algebra, placed(one))
          const B = accumulate(algebra, placed(two, 30))
          const before = [finish(A), finish(B)]
          algebra.merge(A, B)
          if (algebra.subtract) algebra.subtract(A, B)
          expect([finish(A), finish(B)]).toEqual(before)
        }),
      )
    })

    test(INVERTIBLE.has(kind) ? 'subtract undoes merge' : 'has no subtract', () => {
      expect(bound(aggregate).invertible).toBe(INVERTIBLE.has(kind))
      if (!INVERTIBLE.has(kind)) {
        expect(algebra.subtract).toBeUndefined()
        return
      }
      fc.assert(
        fc.property(rows, rows, (kept, gone) => {
          const A = accumulate(algebra, placed(kept))
          const B = accumulate(algebra, placed(gone, 30))
          expect(finish(algebra.subtract!(algebra.merge(A, B), B))).toBe(finish(A))
          expect(finish(algebra.subtract!(algebra.merge(B, A), B))).toBe(finish(A))
          expect(finish(algebra.subtract!(A, A))).toBe(finish(algebra.zero()))
        }),
      )
    })

    test('says whether it is ordered', () => {
      expect(bound(aggregate).ordered).toBe(ORDERED.has(kind))
    })
  },
)

describe('what aggregates are', () => {
  const of = (aggregate: Aggregate<Row, unknown>, all: readonly Row[]): unknown => {
    const algebra = algebraOf(bound(aggregate))
    return algebra.finish(accumulate(algebra, placed(all)))
  }
  const r = (k: string, value: number | null, b = false): Row => ({ k, x: value, b })
  const ALL = [r('b', 2), r('a', null, true), r('c', 1), r('a', 4, true)]

  test.each<[string, Aggregate<Row, unknown>, readonly Row[], unknown]>([
    ['count', count(), ALL, 4],
    ['count of some', count((one) => one.b), ALL, 2],
    ['sum leaves null out', sum((one) => one.x), ALL, 7],
    ['sum of nothing', sum((one) => one.x), [], 0],
    ['sum of nulls', sum((one) => one.x), [r('a', null)], 0],
    ['mean leaves null out', mean((one) => one.x), ALL, 7 / 3],
    ['mean of nothing', mean((one) => one.x), [r('a', null)], null],
    [
      'variance',
      variance((one) => one.x),
      [r('', 2), r('', 4), r('', 4), r('', 4), r('', 5), r('', 5), r('', 7), r('', 9)],
      4,
    ],
    ['variance of nothing', variance((one) => one.x), [], null],
    [
      'variance of one value is not below 0',
      variance((one) => one.x),
      [r('', 0.1), r('', 0.1), r('', 0.1)],
      0,
    ],
    ['min', min((one) => one.x), ALL, 1],
    ['max with NaN', max((one) => one.x), [...ALL, r('', Number.NaN)], Number.NaN],
    ['min with NaN', min((one) => one.x), [...ALL, r('', Number.NaN)], 1],
    ['max by code point', max((one) => one.k), [r('\uFFFF', 1), r('😀', 1)], '😀'],
    ['first, null too', first((one) => one.x), [r('', null), r('', 1)], null],
    ['last, null too', last((one) => one.x), [r('', 1), r('', null)], null],
    ['collect keeps nulls and order', collect((one) => one.x), ALL, [2, null, 1, 4]],
    [
      'countDistinct leaves null out',
      countDistinct((one) => one.x),
      [...ALL, r('', 2), r('', -0), r('', 0)],
      4,
    ],
    [
      'topK with ties by all fields',
      topK(
        3,
        desc((one) => one.b),
      ),
      ALL,
      [r('a', 4, true), r('a', null, true), r('b', 2)],
    ],
    [
      'topK of fewer',
      topK(
        9,
        asc((one) => one.x),
      ),
      [r('b', null), r('a', 1)],
      [r('a', 1), r('b', null)],
    ],
    ['reduce in the order of places', joined, ALL, 'baca'],
  ])('%s', (_, aggregate, all, expected) => {
    expect(of(aggregate, all)).toEqual(expected)
  })

  test('topK keeps the first k of ten thousand', () => {
    const all = Array.from({ length: 10_000 }, (_, index) =>
      r(`${(index * 7919) % 10_000}`, (index * 7919) % 10_000),
    )
    const best = of(
      topK(
        5,
        desc((one) => one.x),
      ),
      all,
    ) as Row[]
    expect(best.map((one) => one.x)).toEqual([9999, 9998, 9997, 9996, 9995])
  })

  test('places are compared part by part, null last', () => {
    expect(compareValues([1, 'a', 5], [1, 'a', 10])).toBeLessThan(0)
    expect(compareValues([1, 'b', 0], [1, 'a', 9])).toBeGreaterThan(0)
  })
})
