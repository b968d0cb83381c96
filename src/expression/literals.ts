/**
 * Variables that never change and whose value is written down: what they hold, found by reading and not by running.
 *
 * A variable that holds a list or a record counts only if nothing in the text can change what is in it: it is frozen,
 * or no more is done with it than to read what is in it.
 */
import type * as acorn from 'acorn'
import type { Reference, Variable } from './scopes.ts'
import { isFunction } from './walk.ts'

/** A value that is known for sure. */
export interface Constant {
  readonly value: unknown
}

/** What was written: `frozen` is whether nothing can change what is in it. */
interface Written extends Constant {
  readonly frozen: boolean
}

type FunctionNode = acorn.Function | acorn.ArrowFunctionExpression

/** The constants of a program. */
export class Constants {
  readonly #job: FunctionNode
  readonly #params: unknown
  readonly #known = new Map<Variable, Written | undefined>()
  readonly #meanings: ReadonlyMap<acorn.Node, Variable | undefined>

  /**
   * @param job the function whose second parameter is `params`
   * @param references all names of the program
   */
  constructor(job: FunctionNode, params: unknown, references: readonly Reference[]) {
    this.#job = job
    this.#params = params
    this.#meanings = new Map(references.map(({ node, variable }) => [node, variable]))
  }

  /** What a variable always holds, if that is known. */
  of(variable: Variable): Constant | undefined {
    // a variable that is declared by itself is not known, and is not looked at again and again
    if (this.#known.has(variable)) return this.#known.get(variable)
    this.#known.set(variable, undefined)
    const written = this.#written(variable)
    const safe = written && (written.frozen || onlyRead(variable, written.value)) ? written : undefined
    this.#known.set(variable, safe)
    return safe
  }

  #written(variable: Variable): Written | undefined {
    const { id, kind, ancestors, declarations, references } = variable
    if (declarations !== 1 || references.some(({ writes }) => writes)) return undefined
    if (kind === 'parameter') return this.#parameter(variable)
    if (kind !== 'const' && kind !== 'let' && kind !== 'var') return undefined
    const at = ancestors.findIndex(({ type }) => type === 'VariableDeclarator')
    const { id: pattern, init } = ancestors[at] as acorn.VariableDeclarator
    // a `var` in a block may be reached or not
    if (!init || (kind === 'var' && !isAlwaysReached(ancestors.slice(at + 2)))) return undefined
    const whole = this.#valueOf(init)
    return whole && (pattern === id ? whole : taken(pattern, id, whole))
  }

  /** The job's second parameter, or a part of it. */
  #parameter({ id, ancestors }: Variable): Written | undefined {
    if (ancestors.find(isFunction) !== this.#job) return undefined
    const [, second] = this.#job.params
    const pattern = second?.type === 'AssignmentPattern' ? second.left : second
    if (!pattern) return undefined
    const params = { value: this.#params, frozen: true }
    return pattern === id ? params : taken(pattern, id, params)
  }

  #valueOf(node: acorn.AnyNode): Written | undefined {
    switch (node.type) {
      case 'Literal':
        return node.regex || typeof node.value === 'bigint' ? undefined : primitive(node.value)
      case 'TemplateLiteral':
        return node.expressions.length === 0 ? primitive(node.quasis[0]!.value.cooked) : undefined
      case 'Identifier':
        return this.#named(node)
      case 'UnaryExpression':
      case 'BinaryExpression':
        return this.#computed(node)
      case 'MemberExpression':
        return this.#member(node)
      case 'ArrayExpression':
        return this.#list(node)
      case 'ObjectExpression':
        return this.#record(node)
      case 'CallExpression':
        return this.#frozen(node)
      default:
        return undefined
    }
  }

  #named(node: acorn.Identifier): Written | undefined {
    const variable = this.#meanings.get(node)
    if (variable)
      return variable.id.end <= node.start ? (this.of(variable) as Written | undefined) : undefined
    return Object.hasOwn(NAMED, node.name) ? primitive(NAMED[node.name]) : undefined
  }

  #computed(node: acorn.UnaryExpression | acorn.BinaryExpression): Written | undefined {
    const parts = node.type === 'UnaryExpression' ? [node.argument] : [node.left, node.right]
    const values = parts.map((part) => this.#valueOf(part as acorn.AnyNode))
    if (!values.every((value) => value !== undefined && isPrimitive(value.value))) return undefined
    const [a, b] = values.map((value) => value!.value)
    const numbers = typeof a === 'number' && (typeof b === 'number' || node.type === 'UnaryExpression')
    const texts = node.operator === '+' && typeof a === 'string' && typeof b === 'string'
    if (node.type === 'UnaryExpression' && (node.operator === '!' || node.operator === 'void'))
      return primitive(node.operator === '!' ? !a : undefined)
    if (node.type === 'UnaryExpression') {
      return numbers && (node.operator === '-' || node.operator === '+')
        ? primitive(node.operator === '-' ? -(a as number) : a)
        : undefined
    }
    const compute = Object.hasOwn(COMPUTE, node.operator) ? COMPUTE[node.operator] : undefined
    return compute && (numbers || texts) ? primitive(compute(a as number, b as number)) : undefined
  }

  #member(node: acorn.MemberExpression): Written | undefined {
    if (node.optional) return undefined
    const of = this.#valueOf(node.object as acorn.AnyNode)
    const name = nameOf(node)
    return of && name !== undefined ? ownOf(of, name) : undefined
  }

  #list(node: acorn.ArrayExpression): Written | undefined {
    const items = node.elements.map((element) => element && this.#valueOf(element as acorn.AnyNode))
    return items.every((item) => item != null)
      ? { value: items.map((item) => item!.value), frozen: false }
      : undefined
  }

  #record(node: acorn.ObjectExpression): Written | undefined {
    const value: Record<string, unknown> = {}
    for (const part of node.properties) {
      if (part.type !== 'Property' || part.computed || part.kind !== 'init' || part.method) return undefined
      const name = part.key.type === 'Identifier' ? part.key.name : String((part.key as acorn.Literal).value)
      const field = this.#valueOf(part.value)
      if (!field || name === '__proto__') return undefined
      value[name] = field.value
    }
    return { value, frozen: false }
  }

  /** `Object.freeze` of what is written down. */
  #frozen({ callee, arguments: given }: acorn.CallExpression): Written | undefined {
    const isFreeze =
      callee.type === 'MemberExpression' &&
      callee.object.type === 'Identifier' &&
      callee.object.name === 'Object' &&
      !this.#meanings.get(callee.object) &&
      nameOf(callee) === 'freeze'
    const [only] = given
    if (
      !isFreeze ||
      given.length !== 1 ||
      (only!.type !== 'ArrayExpression' && only!.type !== 'ObjectExpression')
    )
      return undefined
    const parts = only!.type === 'ArrayExpression' ? only.elements : only!.properties
    const written = this.#valueOf(only as acorn.AnyNode)
    const isDeep = parts.every((part) => {
      const inner = part?.type === 'Property' ? part.value : part
      const value = inner && this.#valueOf(inner as acorn.AnyNode)
      return value && (isPrimitive(value.value) || value.frozen)
    })
    return written && { value: written.value, frozen: isDeep }
  }
}

const NAMED: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
}
const COMPUTE: Readonly<Record<string, (a: number, b: number) => unknown>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
}

const primitive = (value: unknown): Written => ({ value, frozen: true })
const isPrimitive = (value: unknown): boolean => typeof value !== 'object' || value === null

/** What surrounds a declaration is the body of a function, or a module. */
function isAlwaysReached(around: readonly acorn.AnyNode[]): boolean {
  const [first, second] = around[0]?.type === 'ExportNamedDeclaration' ? around.slice(1) : around
  return first?.type === 'Program' || (first?.type === 'BlockStatement' && !!second && isFunction(second))
}

/** The part of a value that a pattern of one level gives a name. */
function taken(pattern: acorn.Pattern, id: acorn.Identifier, whole: Written): Written | undefined {
  if (pattern.type !== 'ObjectPattern') return undefined
  for (const part of pattern.properties) {
    if (part.type === 'RestElement' || part.computed || part.key.type !== 'Identifier') continue
    const target = part.value.type === 'AssignmentPattern' ? part.value.left : part.value
    if (target === id) return ownOf(whole, part.key.name)
  }
  return undefined
}

/** A field that a value has by itself. */
function ownOf({ value, frozen }: Written, name: string): Written | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  const field: unknown = Reflect.get(value, name)
  if (field === undefined) return undefined
  return isPrimitive(field) ? primitive(field) : frozen ? { value: field, frozen } : undefined
}

function nameOf({ computed, property }: acorn.MemberExpression): string | undefined {
  if (!computed) return property.type === 'Identifier' ? property.name : undefined
  return property.type === 'Literal' ? String(property.value) : undefined
}

/** Whether no more is done with a variable that holds `value` than to read it. */
const onlyRead = ({ ancestors, references }: Variable, value: unknown): boolean =>
  !ancestors.some(({ type }) => type === 'ExportNamedDeclaration') &&
  references.every(({ node, ancestors: around }) => isRead(node, around, value))

/** Whether a place where `value` stands only reads what is in it. */
function isRead(node: acorn.AnyNode, [parent, ...around]: readonly acorn.AnyNode[], value: unknown): boolean {
  const isObject = parent?.type === 'MemberExpression' && parent.object === node
  if (isPrimitive(value) && !isObject) return true
  switch (parent?.type) {
    case 'SpreadElement':
      return partsAreTexts(value)
    case 'ForOfStatement':
      return parent.right === node && partsAreTexts(value)
    case 'ChainExpression':
      return isRead(parent, around, value)
    case 'MemberExpression': {
      if (!isObject) return false
      if (isWritten(parent, around)) return false
      const name = nameOf(parent)
      if (isCalled(parent, around[0])) return isReadingCall(around[0] as acorn.CallExpression, name, value)
      if (name === undefined) return partsAreTexts(value)
      const inner = isPrimitive(value) ? undefined : (Reflect.get(value as object, name) as unknown)
      return isRead(parent, around, inner)
    }
    default:
      return false
  }
}

const isWritten = (node: acorn.AnyNode, [parent, above]: readonly acorn.AnyNode[]): boolean =>
  (parent?.type === 'AssignmentExpression' && parent.left === node) ||
  parent?.type === 'UpdateExpression' ||
  (parent?.type === 'UnaryExpression' && parent.operator === 'delete') ||
  ((parent?.type === 'ForInStatement' || parent?.type === 'ForOfStatement') && parent.left === node) ||
  parent?.type.endsWith('Pattern') === true ||
  (parent?.type === 'Property' && above?.type === 'ObjectPattern')

const isCalled = (node: acorn.AnyNode, parent: acorn.AnyNode | undefined): boolean =>
  parent?.type === 'CallExpression' && parent.callee === node

const READING = new Set(['includes', 'indexOf', 'lastIndexOf', 'join', 'at', 'slice', 'concat'])
const WALKING = new Set(['map', 'filter', 'some', 'every', 'find', 'findIndex', 'flatMap', 'reduce'])

/** A method that does not change its list, and gives nobody else the list to change. */
function isReadingCall(call: acorn.CallExpression, name: string | undefined, value: unknown): boolean {
  if (!Array.isArray(value) || !partsAreTexts(value)) return isPrimitive(value)
  if (READING.has(name ?? '')) return true
  const [fn] = call.arguments
  return (
    WALKING.has(name ?? '') &&
    fn?.type === 'ArrowFunctionExpression' &&
    fn.params.length <= 2 &&
    fn.params.every(({ type }) => type === 'Identifier')
  )
}

/** Whether what is in a list or record is nothing that could be changed in turn. */
const partsAreTexts = (value: unknown): boolean =>
  isPrimitive(value) || Object.values(value as object).every(isPrimitive)
