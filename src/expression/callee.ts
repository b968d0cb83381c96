/**
 * The methods and functions that compile, by what they are about. Each list has a file of rules in this folder (which
 * arguments keep JavaScript's meaning, which type comes out) and a file of forms in each dialect.
 *
 * A call's operands are its arguments, behind the receiver if it is a method. A receiver that may be null (the chain
 * had a `?.`) makes the result null; all other operands are never null, except numbers, where null counts as 0.
 */
export type Callee =
  | TextCallee
  | RegexCallee
  | NumberCallee
  | MathCallee
  | DateCallee
  | ListCallee
  | Condition

export type TextCallee =
  | 'split'
  | 'trim'
  | 'toLowerCase'
  | 'toUpperCase'
  | 'startsWith'
  | 'endsWith'
  | 'string.length'
  | 'string.trimStart'
  | 'string.trimEnd'
  /** The units from one index up to another, as `slice` and as `substring` count them. The end may be left out. */
  | 'string.slice'
  | 'string.substring'
  /** One unit by its index: from the end if negative; '' where there is none; null where there is none. */
  | 'string.at'
  | 'string.charAt'
  | 'string.element'
  /** The code of one unit: NaN where there is none; null where there is none. */
  | 'string.charCodeAt'
  | 'string.codePointAt'
  /** The text from an index on: how a search with a position begins. */
  | 'string.from'
  | 'string.indexOf'
  | 'string.lastIndexOf'
  | 'string.replace'
  | 'string.replaceAll'
  | 'string.padStart'
  | 'string.padEnd'
  | 'string.repeat'
  | 'string.concat'
  /** `split` by a text that may be empty, and then gives the units. */
  | 'string.splitBy'
  /** The first elements of the list of texts that `split` made; the second operand is a literal. */
  | 'string.first'

/** The second operand is a pattern as `pattern.ts` writes it, a literal. */
export type RegexCallee = 'regex.test' | 'regex.replace' | 'regex.replaceAll' | 'regex.split' | 'regex.search'

export type NumberCallee =
  /** A number, integer or boolean as text. */
  | 'toText'
  /** With digits or a radix, a literal. */
  | 'number.toFixed'
  | 'number.toPrecision'
  | 'number.toExponential'
  | 'number.toRadix'
  /** Of texts. */
  | 'parseNumber'
  | 'parseFloat'
  | 'parseInt'
  | 'Number.isInteger'
  | 'Number.isSafeInteger'
  | 'Number.isFinite'
  | 'Number.isNaN'
  /** On 32 bits. */
  | 'bits.and'
  | 'bits.or'
  | 'bits.xor'
  | 'bits.not'
  | 'bits.left'
  | 'bits.right'
  | 'bits.rightUnsigned'

/** The functions of Math that SQL computes exactly. */
export type ExactMath = 'floor' | 'ceil' | 'trunc' | 'abs' | 'min' | 'max' | 'round' | 'sqrt' | 'sign'
/** The functions of Math whose last bit is JavaScript's own business, by how many arguments are compiled. */
export const OWN_MATH = {
  cbrt: 1,
  exp: 1,
  expm1: 1,
  log: 1,
  log10: 1,
  log1p: 1,
  log2: 1,
  sin: 1,
  cos: 1,
  tan: 1,
  asin: 1,
  acos: 1,
  atan: 1,
  sinh: 1,
  cosh: 1,
  tanh: 1,
  asinh: 1,
  acosh: 1,
  atanh: 1,
  fround: 1,
  clz32: 1,
  atan2: 2,
  hypot: 2,
  imul: 2,
  pow: 2,
} as const
export type OwnMath = keyof typeof OWN_MATH
export type MathCallee = `Math.${ExactMath | OwnMath}`

/** The time value of a `Date`, and its parts in UTC; the operand is the number of milliseconds, a valid one. */
export type DateCallee =
  | 'date.time'
  | 'date.FullYear'
  | 'date.Month'
  | 'date.Date'
  | 'date.Day'
  | 'date.Hours'
  | 'date.Minutes'
  | 'date.Seconds'
  | 'date.Milliseconds'
  | 'date.toISOString'
  /** `Date.UTC` with all seven arguments. */
  | 'Date.UTC'

export type ListCallee =
  | 'list.length'
  | 'includes'
  /** Lists of one type, one behind the other. */
  | 'list.concat'

/**
 * What guards are made of: whether there is no character above U+FFFF in all of a value's texts, and whether a number
 * is the time value of a valid date. True of null.
 */
export type Condition = 'isBasic' | 'isDate'
