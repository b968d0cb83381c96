/** The exact sum against rational arithmetic: the integer of units that the definition names, as a BigInt. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addSums,
  type ExactSum,
  resultOf,
  SQUARE_SCALE,
  SUM_SCALE,
  subtractSums,
  sumOf,
  ZERO_SUM,
} from '../../src/schema/exact-sum.ts'

const LIMB_BITS = 60n
const total = (values: readonly number[], scale = SUM_SCALE): ExactSum =>
  values.map((x) => sumOf(x, scale)).reduce(addSums, ZERO_SUM)
const sum = (values: readonly number[], scale = SUM_SCALE): number => resultOf(total(values, scale), scale)

/** A double as numerator and power of two, exactly: x = numerator * 2^exponent. */
function exactly(x: number): { numerator: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 2047n)
  const fraction = bits & (2n ** 52n - 1n)
  const numerator = biased === 0 ? fraction : fraction | (1n << 52n)
  return { numerator: bits >> 63n ? -numerator : numerator, exponent: Math.max(biased, 1) - 1075 }
}

/** Whole units of 2^-scale in x, what is below one unit cut off towards zero. */
function units(x: number, scale: number): bigint {
  const { numerator, exponent } = exactly(x)
  const shift = exponent + scale
  if (shift >= 0) return numerator << BigInt(shift)
  const size = numerator < 0n ? -numerator : numerator
  const cut = size >> BigInt(-shift)
  return numerator < 0n ? -cut : cut
}

/** The units that a sum holds. */
const held = ({ hi, lo }: ExactSum): bigint => (hi << LIMB_BITS) + lo

/** |result - units * 2^-scale| in units of 2^-1100, exactly. */
function errorOf(result: number, exact: bigint, scale: number): bigint {
  const { numerator, exponent } = exactly(result)
  const difference = (numerator << BigInt(exponent + 1100)) - (exact << BigInt(1100 - scale))
  return difference < 0n ? -difference : difference
}

const inRange = fc.oneof(
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 62), max: 2 ** 62 })
    .filter((x) => x === 0 || Math.abs(x) >= 2 ** -60),
  fc.constantFrom(
    0,
    0.1,
    0.2,
    0.3,
    1e15,
    -1e15,
    1e-9,
    2 ** -60,
    -(2 ** -60),
    2 ** 62,
    -(2 ** 62),
    2 ** 53 - 1,
    1 / 3,
  ),
  fc.integer(),
)
const anything = fc.oneof(
  inRange,
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 2 ** 63, -(2 ** 63), 5e-324, 1e308, 2 ** -61),
)

describe('the exact sum', () => {
  test('holds the whole units of all values, exactly', () => {
    fc.assert(
      fc.property(fc.array(inRange, { maxLength: 50 }), (values) => {
        expect(held(total(values))).toBe(values.reduce((all, x) => all + units(x, SUM_SCALE), 0n))
      }),
    )
  })

  test('has the same bits in any order and in any grouping, whatever the values are', () => {
    fc.assert(
      fc.property(
        fc
          .array(anything, { maxLength: 30 })
          .chain((values) =>
            fc.tuple(
              fc.constant(values),
              fc.shuffledSubarray(values, { minLength: values.length, maxLength: values.length }),
              fc.nat(),
            ),
          ),
        ([values, shuffled, place]) => {
          const at = values.length === 0 ? 0 : place % values.length
          expect(total(shuffled)).toEqual(total(values))
          expect(addSums(total(values.slice(at)), total(values.slice(0, at)))).toEqual(total(values))
          expect(sum(shuffled)).toBe(sum(values))
        },
      ),
    )
  })

  test('subtraction undoes addition, to the bit, whatever the values are', () => {
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 30 }),
        fc.array(anything, { maxLength: 30 }),
        (kept, gone) => {
          expect(subtractSums(addSums(total(kept), total(gone)), total(gone))).toEqual(total(kept))
          expect(subtractSums(total(kept), total(kept))).toEqual(ZERO_SUM)
        },
      ),
    )
  })

  test('a single value with no bit below the resolution comes back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 62), max: 2 ** 62 }), (x) => {
        fc.pre(x === 0 || Math.abs(x) >= 2 ** -8)
        expect(sum([x])).toBe(x === 0 ? 0 : x)
      }),
    )
    for (const x of [
      0.1,
      -0.1,
      1 / 3,
      2 ** 62,
      2 ** -60,
      -(2 ** -60),
      2 ** 53 - 1,
      123456789.12345679,
      2 ** 63 - 1024,
    ])
      expect(sum([x])).toBe(x)
  })

  test('the result is within two units in the last place of the exact sum, and within a unit of resolution', () => {
    fc.assert(
      fc.property(fc.array(inRange, { minLength: 1, maxLength: 40 }), (values) => {
        const exact = values.reduce((all, x) => all + units(x, SUM_SCALE), 0n)
        const error = errorOf(sum(values), exact, SUM_SCALE)
        const size = exact < 0n ? -exact : exact
        // 2^-52 of the sum, in units of 2^-1100
        expect(error <= (size << BigInt(1100 - SUM_SCALE)) >> 51n).toBe(true)
      }),
    )
  })

  test('cancellation leaves nothing behind', () => {
    expect(sum([1e15, 0.1, -1e15])).toBe(0.1)
    expect(sum([0.1, 0.2, 0.3, -0.1, -0.2, -0.3])).toBe(0)
    expect(Object.is(sum([1.5, -1.5]), 0)).toBe(true)
    expect(sum(Array.from({ length: 1000 }, () => 0.1))).toBe(Number(1000n * units(0.1, 60)) / 2 ** 60)
    // the exact sum lies between -1 and its neighbour, nearer to -1
    expect(sum([-1, 2 ** -60])).toBe(-1)
    expect(sum([2 ** 40, -(2 ** -20)])).toBe(2 ** 40 - 2 ** -20)
    expect(sum([-(2 ** 40), 2 ** -20])).toBe(-(2 ** 40) + 2 ** -20)
    // limbs of opposite signs, that all but cancel
    expect(sum([1, -(1 - 2 ** -50), -(2 ** -50 - 2 ** -60)])).toBe(2 ** -60)
    expect(sum([-1, 1 - 2 ** -50, 2 ** -50 - 2 ** -60])).toBe(-(2 ** -60))
    expect(sum([])).toBe(0)
    expect(sum([-0])).toBe(0)
  })

  test.each<[string, readonly number[], number]>([
    ['NaN', [1, Number.NaN], Number.NaN],
    ['Infinity', [1, Infinity, 2], Infinity],
    ['-Infinity', [-Infinity, 5], -Infinity],
    ['both infinities', [Infinity, -Infinity], Number.NaN],
    ['an infinity and a NaN', [Infinity, Number.NaN], Number.NaN],
    ['a value out of range', [1, 2 ** 63], Number.NaN],
    ['the same below zero', [-(2 ** 63)], Number.NaN],
    ['a value below the resolution', [1, 2 ** -61], Number.NaN],
    ['the least double', [5e-324], Number.NaN],
    ['many infinities', Array.from({ length: 1000 }, () => Infinity), Infinity],
  ])('%s', (_, values, expected) => {
    expect(sum(values)).toBe(expected)
  })

  test('what was odd counts only while it is inside', () => {
    for (const odd of [Number.NaN, Infinity, -Infinity, 2 ** 70, 1e-300]) {
      const all = addSums(total([0.1, 0.2]), sumOf(odd, SUM_SCALE))
      expect(resultOf(subtractSums(all, sumOf(odd, SUM_SCALE)), SUM_SCALE)).toBe(sum([0.1, 0.2]))
    }
  })

  test.each([0, 20, 40, 100, -20, 200])('scale %i moves range and resolution', (scale) => {
    expect(sum([2 ** -scale], scale)).toBe(2 ** -scale)
    expect(sum([2 ** -(scale + 1)], scale)).toBeNaN()
    expect(sum([2 ** (122 - scale)], scale)).toBe(2 ** (122 - scale))
    expect(sum([2 ** (123 - scale)], scale)).toBeNaN()
    expect(held(total([2 ** -scale, 2 ** (10 - scale)], scale))).toBe(1025n)
  })

  test('squares have room for squares', () => {
    expect(sum([2 ** 82], SQUARE_SCALE)).toBe(2 ** 82)
    expect(sum([2 ** 83], SQUARE_SCALE)).toBeNaN()
  })

  test('a sum of a million values does not overflow its limbs', () => {
    const one = sumOf(2 ** 62, SUM_SCALE)
    const million: ExactSum = { hi: one.hi * 1_000_000n, lo: one.lo, odd: 0n }
    expect(resultOf(million, SUM_SCALE)).toBe(2 ** 62 * 1_000_000)
  })
})
