/** Random jobs: trees of operators with real lambdas over one record type, and random cuts of random input. */
import fc from 'fast-check'
import {
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
import { asc, desc } from '../../src/plan/order.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { fromArray } from '../../src/sources/from-array.ts'
import { type Job, job } from '../../src/stream/job.ts'

export interface Click {
  user: string
  ms: number
  n: number
  ok: boolean
  tag: string | null
}
export const CLICK = { user: 'string', ms: 'number', n: 'integer', ok: 'boolean', tag: 'string?' } as const

const click: fc.Arbitrary<Click> = fc.record({
  user: fc.constantFrom('ann', 'bob', 'çem', '', '😀', 'ann '),
  ms: fc
    .oneof(
      fc.constantFrom(0, 0.1, 0.2, -1.5, 1e15, -1e15, 3, 1e-9),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
    )
    .map((x) => (x === 0 ? 0 : x)),
  n: fc.integer({ min: -5, max: 5 }).map((x) => (x === 0 ? 0 : x)),
  ok: fc.boolean(),
  tag: fc.option(fc.constantFrom('x', 'y', 'z w'), { nil: null }),
})

/** For each interval one or two partitions of records. */
export const cuts = fc.array(fc.array(fc.array(click, { maxLength: 8 }), { minLength: 1, maxLength: 2 }), {
  minLength: 1,
  maxLength: 9,
})

/** How a backlog is put together into runs. */
export const runLengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })

/** Builds a stream further; `any` because random operators change its type. */
type Operator = readonly [name: string, apply: (series: any) => any]

const stateless: readonly Operator[] = [
  ['filter', (s) => s.filter((e: Click) => e.ms > 0 || e.ok)],
  ['map', (s) => s.map((e: Click) => ({ user: e.user.trim(), ms: e.ms / 2, n: e.n, ok: !e.ok, tag: e.tag }))],
  ['flatMap', (s) => s.flatMap((e: Click) => [e, { user: 'copy', ms: e.ms, n: e.n, ok: e.ok, tag: e.tag }])],
  ['union', (s) => s.union(s.filter((e: Click) => e.n > 0))],
  ['distinct', (s) => s.distinct()],
  [
    'top',
    (s) =>
      s.top(
        4,
        desc((e: Click) => e.ms),
        asc((e: Click) => e.user),
      ),
  ],
  ['sortBy limit', (s) => s.sortBy(asc((e: Click) => e.tag)).limit(3)],
]
const sampled: Operator = ['sample', (s) => s.sample(0.6, { seed: 'law' })]

/** What a function reads through this is hidden from the compiler: such functions run as JavaScript. */
const hidden = <T>(value: T): T => value
const javascript: readonly Operator[] = [
  ['js filter', (s) => s.filter((e: Click) => hidden(e.ms) > 0 || e.ok)],
  [
    'js map that may fail',
    (s) =>
      s.map(
        (e: Click) => {
          if (e.n === 5) throw new RangeError(hidden('five'))
          return { ...e, user: `${e.user}!`, ms: e.n === -5 ? null : e.ms }
        },
        { returns: CLICK },
      ),
  ],
  [
    'js flatMap',
    (s) => s.flatMap((e: Click) => (e.ok ? [hidden(e), { ...e, n: 0 }] : []), { returns: CLICK }),
  ],
]
const transform: Operator = [
  'transform',
  (s) =>
    s.transform((rows: readonly Click[]) => rows.filter((_, index) => index % 2 === 0), { returns: CLICK }),
]

/** Aggregates whose order of records does not matter. */
const invertible: readonly Operator[] = [
  [
    'counts',
    (s) =>
      s
        .groupBy((e: Click) => ({ user: e.user, ok: e.ok }))
        .aggregate({ n: count(), slow: count((e: Click) => e.ms > 1), total: sum((e: Click) => e.ms) }),
  ],
  [
    'means',
    (s) =>
      s
        .groupBy((e: Click) => ({ tag: e.tag }))
        .aggregate({
          mean: mean((e: Click) => e.ms),
          variance: variance((e: Click) => e.n),
          total: sum((e: Click) => e.n),
        }),
  ],
  ['whole', (s) => s.aggregate({ n: count(), total: sum((e: Click) => e.ms) })],
  [
    'summed',
    (s) =>
      s
        .groupBy(
          (e: Click) => ({ n: e.n }),
          (e: Click) => e.ms,
        )
        .reduce((a: number, b: number) => a + b),
  ],
  ['distinct users', (s) => s.map((e: Click) => e.user).distinct()],
  [
    'js keys and values',
    (s) =>
      s
        .groupBy((e: Click) => ({ size: hidden(e.user).length }), { returns: { size: 'integer' } })
        .aggregate({ n: count((e: Click) => hidden(e.ok)), total: sum((e: Click) => hidden(e.ms)) }),
  ],
]
const mergeable: readonly Operator[] = [
  [
    'extremes',
    (s) =>
      s
        .groupBy((e: Click) => ({ user: e.user }))
        .aggregate({
          lo: min((e: Click) => e.ms),
          hi: max((e: Click) => e.tag),
          users: countDistinct((e: Click) => e.tag),
        }),
  ],
  [
    'best',
    (s) =>
      s
        .groupBy((e: Click) => ({ ok: e.ok }))
        .aggregate({
          best: topK(
            2,
            desc((e: Click) => e.ms),
          ),
        }),
  ],
]
const ordered: readonly Operator[] = [
  [
    'firsts',
    (s) =>
      s
        .groupBy((e: Click) => ({ user: e.user }))
        .aggregate({
          first: first((e: Click) => e.tag),
          last: last((e: Click) => e.ms),
          all: collect((e: Click) => e.n),
        }),
  ],
  [
    'reduced',
    (s) =>
      s
        .groupBy(
          (e: Click) => ({ ok: e.ok }),
          (e: Click) => e.ms,
        )
        .reduce((a: number, b: number) => a * 0.5 + b),
  ],
  [
    'js reduced',
    (s) =>
      s
        .groupBy(
          (e: Click) => ({ ok: e.ok }),
          (e: Click) => e.user,
        )
        .reduce((a: string, b: string) => hidden(b) + a.slice(0, 9)),
  ],
]
/** What an aggregate's rows can go through, whatever their fields are. */
const afterwards: readonly Operator[] = [
  ['nothing', (s) => s],
  ['limit', (s) => s.limit(2)],
  ['countByValue', (s) => s.countByValue()],
  ['count rows', (s) => s.aggregate({ rows: count() })],
]
const windows: readonly Operator[] = [
  ['window 3/1', (s) => s.window('3s')],
  ['window 4/2', (s) => s.window('4s', { slide: '2s' })],
  ['window 1/3', (s) => s.window('1s', { slide: '3s' })],
  ['tumbling 2', (s) => s.tumbling('2s')],
  ['running', (s) => s.running()],
]

/** One branch of a job: operators in order, and what the sink takes. */
interface Branch {
  readonly operators: readonly Operator[]
  readonly emit: 'content' | 'changes' | 'snapshots'
}

const one = (operators: readonly Operator[]): fc.Arbitrary<Operator> => fc.constantFrom(...operators)
const before = fc.array(one([...stateless.slice(0, 4), sampled, ...javascript]), { maxLength: 3 })
const anyOf = one([...stateless, ...javascript, transform])
const emit = fc.constantFrom('content', 'changes', 'snapshots') as fc.Arbitrary<Branch['emit']>
const aggregates = one([...invertible, ...mergeable, ...ordered])

const branch: fc.Arbitrary<Branch> = fc.oneof(
  // streams
  fc.tuple(before, anyOf).map(([a, b]) => ({ operators: [...a, b], emit: 'content' as const })),
  fc
    .tuple(before, aggregates, one(afterwards))
    .map(([a, b, c]) => ({ operators: [...a, b, c], emit: 'content' as const })),
  // aggregates over windows and bags; selects between
  fc
    .tuple(before, one(windows), before, aggregates, one(afterwards), emit)
    .map(([a, b, c, d, e, f]) => ({ operators: [...a, b, ...c, d, e], emit: f })),
  // the running content of an aggregate, and what is made of it
  fc.tuple(before, aggregates, one(afterwards), emit).map(([a, b, c, d]) => ({
    operators: [...a, b, ['running', (s: any) => s.running()] as const, c],
    emit: d,
  })),
  // bags
  fc.tuple(before, one(windows), anyOf, emit).map(([a, b, c, d]) => ({ operators: [...a, b, c], emit: d })),
  // a table's changes, counted again
  fc.tuple(before, one(windows), one(invertible)).map(([a, b, c]) => ({
    operators: [...a, b, c, ['changes counted', (s: any) => s.changes().aggregate({ n: count() })] as const],
    emit: 'content' as const,
  })),
)

/** What a random job is: up to three branches over one source. */
export const jobs = fc.array(branch, { minLength: 1, maxLength: 3 })

export const describeBranches = (branches: readonly Branch[]): string =>
  branches
    .map(({ operators, emit: what }) => [...operators.map(([name]) => name), what].join(' > '))
    .join('; ')

/** A sink that only names what it takes: the harness delivers. */
export const PROBE: Sink = {
  kind: 'probe',
  detail: '',
  tableMode: 'content',
  open: () => Promise.reject(new Error('not opened')),
}

export function jobOf(branches: readonly Branch[]): Job {
  return job('law', { interval: '1s' }, (s) => {
    const clicks = s.from(fromArray([], CLICK))
    branches.forEach(({ operators, emit: what }, index) => {
      let series: any = clicks
      for (const [, apply] of operators) series = apply(series)
      if (what === 'changes' && series.changes) series = series.changes()
      if (what === 'snapshots' && series.snapshots) series = series.snapshots()
      series.to(`sink ${index}`, PROBE)
    })
  })
}
