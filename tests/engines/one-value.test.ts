/**
 * Values that JavaScript tells apart and no dataset does: -0 and 0, one order of fields and another. Whatever makes
 * them, every engine gives the same one.
 */
import { describe, expect, test } from 'vitest'
import {
  asc,
  collect,
  collectRows,
  count,
  countDistinct,
  type DStream,
  first,
  fromArray,
  job,
  last,
  run,
} from '../../src/index.ts'

interface Row {
  readonly x: number
  readonly ok: boolean
}
const ROWS: readonly Row[] = [
  { x: 0, ok: true },
  { x: 1.5, ok: false },
]
const SCHEMA = { x: 'number', ok: 'boolean' } as const

/** Every bit of rows, fields in their order. */
const bits = (rows: readonly unknown[]): string =>
  JSON.stringify(rows, (_, part) => (Object.is(part, -0) ? '-0' : part))

const CASES: readonly (readonly [string, (rows: DStream<Row>) => any, readonly unknown[]])[] = [
  ['map to -0', (s) => s.map((r) => ({ v: -r.x })), [{ v: 0 }, { v: -1.5 }]],
  ['map to a list with -0', (s) => s.map((r) => [-r.x]), [[0], [-1.5]]],
  ['flatMap to -0', (s) => s.flatMap((r) => [-r.x, r.x]), [0, 0, -1.5, 1.5]],
  ['collect of -0', (s) => s.aggregate({ c: collect((r) => -r.x) }), [{ c: [0, -1.5] }]],
  [
    'collect of structs with -0',
    (s) => s.aggregate({ c: collect((r) => ({ v: -r.x, l: [-r.x] })) }),
    [
      {
        c: [
          { v: 0, l: [0] },
          { v: -1.5, l: [-1.5] },
        ],
      },
    ],
  ],
  [
    'first and last of -0',
    (s) => s.aggregate({ f: first((r) => -r.x), l: last((r) => r.x * -1 * 0) }),
    [{ f: 0, l: 0 }],
  ],
  [
    'a reduction that gives -0',
    (s) =>
      s
        .groupBy(
          (r) => ({ k: r.x > 5 }),
          (r) => r.x,
        )
        .reduce((a, b) => a * 0 - b * 0),
    [{ k: false, value: 0 }],
  ],
  [
    'a reduction is given 0 for -0',
    (s) =>
      s
        .groupBy(
          (r) => ({ k: r.x > 5 }),
          (r) => -r.x,
        )
        .reduce((a, b) => 1 / a + b),
    [{ k: false, value: Infinity }],
  ],
  [
    'topK of -0',
    (s) =>
      s
        .groupBy(
          (r) => ({ k: r.x > 5 }),
          (r) => ({ v: -r.x }),
        )
        .top(
          1,
          asc((r) => r.v * 0),
        ),
    [{ k: false, top: [{ v: -1.5 }] }],
  ],
  ['a key of -0', (s) => s.groupBy((r) => ({ k: r.x * -1 * 0 })).aggregate({ n: count() }), [{ k: 0, n: 2 }]],
  [
    'fields in two orders are one row',
    (s) => s.map((r) => (r.ok ? { a: 1, b: 2 } : { b: 2, a: 1 })).distinct(),
    [{ a: 1, b: 2 }],
  ],
  [
    'and one key',
    (s) => s.groupBy((r) => (r.ok ? { a: 1, b: 2 } : { b: 2, a: 1 })).aggregate({ n: count() }),
    [{ a: 1, b: 2, n: 2 }],
  ],
  [
    'and one value',
    (s) => s.aggregate({ n: countDistinct((r) => (r.ok ? { a: 1, b: 2 } : { b: 2, a: 1 })) }),
    [{ n: 1 }],
  ],
  [
    'and come out in one order',
    (s) => s.aggregate({ c: collect((r) => (r.ok ? { a: 1, b: 2 } : { b: 3, a: 4 })) }),
    [
      {
        c: [
          { a: 1, b: 2 },
          { a: 4, b: 3 },
        ],
      },
    ],
  ],
  [
    'also of a union',
    (s) => s.union(s.map((r) => ({ ok: r.ok, x: r.x }))).countByValue(),
    [
      { value: { x: 0, ok: true }, count: 2 },
      { value: { x: 1.5, ok: false }, count: 2 },
    ],
  ],
  [
    'also inside lists',
    (s) => s.map((r) => [r.ok ? { a: 1, b: 2 } : { b: 2, a: 1 }]).distinct(),
    [[{ a: 1, b: 2 }]],
  ],
]

describe.each(['memory', 'duckdb'] as const)('on %s', (engine) => {
  test.each(CASES)('%s', async (_, define, expected) => {
    const out = collectRows<any>()
    const made = job('one-value', { interval: '1s' }, (s) =>
      define(s.from(fromArray(ROWS, SCHEMA))).to('out', out),
    )
    await run(made, { engine, until: 'drained' }).finished
    const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => bits([row])).sort()
    expect(sorted(out.rows)).toEqual(sorted(expected))
  })
})
