/** What a value of the input may be, and the reasons when it is not. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conform, define } from '../../src/schema/conform.ts'
import { nullable, type SchemaLike, schema, typeOf } from '../../src/schema/literal.ts'

const result = (value: unknown, like: SchemaLike): unknown => {
  const conformed = conform(value, typeOf(like))
  return conformed.ok ? conformed.value : `! ${conformed.reason}`
}

describe('values that fit come back unchanged', () => {
  test.each<[SchemaLike, unknown]>([
    ['string', ''],
    ['string', 'a\u0000\uFEFF😀'],
    ['number', 1.5],
    ['number', -1.7976931348623157e308],
    ['number', 5e-324],
    ['integer', 9007199254740991],
    ['integer', -9007199254740991],
    ['boolean', false],
    ['timestamp', -1],
    ['timestamp', 9007199254740991],
    ['string?', null],
    ['integer[]', []],
    ['integer?[]', [1, null]],
    ['string[][]', [[], ['a']]],
    [[{ a: 'string' }], [{ a: 'x' }]],
  ])('%j: %j', (like, value) => {
    expect(result(value, like)).toStrictEqual(value)
  })
})

describe('what is allowed beyond identity', () => {
  test.each<[string, SchemaLike, unknown, unknown]>([
    ['-0 is 0', 'number', -0, 0],
    ['-0 is 0 for integers', 'integer', -0, 0],
    ['-0 is 0 for timestamps', 'timestamp', -0, 0],
    ['a missing field is null', { a: 'string?', b: 'integer' }, { b: 1 }, { a: null, b: 1 }],
    ['undefined is missing', { a: 'string?' }, { a: undefined }, { a: null }],
    ['other fields are left out', { a: 'string' }, { b: 1, a: 'x', c: {} }, { a: 'x' }],
    ['ISO 8601 with a zone', 'timestamp', '1970-01-01T00:00:01Z', 1000],
    ['a zone that is not Z', 'timestamp', '1970-01-01T01:00:00+01:00', 0],
    ['a full date', 'timestamp', '1970-01-02', 86_400_000],
    ['fractions of a second are cut to milliseconds', 'timestamp', '1970-01-01T00:00:00.123456789Z', 123],
    ['seconds where declared', 'timestamp(s)', 1.5, 1500],
    ['a list of structs', [{ a: 'number' }], [{ a: -0, b: 1 }], [{ a: 0 }]],
  ])('%s', (_, like, value, expected) => {
    expect(result(value, like)).toStrictEqual(expected)
  })

  test('fields come in the order of the schema', () => {
    expect(Object.keys(result({ b: 1, a: 2 }, { a: 'integer', b: 'integer' }) as object)).toEqual(['a', 'b'])
  })
})

describe('what does not fit is said with its place', () => {
  test.each<[SchemaLike, unknown, string]>([
    ['integer', '5', 'the record is "5", not integer'],
    ['integer', 1.5, 'the record is 1.5, not a safe integer'],
    ['integer', 9007199254740992, 'the record is 9007199254740992, not a safe integer'],
    ['integer', true, 'the record is true, not integer'],
    ['number', Number.NaN, 'the record is NaN, not a finite number'],
    ['number', Infinity, 'the record is Infinity, not a finite number'],
    ['number', '1', 'the record is "1", not number'],
    ['boolean', 1, 'the record is 1, not boolean'],
    ['boolean', 'true', 'the record is "true", not boolean'],
    ['string', 1, 'the record is 1, not string'],
    ['string', '\ud800', 'the record holds a lone surrogate'],
    ['string', 'a\udc00', 'the record holds a lone surrogate'],
    ['string', null, 'the record is missing or null'],
    ['timestamp', 1.5, 'the record is 1.5, not a whole number of milliseconds'],
    ['timestamp', 'June 1', 'the record is "June 1", not ISO 8601 with a zone'],
    ['timestamp', '2024-01-01T00:00:00', 'the record is "2024-01-01T00:00:00", not ISO 8601 with a zone'],
    ['timestamp', '2024-13-01', 'the record is "2024-13-01", not ISO 8601 with a zone'],
    ['timestamp', true, 'the record is true, not a timestamp'],
    ['string[]', 'a', 'the record is "a", not a list'],
    ['string[]', ['a', 1], '[1] is 1, not string'],
    ['string[]', ['a', null], '[1] is missing or null'],
    [{ a: 'string' }, [], 'the record is [], not { a: string }'],
    [{ a: 'string' }, 5, 'the record is 5, not { a: string }'],
    [{ a: 'string' }, {}, 'a is missing or null'],
    [{ a: { b: [{ c: 'integer' }] } }, { a: { b: [{ c: 1 }, { c: 'x' }] } }, 'a.b[1].c is "x", not integer'],
    [{ a: 'string?' }, { a: 1 }, 'a is 1, not string'],
    ['integer', 'x'.repeat(100), `the record is "${'x'.repeat(36)}..., not integer`],
  ])('%j: %j', (like, value, reason) => {
    expect(result(value, like)).toBe(`! ${reason}`)
  })

  test('names that objects have anyway are not fields', () => {
    expect(result(JSON.parse('{"__proto__":{"a":"x"}}'), { a: 'string' })).toBe('! a is missing or null')
    expect(result({}, { constructor: 'string' } as never)).toBe('! constructor is missing or null')
    expect(result({}, { toString: 'string?' } as never)).toStrictEqual({ toString: null })
  })

  test('a 30th of February is rejected: Date.parse would make a March day of it', () => {
    expect(result('2024-02-30', 'timestamp')).toMatch(/^! /)
    expect(result('2024-02-30T12:00:00Z', 'timestamp')).toMatch(/^! /)
    expect(result('2023-02-29', 'timestamp')).toMatch(/^! /)
    expect(result('2024-04-31T00:00:00+02:00', 'timestamp')).toMatch(/^! /)
    expect(result('2024-02-29', 'timestamp')).toBe(Date.UTC(2024, 1, 29))
  })
})

test('define sets own fields of any name', () => {
  const record: Record<string, unknown> = {}
  define(record, '__proto__', 1)
  define(record, 'a', 2)
  expect(Object.entries(record)).toEqual([
    ['__proto__', 1],
    ['a', 2],
  ])
  expect(Object.getPrototypeOf(record)).toBe(Object.prototype)
})

test('what conforms, conforms again and stays the same', () => {
  const like = schema({
    s: 'string?',
    n: 'number?',
    i: 'integer?',
    b: 'boolean?',
    t: 'timestamp?',
    l: 'number[]?',
    o: nullable({ a: 'string?' }),
  })
  const value = fc.oneof(fc.jsonValue(), fc.double(), fc.string({ unit: 'binary' }), fc.constant(undefined))
  fc.assert(
    fc.property(
      fc.record(
        {
          s: value,
          n: value,
          i: value,
          b: value,
          t: value,
          l: fc.oneof(fc.array(fc.double()), value),
          o: value,
        },
        { requiredKeys: [] },
      ),
      (record) => {
        const once = conform(record, like.type)
        if (!once.ok) return
        const again = conform(once.value, like.type)
        expect(again).toStrictEqual(once)
      },
    ),
  )
})
