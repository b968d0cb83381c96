/** Schemas as users write them; what their types are is tested in tests/types. */
import { describe, expect, test } from 'vitest'
import { nullable, type SchemaLike, schema, typeOf } from '../../src/schema/literal.ts'
import {
  INTEGER,
  join,
  listOf,
  NULL,
  NUMBER,
  numberOf,
  nullable as orNull,
  STRING,
  structOf,
  TIMESTAMP,
  type Type,
  describe as textOf,
} from '../../src/schema/type.ts'

describe('a literal as a type', () => {
  test.each<[SchemaLike, string]>([
    ['string', 'string'],
    ['number?', 'number?'],
    ['integer[]', 'integer[]'],
    ['integer?[]', 'integer?[]'],
    ['boolean[]?', 'boolean[]?'],
    ['string[][]', 'string[][]'],
    [{ a: 'string', b: 'timestamp?' }, '{ a: string, b: timestamp? }'],
    [{ a: { b: { c: 'integer' } } }, '{ a: { b: { c: integer } } }'],
    [[{ sku: 'string' }], '{ sku: string }[]'],
    [{ a: nullable({ b: 'string' }) }, '{ a: { b: string }? }'],
    [{ a: nullable([{ b: 'string' }]) }, '{ a: { b: string }[]? }'],
    [{ a: schema({ b: 'number' }) }, '{ a: { b: number } }'],
    [schema('string'), 'string'],
    [nullable('string'), 'string?'],
  ])('%j is %s', (like, text) => {
    expect(textOf(typeOf(like))).toBe(text)
  })

  test('timestamp(s) is a timestamp whose numbers are seconds', () => {
    expect(typeOf('timestamp(s)')).toEqual({ ...TIMESTAMP, unit: 's' })
    expect(typeOf('timestamp')).toEqual(TIMESTAMP)
  })
})

describe('what is no type is an error that names the field', () => {
  test.each<[unknown, string]>([
    ['text', 'The type of the schema is "text", which is no type.'],
    [{ user: 'strnig' }, 'The type of user is "strnig", which is no type.'],
    [{ user: 5 }, 'The type of user is 5, which is no type.'],
    [{ user: null }, 'The type of user is null, which is no type.'],
    [{ tags: ['string', 'number'] }, 'The type of tags is a list of 2 items, which is no type.'],
    [{ tags: [] }, 'The type of tags is a list of 0 items, which is no type.'],
    [{ tags: ['strin'] }, 'The type of tags[] is "strin", which is no type.'],
    [{ o: {} }, 'The type of o is an object without fields, which is no type.'],
    [{ o: { deep: 'toString' } }, 'The type of deep is "toString", which is no type.'],
    ['', 'The type of the schema is "", which is no type.'],
    ['?', 'The type of the schema is "", which is no type.'],
  ])('%j', (literal, what) => {
    expect(() => typeOf(literal as SchemaLike)).toThrow(expect.objectContaining({ code: 'DS_JOB', what }))
  })
})

// ---- joins ---------------------------------------------------------------------------------------------------------

const struct = (fields: Record<string, Type>): Type =>
  structOf(Object.entries(fields).map(([name, type]) => ({ name, type })))

const TYPES: readonly Type[] = [
  STRING,
  INTEGER,
  NUMBER,
  numberOf('any'),
  numberOf('infinite'),
  TIMESTAMP,
  NULL,
  orNull(STRING),
  orNull(INTEGER),
  typeOf('boolean'),
  listOf(INTEGER),
  listOf(STRING),
  orNull(listOf(NUMBER)),
  struct({ a: INTEGER }),
  struct({ a: STRING }),
  struct({ a: INTEGER, b: STRING }),
  struct({ b: STRING, a: NUMBER }),
]

describe('the join of two types', () => {
  test.each<[string, Type, Type, string | undefined]>([
    ['the same', STRING, STRING, 'string'],
    ['null and a type', NULL, INTEGER, 'integer?'],
    ['a type and null', STRING, NULL, 'string?'],
    ['null and null', NULL, NULL, 'null'],
    ['one of them nullable', orNull(STRING), STRING, 'string?'],
    ['integer and number', INTEGER, NUMBER, 'number'],
    ['timestamp and integer', TIMESTAMP, INTEGER, 'number'],
    ['timestamps of any unit', typeOf('timestamp(s)'), TIMESTAMP, 'timestamp'],
    ['string and number', STRING, NUMBER, undefined],
    ['string and boolean', STRING, typeOf('boolean'), undefined],
    ['lists', listOf(INTEGER), listOf(NUMBER), 'number[]'],
    ['lists of different things', listOf(INTEGER), listOf(STRING), undefined],
    ['a list and its item', listOf(STRING), STRING, undefined],
    [
      'structs with the same fields',
      struct({ a: INTEGER, b: STRING }),
      struct({ b: NULL, a: NUMBER }),
      '{ a: number, b: string? }',
    ],
    ['structs with other fields', struct({ a: INTEGER }), struct({ b: INTEGER }), undefined],
    ['structs with more fields', struct({ a: INTEGER }), struct({ a: INTEGER, b: INTEGER }), undefined],
  ])('%s', (_, a, b, expected) => {
    const joined = join(a, b)
    expect(joined && textOf(joined)).toBe(expected)
  })

  test('is the same either way, but for the order of fields, and holds both', () => {
    const sorted = (type: Type | undefined): unknown =>
      type &&
      JSON.parse(
        JSON.stringify(type, (_, part) =>
          Array.isArray(part) ? part.toSorted((x, y) => (x.name < y.name ? -1 : 1)) : part,
        ),
      )
    for (const a of TYPES)
      for (const b of TYPES) {
        const joined = join(a, b)
        expect(sorted(join(b, a)), `${textOf(a)} and ${textOf(b)}`).toEqual(sorted(joined))
        if (!joined) continue
        expect(sorted(join(joined, a))).toEqual(sorted(joined))
        expect(sorted(join(joined, b))).toEqual(sorted(joined))
      }
  })

  test('the range of numbers is the wider one', () => {
    expect(join(NUMBER, numberOf('any'))).toMatchObject({ range: 'any' })
    expect(join(numberOf('infinite'), INTEGER)).toMatchObject({ range: 'infinite' })
    expect(join(INTEGER, TIMESTAMP)).toMatchObject({ kind: 'number', range: 'finite' })
  })
})
