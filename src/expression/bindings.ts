/**
 * The variables of a parsed function: each under a name of its own, and how often each is declared, read and written.
 *
 * A minifier gives the same short name to variables of different functions. After `withOwnNames` no two variables
 * share one, so rules can speak of a variable by its name. Positions stay, and messages show the text.
 */
import type * as acorn from 'acorn'
import { boundNames, isFunction, isNode } from './walk.ts'

type Part = (child: acorn.AnyNode, key: string) => acorn.AnyNode

/** The direct parts of a node, with the key under which each stands. */
export function partsOf(node: acorn.AnyNode): readonly (readonly [acorn.AnyNode, string])[] {
  return Object.entries(node).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).filter(isNode).map((part) => [part, key] as const),
  )
}

/** The same node with other parts. */
export function mapParts<Node extends acorn.AnyNode>(node: Node, to: Part): Node {
  const copy: Record<string, unknown> = { ...node }
  for (const [key, value] of Object.entries(node)) {
    if (isNode(value)) copy[key] = to(value, key)
    else if (Array.isArray(value)) copy[key] = value.map((part) => (isNode(part) ? to(part, key) : part))
  }
  return copy as unknown as Node
}

/** Whether the identifier under this key of a node is only a name: of a property, or of a label. */
const isOnlyName = (node: acorn.AnyNode, key: string): boolean =>
  (key === 'property' && node.type === 'MemberExpression' && !node.computed) ||
  (key === 'key' && 'computed' in node && !node.computed) ||
  key === 'label' ||
  node.type === 'MetaProperty'

/** The names of all `var` in a function, however deep. */
function varsIn(node: acorn.AnyNode): readonly string[] {
  if (isFunction(node)) return []
  const own =
    node.type === 'VariableDeclaration' && node.kind === 'var'
      ? node.declarations.flatMap(({ id }) => boundNames(id))
      : []
  return [...own, ...partsOf(node).flatMap(([part]) => varsIn(part))]
}

/** The names that exist in a node and not outside of it. */
function namesWithin(node: acorn.AnyNode): readonly string[] {
  if (isFunction(node)) return [...node.params.flatMap(boundNames), ...varsIn(node.body)]
  switch (node.type) {
    case 'BlockStatement':
      return node.body.flatMap(lexicalNames)
    case 'SwitchStatement':
      return node.cases.flatMap(({ consequent }) => consequent.flatMap(lexicalNames))
    case 'ForStatement':
      return node.init?.type === 'VariableDeclaration' ? lexicalNames(node.init) : []
    case 'ForInStatement':
    case 'ForOfStatement':
      return node.left.type === 'VariableDeclaration' ? lexicalNames(node.left) : []
    case 'CatchClause':
      return node.param ? boundNames(node.param) : []
    default:
      return []
  }
}

function lexicalNames(statement: acorn.AnyNode): readonly string[] {
  if (statement.type === 'VariableDeclaration') {
    return statement.kind === 'var' ? [] : statement.declarations.flatMap(({ id }) => boundNames(id))
  }
  const isDeclared = statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration'
  return isDeclared && statement.id ? [statement.id.name] : []
}

interface Names {
  readonly own: ReadonlyMap<string, string>
  readonly outer: Names | undefined
}

/** The same program, in which no two variables have the same name. */
export function withOwnNames(program: acorn.Program): acorn.Program {
  const taken = new Set<string>()
  const within = (names: readonly string[], outer: Names | undefined): Names => {
    const own = new Map<string, string>()
    for (const name of new Set(names)) {
      // No identifier holds a `#`.
      const given = taken.has(name) ? `${name}#${taken.size}` : name
      taken.add(given)
      own.set(name, given)
    }
    return { own, outer }
  }
  const rename = (node: acorn.AnyNode, outer: Names | undefined): acorn.AnyNode => {
    if (node.type === 'Identifier') return { ...node, name: nameIn(outer, node.name) }
    const self = node.type === 'FunctionExpression' && node.id ? within([node.id.name], outer) : outer
    const names = namesWithin(node)
    const inner = names.length > 0 ? within(names, self) : self
    return mapParts(node, (part, key) => {
      if (isOnlyName(node, key)) return part
      // The name of a function, and what a `switch` decides about, stand outside of it.
      const isOutside = (key === 'id' && isFunction(node)) || key === 'discriminant'
      return rename(part, isOutside ? self : inner)
    })
  }
  return rename(program, undefined) as acorn.Program
}

function nameIn(names: Names | undefined, name: string): string {
  for (let each = names; each; each = each.outer) {
    const own = each.own.get(name)
    if (own) return own
  }
  return name
}

/** How often a variable is declared, and how often without a value; how often it is read and given one. */
export interface Use {
  declared: number
  bare: number
  reads: number
  writes: number
}

/** The uses of all names in some nodes. A name that is not declared is one from outside. */
export class Uses {
  readonly #uses = new Map<string, Use>()

  constructor(nodes: readonly acorn.AnyNode[]) {
    for (const node of nodes) this.#visit(node, 'reads')
  }

  of(name: string): Readonly<Use> {
    return this.#uses.get(name) ?? { declared: 0, bare: 0, reads: 0, writes: 0 }
  }

  isOutside = (name: string): boolean => this.of(name).declared === 0

  /** All names that are declared. */
  declared(): readonly string[] {
    return [...this.#uses].filter(([, { declared }]) => declared > 0).map(([name]) => name)
  }

  #count(name: string, as: keyof Use): void {
    const use = { ...this.of(name) }
    use[as]++
    this.#uses.set(name, use)
  }

  #visit(node: acorn.AnyNode, as: 'reads' | 'writes' | 'declared'): void {
    if (node.type === 'Identifier') this.#count(node.name, as)
    if (node.type === 'VariableDeclarator' && !node.init && node.id.type === 'Identifier') {
      this.#count(node.id.name, 'bare')
    }
    for (const [part, key] of partsOf(node)) {
      if (!isOnlyName(node, key)) this.#visit(part, roleOf(node, key, as))
    }
    const target = node.type === 'UpdateExpression' ? node.argument : undefined
    const changed = node.type === 'AssignmentExpression' && node.operator !== '=' ? node.left : target
    if (changed?.type === 'Identifier') this.#count(changed.name, 'reads')
  }
}

/** What happens to the names under a key of a node, by what happens to the node itself. */
function roleOf(node: acorn.AnyNode, key: string, as: 'reads' | 'writes' | 'declared') {
  switch (node.type) {
    case 'VariableDeclarator':
    case 'ClassDeclaration':
    case 'ClassExpression':
      return key === 'id' ? 'declared' : 'reads'
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
    case 'FunctionDeclaration':
      return key === 'id' || key === 'params' ? 'declared' : 'reads'
    case 'CatchClause':
      return key === 'param' ? 'declared' : 'reads'
    case 'AssignmentExpression':
    case 'ForInStatement':
    case 'ForOfStatement':
      return key === 'left' ? 'writes' : 'reads'
    case 'UpdateExpression':
      return 'writes'
    case 'ObjectPattern':
    case 'ArrayPattern':
    case 'RestElement':
      return as
    case 'Property':
      return key === 'value' ? as : 'reads'
    case 'AssignmentPattern':
      return key === 'left' ? as : 'reads'
    default:
      return 'reads'
  }
}
