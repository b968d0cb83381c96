/**
 * The sum of numbers, once for every engine: the same bits in any order, partition and engine, and exactly undone by
 * subtraction.
 *
 * A value x is cut into whole units of 2^-scale, an integer with two limbs of 60 bits and more:
 *
 *   y  = x * 2^(scale - 60)            exact: a power of two
 *   hi = trunc(y)                      |hi| < 2^63
 *   lo = trunc((y - hi) * 2^60)        |lo| < 2^60; what is below one unit is cut off
 *
 * Limbs are added as integers; nothing is rounded until `result`. NaN, the infinities, and values that the scale
 * cannot hold (|y| >= 2^63, or not zero and below one unit) are counted apart, in one integer with three digits of
 * 31 bits: `odd`. A value that the scale cannot hold counts as a NaN while it is inside.
 *
 * Error: below 2^-scale for each value added, plus the rounding of the result; a single value of up to 2^63 whose last
 * bit is at or above 2^-scale comes back exactly.
 */
export interface ExactSum {
  readonly hi: bigint
  readonly lo: bigint
  readonly odd: bigint
}

/** Units per one, as a power of two, where a user sets nothing: values below 2^63, resolution 2^-60. */
export const SUM_SCALE = 60
/** The same for squares of values: squares below 2^83, resolution 2^-40. */
export const SQUARE_SCALE = 40

export const LIMB = 1n << 60n
const LIMB_NUMBER = 2 ** 60
export const LIMIT = 2 ** 63
/** One NaN, one Infinity, one -Infinity in `odd`. */
export const ODD_NAN = 1n
export const ODD_PLUS = 1n << 31n
export const ODD_MINUS = 1n << 62n

export const ZERO_SUM: ExactSum = Object.freeze({ hi: 0n, lo: 0n, odd: 0n })

/** One value as a sum. */
export function sumOf(x: number, scale: number): ExactSum {
  const y = x * 2 ** (scale - 60)
  if (Math.abs(y) < LIMIT) {
    const hi = Math.trunc(y)
    const lo = Math.trunc((y - hi) * LIMB_NUMBER)
    if (hi !== 0 || lo !== 0 || x === 0) return { hi: BigInt(hi), lo: BigInt(lo), odd: 0n }
  }
  return { hi: 0n, lo: 0n, odd: x === Infinity ? ODD_PLUS : x === -Infinity ? ODD_MINUS : ODD_NAN }
}

export const addSums = (a: ExactSum, b: ExactSum): ExactSum => ({
  hi: a.hi + b.hi,
  lo: a.lo + b.lo,
  odd: a.odd + b.odd,
})
export const subtractSums = (a: ExactSum, b: ExactSum): ExactSum => ({
  hi: a.hi - b.hi,
  lo: a.lo - b.lo,
  odd: a.odd - b.odd,
})

/** The double that a sum stands for. Engines that print this as SQL follow the same steps in the same order. */
export function resultOf({ hi, lo, odd }: ExactSum, scale: number): number {
  if (odd !== 0n) return oddResult(odd)
  let whole = hi + lo / LIMB
  let rest = lo % LIMB
  // both limbs get the same sign, so that adding them can't cancel
  if (whole > 0n && rest < 0n) {
    whole -= 1n
    rest += LIMB
  } else if (whole < 0n && rest > 0n) {
    whole += 1n
    rest -= LIMB
  }
  const high = whole / SPLIT
  const low = whole % SPLIT
  return (Number(high) * SPLIT_NUMBER + (Number(low) + Number(rest) / LIMB_NUMBER)) * 2 ** (60 - scale)
}
const SPLIT = 1n << 40n
const SPLIT_NUMBER = 2 ** 40

function oddResult(odd: bigint): number {
  const minus = odd >> 62n
  const plus = (odd >> 31n) & (ODD_PLUS - 1n)
  const nan = odd & (ODD_PLUS - 1n)
  if (nan > 0n || (plus > 0n && minus > 0n)) return Number.NaN
  return plus > 0n ? Infinity : -Infinity
}
