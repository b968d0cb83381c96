/**
 * The typing rules of numbers: `Math`, `Number`, parsing, formatting and the operators on bits.
 *
 * Where SQL's last bit or last digit is not JavaScript's, the call is compiled all the same: a dialect has
 * JavaScript's own function for it, or does not compile the lambda.
 */
import type { Node } from 'acorn'
import { BOOLEAN, describe, INTEGER, isNumeric, numberOf, rangeOf, STRING, widest } from '../schema/type.ts'
import { count, literalInteger, only, plain } from './arguments.ts'
import { type Callee, OWN_MATH, type OwnMath } from './callee.ts'
import { arithmetic, conditional, constantOf, folded, numeric, positive } from './operators.ts'
import { refuse } from './refuse.ts'
import type { Expression } from './tree.ts'
import { defined, numberLiteral, typeOf, type Value } from './value.ts'

/** Constants by their full name. */
const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ...(['E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'] as const).map(
    (name) => [`Math.${name}`, Math[name]] as const,
  ),
  ...(
    [
      'EPSILON',
      'MAX_SAFE_INTEGER',
      'MAX_VALUE',
      'MIN_SAFE_INTEGER',
      'MIN_VALUE',
      'NaN',
      'NEGATIVE_INFINITY',
      'POSITIVE_INFINITY',
    ] as const
  ).map((name) => [`Number.${name}`, Number[name]] as const),
])

/** `Math.PI`, `Number.EPSILON` and the like, or `undefined`. */
export function constantNamed(name: string): Value | undefined {
  const value = CONSTANTS.get(name)
  return value === undefined ? undefined : numberLiteral(value)
}

type Mapped = 'floor' | 'ceil' | 'trunc' | 'abs' | 'round' | 'min' | 'max'
const MAPPED: ReadonlySet<string> = new Set<Mapped>(['floor', 'ceil', 'trunc', 'abs', 'round', 'min', 'max'])
const ANY = numberOf('any')

/** `Math.name(args)`, or `undefined` where it does not compile. */
export function mathFunction(node: Node, name: string, values: readonly Value[]): Value | undefined {
  if (MAPPED.has(name)) {
    if (name !== 'min' && name !== 'max') only(node, `Math.${name}`, values)
    if (values.length === 0) refuse(node, 'it has no argument', 'give it one')
    return mathOf(node, name as Mapped, values)
  }
  const isOwn = Object.hasOwn(OWN_MATH, name)
  if (!isOwn && name !== 'sqrt' && name !== 'sign') return undefined
  const arity = isOwn ? OWN_MATH[name as OwnMath] : 1
  count(node, `Math.${name}`, values, arity, arity)
  const callee = `Math.${name as OwnMath | 'sqrt' | 'sign'}` as const
  const constants = values.map(constantOf).filter((each) => each !== undefined)
  if (constants.length === arity) return folded(node, constantly(name as OwnMath, constants))
  const ranges = values.map((value) => rangeOf(numeric(node, value, `Math.${name}`)))
  const type = name === 'sign' && ranges[0] !== 'any' ? numberOf('finite') : ANY
  return defined({ kind: 'call', name: callee, args: values.map(({ tree }) => tree), type })
}

function constantly(name: keyof Math, constants: readonly number[]): number {
  const compute = Math[name] as (...args: readonly number[]) => number
  return compute(...constants)
}

/** A function that gives an integer for integers, and otherwise a number in the range of its arguments. */
function mathOf(node: Node, name: Mapped, values: readonly Value[]): Value {
  const constants = values.map(constantOf).filter((each) => each !== undefined)
  if (constants.length === values.length) return folded(node, constantly(name, constants))
  const types = values.map((value) => numeric(node, value, `Math.${name}`))
  const integers = types.every((type) => type.kind !== 'number')
  const range = types.map(rangeOf).reduce(widest)
  const type = integers ? INTEGER : numberOf(range)
  return defined({ kind: 'call', name: `Math.${name}`, args: values.map(({ tree }) => tree), type })
}

/** `left ** right`. The square is a product, to the bit. */
export function power(node: Node, left: Value, right: Value): Value {
  return constantOf(right) === 2
    ? arithmetic(node, '*', left, left)
    : mathFunction(node, 'pow', [left, right])!
}

/** `Number(x)` and `+x` of a number, a boolean or a text. */
export function toNumber(node: Node, value: Value): Value {
  const type = typeOf(value)
  if (value.maybeUndefined) {
    const substitute = isNumeric(type) ? '`?? 0`' : '`??` with a value'
    refuse(node, '`undefined` counts as NaN here, and null as 0', `put ${substitute} behind the \`?.\``)
  }
  if (type.kind === 'boolean') return conditional(node, value, numberLiteral(1), numberLiteral(0))
  if (type.kind !== 'string') return positive(node, value)
  const number = parsed('parseNumber', [value.tree], type.nullable)
  // Null is 0, but a null text is no text to parse.
  return type.nullable ? positive(node, number) : number
}

const parsed = (
  name: 'parseNumber' | 'parseInt' | 'parseFloat',
  args: readonly Expression[],
  orNull = false,
) => defined({ kind: 'call', name, args, type: { ...ANY, nullable: orNull } })

/** Functions of numbers by their names, with or without `Number.` in front. */
export function numberFunction(node: Node, name: string, args: readonly Value[]): Value | undefined {
  switch (name) {
    case 'parseFloat':
    case 'Number.parseFloat':
      return parsed('parseFloat', [plain(node, only(node, name, args), 'string')])
    case 'parseInt':
    case 'Number.parseInt': {
      count(node, name, args, 1, 2)
      const radix = args[1] ? literalInteger(node, 'the radix of parseInt', args[1], 2, 36) : 0
      return parsed('parseInt', [plain(node, args[0]!, 'string'), numberLiteral(radix).tree])
    }
    case 'Number.isInteger':
    case 'Number.isSafeInteger':
    case 'Number.isFinite':
    case 'Number.isNaN':
      return question(node, name, only(node, name, args))
    case 'isFinite':
    case 'isNaN':
      return question(node, `Number.${name}`, positive(node, only(node, name, args)))
    default:
      return undefined
  }
}

/** What `Number.isInteger` and its like answer; false of null. */
function question(
  node: Node,
  name: 'Number.isInteger' | 'Number.isSafeInteger' | 'Number.isFinite' | 'Number.isNaN',
  value: Value,
): Value {
  const type = typeOf(value)
  if (!isNumeric(type)) refuse(node, `it is always false of a ${describe(type)}`, 'write false')
  return defined({ kind: 'call', name, args: [value.tree], type: BOOLEAN })
}

/** The value of `of.name(args)` of a number, or `undefined` where numbers have no such method that compiles. */
export function numberMethod(
  node: Node,
  of: Expression,
  name: string,
  args: readonly Value[],
): Value | undefined {
  const text = (callee: Callee, digits: number) =>
    defined({ kind: 'call', name: callee, args: [of, numberLiteral(digits).tree], type: STRING })
  switch (name) {
    case 'toString': {
      count(node, name, args, 0, 1)
      const radix = args[0] ? literalInteger(node, 'the radix of toString', args[0], 2, 36) : 10
      return radix === 10
        ? defined({ kind: 'call', name: 'toText', args: [of], type: STRING })
        : text('number.toRadix', radix)
    }
    case 'toFixed':
    case 'toExponential':
    case 'toPrecision': {
      const [argument] = args
      count(node, name, args, name === 'toFixed' ? 0 : 1, 1)
      const digits = argument
        ? literalInteger(node, `the digits of ${name}`, argument, name === 'toPrecision' ? 1 : 0, 100)
        : 0
      return text(`number.${name}`, digits)
    }
    case 'valueOf':
      count(node, name, args, 0, 0)
      return defined(of)
    default:
      return undefined
  }
}

/** The value of `of.name(args)` of a boolean, or `undefined`. */
export function booleanMethod(node: Node, of: Expression, name: string, args: readonly Value[]) {
  if (name !== 'toString' && name !== 'valueOf') return undefined
  count(node, name, args, 0, 0)
  return name === 'valueOf'
    ? defined(of)
    : defined({ kind: 'call', name: 'toText', args: [of], type: STRING })
}

const BITS = {
  '&': 'bits.and',
  '|': 'bits.or',
  '^': 'bits.xor',
  '<<': 'bits.left',
  '>>': 'bits.right',
  '>>>': 'bits.rightUnsigned',
} as const
export type BitOperator = keyof typeof BITS
/** Whether an operator works on the 32 bits of an integer. */
export const isBitOperator = (operator: string): operator is BitOperator => Object.hasOwn(BITS, operator)

/** `& | ^ << >> >>>`: an integer of 32 bits. */
export function bits(node: Node, op: BitOperator, left: Value, right: Value): Value {
  numeric(node, left, op)
  numeric(node, right, op)
  return defined({ kind: 'call', name: BITS[op], args: [left.tree, right.tree], type: INTEGER })
}

/** `~x`. */
export function bitsNot(node: Node, value: Value): Value {
  numeric(node, value, '~')
  return defined({ kind: 'call', name: 'bits.not', args: [value.tree], type: INTEGER })
}
