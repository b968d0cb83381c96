/** The quick test of what functions return: whatever it lets through conforms, and stays what it is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conformReturned, fitting } from '../../src/schema/conform.ts'
import { nullable, typeOf } from '../../src/schema/literal.ts'

const TYPES = [
  'string',
  'number',
  'integer',
  'boolean?',
  'timestamp',
  'timestamp(s)?',
  'string[]',
  'integer?[]',
  { a: 'number', constructor: 'string' },
  { a: 'integer?', b: 'string[]?', c: nullable({ d: 'boolean' }) },
  [{ a: 'string', toString: 'integer?' }],
] as const

const leaf = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    0,
    -0,
    Number.NaN,
    Infinity,
    2 ** 53,
    1.5,
    '',
    '\ud800',
    '2026-01-01',
    true,
  ),
  fc.integer(),
  fc.string({ unit: 'binary' }),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.record(
      { a: tie('any'), b: tie('any'), c: tie('any'), d: leaf, constructor: leaf, toString: leaf },
      { requiredKeys: [], noNullPrototype: true },
    ),
  ),
})).any

describe('what fits', () => {
  it.each(TYPES.map((type) => [JSON.stringify(type), type] as const))('%s', (_, schema) => {
    const type = typeOf(schema)
    const fits = fitting(type)
    let let_through = 0
    fc.assert(
      fc.property(value, (candidate) => {
        if (!fits(candidate)) return
        let_through++
        const conformed = conformReturned(candidate, type)
        expect(conformed.ok).toBe(true)
        if (conformed.ok) expect(onlyOf(candidate, conformed.value)).toEqual(conformed.value)
      }),
      { numRuns: 3_000 },
    )
    if (typeof schema === 'string' && !schema.startsWith('timestamp(s)'))
      expect(let_through).toBeGreaterThan(0)
  })

  it.each([
    [{ a: 1, constructor: 'x' }, { a: 'number', constructor: 'string' }, true],
    [{ a: 1 }, { a: 'number', constructor: 'string' }, false],
    [{ a: 1, more: 2 }, { a: 'number' }, true],
    [{ a: -0 }, { a: 'number' }, false],
    [{ a: '\ud800' }, { a: 'string' }, false],
    [{ a: undefined }, { a: 'string?' }, false],
    [{ a: null }, { a: 'string?' }, true],
    [
      new (class A {
        a = 1
      })(),
      { a: 'number' },
      false,
    ],
    [['a', null], 'string[]', false],
    [['a', null], 'string?[]', true],
    [5, 'timestamp(s)', false],
  ] as const)('%j of %j: %s', (candidate, schema, expected) => {
    expect(fitting(typeOf(schema as never))(candidate)).toBe(expected)
  })
})

/** A value with the fields of another only; the others are not read. */
function onlyOf(candidate: any, like: any): unknown {
  if (Array.isArray(like)) return like.map((item, index) => onlyOf(candidate[index], item))
  if (typeof like !== 'object' || like === null) return candidate
  return Object.fromEntries(Object.entries(like).map(([name, part]) => [name, onlyOf(candidate[name], part)]))
}
