/**
 * Math, parsing, formatting and bits in DuckDB's SQL.
 *
 * What is exact in SQL is written in SQL, at least for the rows with plain values (integers, plain decimals); the rest
 * goes to JavaScript's own function, row by row (`functions.ts`).
 */
import { type MathCallee, type NumberCallee, OWN_MATH, type OwnMath } from '../../expression/callee.ts'
import type { Expression } from '../../expression/tree.ts'
import {
  bigint,
  double,
  doubleOrNull,
  type Form,
  type Forms,
  isInteger,
  javascript,
  NAN,
  numberOf,
  once,
  type Printing,
} from './printing.ts'

const itself = (value: string): string => value

/**
 * A number, integer or boolean as text. DuckDB finds the same shortest digits as JavaScript, but writes `1.0` and
 * `1e-05`: so integers go through BIGINT, and what JavaScript writes with an exponent goes to JavaScript.
 */
export function toText(tree: Expression, printing: Printing): string {
  const sql = printing.print(tree)
  if (tree.type.kind !== 'number') return `CAST(${sql} AS VARCHAR)`
  return once(
    sql,
    printing,
    (x) =>
      `CASE WHEN ${isSafe(x)} THEN CAST(CAST(${x} AS BIGINT) AS VARCHAR) ` +
      `WHEN abs(${x}) BETWEEN 0.0001 AND 999999999999999 THEN CAST(${x} AS VARCHAR) ` +
      `ELSE ${javascript('number_text', [], [x])} END`,
  )
}

/** Whether a DOUBLE is an integer that BIGINT holds exactly. NaN and infinity are larger. */
const isSafe = (x: string): string => `(${x} = trunc(${x}) AND abs(${x}) <= 9007199254740991)`

/** A text of digits by JavaScript's own function; the second operand is a literal. */
const formatted =
  (name: string): Form =>
  ([of, digits], printing) =>
    javascript(name, [], [doubleOrNull(of!, printing), `${numberOf(digits)}::DOUBLE`])

/**
 * Both languages round the exact value of a number, but where it is just in the middle `printf` takes the even digit
 * and JavaScript the one farther from zero. In the middle, the product with the power of ten is exact, and ends in .5.
 */
const toFixed: Form = ([of, argument], printing) =>
  once(doubleOrNull(of!, printing), printing, (x) => {
    const digits = numberOf(argument)!
    const zeros = digits > 0 ? ` || '.${'0'.repeat(digits)}'` : ''
    const scaled = `${x} * ${10 ** digits}`
    const isPlain = `abs(${x}) < 1e9 AND abs(${scaled} - trunc(${scaled})) <> 0.5`
    const written = digits <= 6 ? `WHEN ${isPlain} THEN printf('%.${digits}f', ${x}) ` : ''
    return (
      `CASE WHEN ${isSafe(x)} THEN CAST(CAST(${x} AS BIGINT) AS VARCHAR)${zeros} ` +
      `${written}ELSE ${javascript('fixed', [], [x, `${digits}::DOUBLE`])} END`
    )
  })

/**
 * A text as a number: plain decimals by SQL, whose parser reads them to the same bit, all else by JavaScript. The cast
 * is tried, so that it can't fail should it be computed for the other rows too.
 */
const parsed =
  (name: string, plain: string, form: (x: string) => string = itself): Form =>
  ([of, argument], printing) =>
    once(printing.print(of!), printing, (s) => {
      const radix = argument && numberOf(argument)!
      const own = javascript(name, [s], radix === undefined ? [] : [`${radix}::DOUBLE`])
      if (radix && radix !== 10) return own
      const number = form(`TRY_CAST(${s} AS DOUBLE)`)
      return `CASE WHEN regexp_full_match(${s}, '${plain}') THEN ${number} ELSE ${own} END`
    })

const DECIMAL = '-?[0-9]{1,15}(\\.[0-9]{1,15})?'
/** Decimals so short that the nearest double is not the next integer. */
const INTEGER_FIRST = '-?([0-9]{1,15}|[0-9]{1,9}\\.[0-9]{0,6})'

/** What is asked of a number; false of null. */
const question =
  (ofIntegers: boolean, form: (x: string) => string): Form =>
  ([of], printing) => {
    const { nullable } = of!.type
    if (isInteger(of!)) {
      if (!ofIntegers) return 'FALSE'
      return nullable ? `(${printing.print(of!)} IS NOT NULL)` : 'TRUE'
    }
    return once(printing.print(of!), printing, (x) => (nullable ? `coalesce(${form(x)}, FALSE)` : form(x)))
  }

/** A number as the integer of 32 bits that the operators on bits see, as BIGINT. */
const int32 = (tree: Expression, printing: Printing): string => wrapped(whole(tree, printing))

/** The lowest 32 bits of a BIGINT, with their sign. */
const wrapped = (sql: string): string => `((((${sql}) + 2147483648) & 4294967295) - 2147483648)`

/** A number as BIGINT with the same lowest 32 bits. */
function whole(tree: Expression, printing: Printing): string {
  if (isInteger(tree)) return bigint(tree, printing)
  return once(
    double(tree, printing),
    printing,
    (x) =>
      `CAST(CASE WHEN abs(${x}) <= 9007199254740991 THEN trunc(${x}) ELSE ${javascript('int32', [], [x])} END AS BIGINT)`,
  )
}

const shift = (tree: Expression, printing: Printing): string =>
  numberOf(tree) === undefined ? `(${whole(tree, printing)} & 31)` : `${numberOf(tree)! & 31}`

const bitwise =
  (form: (a: string, b: string) => string): Form =>
  ([left, right], printing) =>
    form(int32(left!, printing), int32(right!, printing))

export const NUMBER_FORMS: Forms<NumberCallee> = {
  toText: ([of], printing) => toText(of!, printing),
  'number.toFixed': toFixed,
  'number.toPrecision': formatted('precision'),
  'number.toExponential': formatted('exponential'),
  'number.toRadix': formatted('radix'),
  parseNumber: parsed('number', DECIMAL),
  parseFloat: parsed('parse_float', DECIMAL),
  parseInt: parsed('parse_int', INTEGER_FIRST, (x) => `trunc(${x})`),
  'Number.isInteger': question(true, (x) => `(${x} = trunc(${x}) AND isfinite(${x}))`),
  'Number.isSafeInteger': question(true, isSafe),
  'Number.isFinite': question(true, (x) => `isfinite(${x})`),
  'Number.isNaN': question(false, (x) => `isnan(${x})`),
  'bits.and': bitwise((a, b) => `(${a} & ${b})`),
  'bits.or': bitwise((a, b) => `(${a} | ${b})`),
  'bits.xor': bitwise((a, b) => `xor(${a}, ${b})`),
  'bits.not': ([of], printing) => `(-1 - ${int32(of!, printing)})`,
  'bits.left': ([of, by], printing) =>
    wrapped(`${int32(of!, printing)} * (1::BIGINT << ${shift(by!, printing)})`),
  // Shifted as a number that is not negative, so that it does not matter what DuckDB does with a sign.
  'bits.right': ([of, by], printing) =>
    once(
      shift(by!, printing),
      printing,
      (n) => `(((${int32(of!, printing)} + 2147483648) >> ${n}) - (2147483648 >> ${n}))`,
    ),
  'bits.rightUnsigned': ([of, by], printing) =>
    `((${whole(of!, printing)} & 4294967295) >> ${shift(by!, printing)})`,
}

/** A function of doubles, null counting as 0. */
const ofDoubles =
  (form: (...values: string[]) => string): Form =>
  (args, printing) =>
    form(...args.map((each) => double(each, printing)))

/** A function that has integers for integers, and gives them back. */
const ofBoth =
  (integers: (...values: string[]) => string, doubles: Form): Form =>
  (args, printing, call) =>
    call.type.kind === 'integer'
      ? integers(...args.map((each) => bigint(each, printing)))
      : doubles(args, printing, call)

const extremes = (name: 'least' | 'greatest'): Form =>
  ofBoth(
    (...values) => (values.length > 1 ? `${name}(${values.join(', ')})` : values[0]!),
    (args, printing) =>
      args
        .map((each) => double(each, printing))
        .reduce((a, b) =>
          once(a, printing, (left) => once(b, printing, (right) => extreme(name, left, right))),
        ),
  )

/** Half goes up, and what rounds to zero from below is -0. `floor(x + 0.5)` would be wrong near 0.5 and 2^52. */
const roundOf = (x: string): string =>
  `(CASE WHEN ${x} BETWEEN -0.5::DOUBLE AND 0::DOUBLE THEN ceil(${x}) ` +
  `ELSE floor(${x}) + CASE WHEN ${x} - floor(${x}) >= 0.5::DOUBLE THEN 1::DOUBLE ELSE 0::DOUBLE END END)`

/** NaN wins, and -0 is less than 0. `greatest` takes NaN for the largest, and the two zeros for the same. */
function extreme(name: 'least' | 'greatest', a: string, b: string): string {
  // 0 + -0 is 0 and -0 + -0 is -0: the sum of two zeros is the larger one.
  const zeros = name === 'greatest' ? `${a} + ${b}` : `-((-${a}) + (-${b}))`
  return `(CASE WHEN isnan(${a}) OR isnan(${b}) THEN ${NAN} WHEN ${a} = 0 AND ${b} = 0 THEN ${zeros} ELSE ${name}(${a}, ${b}) END)`
}

/** Forms with the operand several times. */
const repeated =
  (form: (x: string) => string): Form =>
  (args, printing) =>
    once(double(args[0]!, printing), printing, form)

const OWN_FORMS = Object.fromEntries(
  (Object.keys(OWN_MATH) as OwnMath[]).map((name) => [
    `Math.${name}`,
    ofDoubles((...values) => javascript(`math_${name}`, [], values)),
  ]),
) as unknown as Forms<`Math.${OwnMath}`>

export const MATH_FORMS: Forms<MathCallee> = {
  ...OWN_FORMS,
  'Math.floor': ofBoth(
    itself,
    ofDoubles((x) => `floor(${x})`),
  ),
  'Math.ceil': ofBoth(
    itself,
    ofDoubles((x) => `ceil(${x})`),
  ),
  'Math.trunc': ofBoth(
    itself,
    ofDoubles((x) => `trunc(${x})`),
  ),
  'Math.round': ofBoth(itself, repeated(roundOf)),
  'Math.abs': ofBoth(
    (x) => `abs(${x})`,
    ofDoubles((x) => `abs(${x})`),
  ),
  'Math.min': extremes('least'),
  'Math.max': extremes('greatest'),
  // DuckDB raises an error for the root of a negative number.
  'Math.sqrt': repeated((x) => `(CASE WHEN ${x} < 0 THEN ${NAN} ELSE sqrt(${x}) END)`),
  'Math.sign': repeated(
    (x) => `(CASE WHEN ${x} = 0 OR isnan(${x}) THEN ${x} WHEN ${x} > 0 THEN 1::DOUBLE ELSE -1::DOUBLE END)`,
  ),
}
