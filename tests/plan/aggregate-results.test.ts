/**
 * What every aggregate gives, against plain JavaScript over all records at once; computed here from partials that
 * were cut at random places and merged. That the algebras are algebras is tested in algebra.test.ts.
 */
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
import { CLICK, type Click } from './plans.ts'

interface Placed {
  readonly record: Click
  readonly place: Place
}

// eighths within 2^20: plain JavaScript adds them without rounding, so that it can be the oracle
const click: fc.Arbitrary<Click> = fc.record({
  user: fc.constantFrom('a', 'b', '', '😀', '\uFFFF'),
  ms: fc.integer({ min: -(2 ** 23), max: 2 ** 23 }).map((eighths) => eighths / 8),
  n: fc.integer({ min: -9, max: 9 }),
  tag: fc.option(fc.constantFrom('x', 'y')),
})

/** Records by interval: each interval becomes a partial. */
const intervals = fc
  .array(fc.array(click, { maxLength: 6 }), { minLength: 1, maxLength: 4 })
  .filter((all) => all.flat().length > 0)

const nonNull = <T>(values: readonly (T | null)[]): T[] => values.filter((value) => value !== null)
const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
const tagged = (all: readonly Click[]): number[] => all.filter((e) => e.tag !== null).map((e) => e.n)

type Expected = (clicks: readonly Click[]) => unknown

const cases: readonly [name: string, aggregate: Aggregate<Click, unknown>, expected: Expected][] = [
  ['count', count(), (all) => all.length],
  ['count where', count((e) => e.n > 0), (all) => all.filter((e) => e.n > 0).length],
  ['sum', sum((e) => e.ms), (all) => total(all.map((e) => e.ms))],
  ['sum with nulls', sum((e) => (e.tag === null ? null : e.n)), (all) => total(tagged(all))],
  ['mean', mean((e) => e.ms), (all) => total(all.map((e) => e.ms)) / all.length],
  [
    'mean with nulls',
    mean((e) => (e.tag === null ? null : e.n)),
    (all) => (tagged(all).length === 0 ? null : total(tagged(all)) / tagged(all).length),
  ],
  [
    'variance',
    variance((e) => e.n),
    // in integers up to the one division: (count * squares - total^2) / count^2
    (all) => {
      const values = all.map((e) => e.n)
      const squares = total(values.map((n) => n * n))
      return expect.closeTo((all.length * squares - total(values) ** 2) / all.length ** 2, 10)
    },
  ],
  ['min', min((e) => e.ms), (all) => Math.min(...all.map((e) => e.ms))],
  ['min of strings', min((e) => e.user), (all) => all.map((e) => e.user).toSorted(byBytes)[0]],
  [
    'max of strings',
    max((e) => e.user),
    (all) =>
      all
        .map((e) => e.user)
        .toSorted(byBytes)
        .at(-1),
  ],
  [
    'max with nulls',
    max((e) => e.tag),
    (all) =>
      nonNull(all.map((e) => e.tag))
        .toSorted(byBytes)
        .at(-1) ?? null,
  ],
  ['first', first((e) => e.ms), (all) => all[0]!.ms],
  ['first, maybe of a null', first((e) => e.tag), (all) => all[0]!.tag],
  ['last', last((e) => e.tag), (all) => all.at(-1)!.tag],
  ['collect', collect((e) => e.tag), (all) => all.map((e) => e.tag)],
  ['countDistinct', countDistinct((e) => e.tag), (all) => new Set(nonNull(all.map((e) => e.tag))).size],
  [
    'countDistinct of structs',
    countDistinct((e) => ({ user: e.user, tag: e.tag })),
    (all) => new Set(all.map((e) => JSON.stringify([e.user, e.tag]))).size,
  ],
  [
    'topK',
    topK(
      3,
      desc((e) => e.n),
      asc((e) => e.ms),
    ),
    // ties are decided by all fields in their order: user, ms, n, tag with null last
    (all) =>
      all
        .toSorted(
          (a, b) =>
            b.n - a.n ||
            a.ms - b.ms ||
            byBytes(a.user, b.user) ||
            (a.tag === null ? 1 : 0) - (b.tag === null ? 1 : 0) ||
            byBytes(a.tag ?? '', b.tag ?? ''),
        )
        .slice(0, 3),
  ],
  [
    // associative, not commutative: the result is every record in its order
    'reduce',
    { kind: 'reduce', value: (e) => `${e.user}.`, merge: (a, b) => `${a}${b}` },
    (all) => all.map((e) => `${e.user}.`).join(''),
  ],
  [
    'a reducer that is a sum',
    { kind: 'reduce', value: (e) => e.ms, merge: (a, b) => a + b },
    (all) => total(all.map((e) => e.ms)),
  ],
]

const bind = (aggregate: Aggregate<Click, unknown>) =>
  bindAggregate('it', aggregate, typeOf(CLICK), 'Aggregate "it"')

const accumulate = (algebra: Algebra, records: readonly Placed[]): unknown => {
  const state = records.reduce((all, { record, place }) => algebra.add(all, record, place), algebra.zero())
  return algebra.seal ? algebra.seal(state) : state
}

test('every kind is here', () => {
  // a record by kind: a new kind does not compile before it is in the list
  const kinds: Record<AggregateKind, true> = {
    count: true,
    sum: true,
    mean: true,
    variance: true,
    min: true,
    max: true,
    first: true,
    last: true,
    collect: true,
    countDistinct: true,
    topK: true,
    reduce: true,
  }
  expect(new Set(cases.map(([, aggregate]) => bind(aggregate).kind))).toEqual(new Set(Object.keys(kinds)))
})

describe('from partials, what plain JavaScript says', () => {
  test.each(cases)('%s', (_, aggregate, expected) => {
    const algebra = algebraOf(bind(aggregate))
    fc.assert(
      fc.property(intervals, (all) => {
        const merged = all
          .map((records, interval) =>
            accumulate(
              algebra,
              records.map((record, ordinal) => ({ record, place: [interval, 'p', ordinal] })),
            ),
          )
          .reduce((a, b) => algebra.merge(a, b), algebra.zero())
        expect(algebra.finish(merged)).toEqual(expected(all.flat()))
      }),
    )
  })
})

test('a reducer folds an interval in the order of positions, in whatever order records were added', () => {
  const algebra = algebraOf(bind({ kind: 'reduce', value: (e) => e.n, merge: (a, b) => a * 10 + b }))
  const records = [1, 2, 3].map(
    (n): Placed => ({ record: { user: '', ms: 0, n, tag: null }, place: [0, 'p', n] }),
  )
  fc.assert(
    fc.property(fc.shuffledSubarray(records, { minLength: 3 }), (shuffled) => {
      expect(algebra.finish(accumulate(algebra, shuffled))).toBe(123)
    }),
  )
})

test('topK of far more records than it keeps', () => {
  const algebra = algebraOf(
    bind(
      topK(
        2,
        asc((e) => e.n),
      ),
    ),
  )
  const records = Array.from({ length: 1000 }, (_, index) => ({
    record: { user: '', ms: 0, n: (index * 7919) % 1000, tag: null },
    place: [0, 'p', index],
  }))
  expect((algebra.finish(accumulate(algebra, records)) as Click[]).map((e) => e.n)).toEqual([0, 1])
})
