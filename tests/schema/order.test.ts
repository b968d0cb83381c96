/** The order of values, keys, and what stands for all values of a key. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical, compareStrings, compareValues, keyText } from '../../src/schema/order.ts'

const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1, -1))
const string = fc.string({
  unit: fc.constantFrom('', 'a', 'b', 'é', '\uE000', '\uFFFF', '😀', '\u{10FFFF}', '\u0000'),
})
const scalars = [number, string, fc.boolean()] as const
/** Three values of one type, each maybe null. */
const alike = fc
  .constantFrom<fc.Arbitrary<unknown>>(
    ...scalars,
    fc.array(number, { maxLength: 3 }),
    fc.array(string, { maxLength: 3 }),
    fc.record({ a: number, b: fc.option(string) }),
    fc.record({ a: fc.array(fc.record({ x: number }), { maxLength: 2 }), b: fc.boolean() }),
  )
  .chain((one) => fc.tuple(fc.option(one), fc.option(one), fc.option(one)))

const sign = (a: unknown, b: unknown): number => Math.sign(compareValues(a, b))

describe('compareValues is a total order of values of one type', () => {
  test('of any two, one way or the other, and the same as itself', () => {
    fc.assert(
      fc.property(alike, ([a, b]) => {
        expect(sign(a, a)).toBe(0)
        expect(sign(a, b) + sign(b, a)).toBe(0)
      }),
    )
  })

  test('transitive', () => {
    fc.assert(
      fc.property(alike, (three) => {
        const [a, b, c] = three.toSorted(compareValues)
        expect(sign(a, b)).toBeLessThanOrEqual(0)
        expect(sign(b, c)).toBeLessThanOrEqual(0)
        expect(sign(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })

  test('equal exactly where the keys are', () => {
    fc.assert(
      fc.property(alike, ([a, b]) => {
        expect(compareValues(a, b) === 0).toBe(keyText(a) === keyText(b))
      }),
    )
  })

  test.each<[string, readonly unknown[]]>([
    [
      'numbers: by value, NaN above all, null after everything',
      [-Infinity, -1, 0, 0.5, 1, Infinity, Number.NaN, null],
    ],
    [
      'strings: by code point, not by UTF-16 unit',
      ['', '\u0000', 'A', 'a', 'aa', 'b', 'é', '\uE000', '\uFFFF', '😀', '\u{10FFFF}', null],
    ],
    ['false before true', [false, true, null]],
    ['lists: part by part, then the shorter one', [[], [1], [1, 1], [1, 2], [2], [Number.NaN], [null], null]],
    [
      'structs: field by field',
      [
        { a: 1, b: 'x' },
        { a: 1, b: null },
        { a: 2, b: 'a' },
        { a: null, b: 'a' },
      ],
    ],
  ])('%s', (_, ascending) => {
    for (const [i, a] of ascending.entries())
      for (const [j, b] of ascending.entries()) expect(sign(a, b), `${i} ${j}`).toBe(Math.sign(i - j))
  })

  test('-0 and 0 are the same', () => {
    expect(compareValues(-0, 0)).toBe(0)
    expect(compareValues([{ a: -0 }], [{ a: 0 }])).toBe(0)
    expect(compareValues(undefined, null)).toBe(0)
  })

  test('strings are in the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(string, string, (a, b) => {
        expect(Math.sign(compareStrings(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
  })
})

describe('keyText', () => {
  test.each<[string, readonly unknown[]]>([
    ['numbers and their texts', [1, '1', true, 't', null, 'n', 'null', Number.NaN, 'NaN']],
    ['lists of one and their item', [1, [1], [[1]], [], [null], [[]]]],
    [
      'where one text ends and the next begins',
      [['a', 'b'], ['a,b'], ['a"', 'b'], ['a', '"b'], ['"a","b"'], ['', ''], ['']],
    ],
    ['field names and values', [{ a: 1 }, { b: 1 }, { a: '1' }, { 'a":1,"b': 1 }, { a: 1, b: 1 }]],
    ['infinities', [Infinity, -Infinity, 'Infinity']],
  ])('tells apart: %s', (_, values) => {
    expect(new Set(values.map(keyText)).size).toBe(values.length)
  })

  test('puts together what is one key', () => {
    expect(keyText(-0)).toBe(keyText(0))
    expect(keyText({ a: [-0] })).toBe(keyText({ a: [0] }))
    expect(keyText(Number.NaN)).toBe(keyText(0 / 0))
    expect(keyText(undefined)).toBe(keyText(null))
  })
})

test('canonical: the same key, without -0 and undefined, and nothing else changed', () => {
  const bits = (value: unknown): string =>
    JSON.stringify(value, (_, part) =>
      Object.is(part, -0)
        ? '-0'
        : part === undefined
          ? 'undefined'
          : typeof part === 'number' && !Number.isFinite(part)
            ? String(part)
            : part,
    )
  fc.assert(
    fc.property(alike, ([value]) => {
      const one = canonical(value)
      expect(keyText(one)).toBe(keyText(value))
      expect(bits(one)).not.toMatch(/"-0"|"undefined"/)
      expect(canonical(one)).toEqual(one)
    }),
  )
  expect(canonical({ a: undefined, b: [-0, { c: -0 }], d: 'x' })).toStrictEqual({
    a: null,
    b: [0, { c: 0 }],
    d: 'x',
  })
})
