/**
 * Which declaration each name of a program means.
 *
 * Declarations are collected while walking and names are looked up at the end, so that what is declared further down
 * counts too. The answer errs on one side only: a name may be taken to be declared where it is not quite, as in a
 * parameter's default that is written like a variable of the body; never the other way.
 */
import type * as acorn from 'acorn'
import { type FunctionNode, isFunction, partsOf } from './walk.ts'

/** A declared name. */
export interface Variable {
  readonly name: string
  readonly kind: 'var' | 'let' | 'const' | 'parameter' | 'function' | 'class' | 'import' | 'other'
  /** The name where it is declared. */
  readonly id: acorn.Identifier
  /** What surrounds the declaration, innermost first; of a parameter, its function first. */
  readonly ancestors: readonly acorn.AnyNode[]
  /** How many declarations there are; of a constant exactly one. */
  declarations: number
  /** Where the name is used, its declaration not counted. */
  readonly references: Reference[]
}

/** A name where it is used. */
export interface Reference {
  readonly node: acorn.Identifier
  /** What surrounds it, innermost first. */
  readonly ancestors: readonly acorn.AnyNode[]
  readonly writes: boolean
  /** What it means; absent where it is declared nowhere in the program. */
  variable: Variable | undefined
}

interface Names {
  readonly parent: Names | undefined
  readonly isFunction: boolean
  readonly variables: Map<string, Variable>
}

/** All names that a program uses, with what they mean. */
export function referencesOf(root: acorn.Node): readonly Reference[] {
  const walk = new Walk()
  walk.visit(root as acorn.AnyNode, [], { parent: undefined, isFunction: true, variables: new Map() })
  return walk.resolved()
}

class Walk {
  readonly #found: { reference: Reference; names: Names }[] = []

  resolved(): readonly Reference[] {
    for (const { reference, names } of this.#found) {
      let scope: Names | undefined = names
      while (scope && !scope.variables.has(reference.node.name)) scope = scope.parent
      reference.variable = scope?.variables.get(reference.node.name)
      reference.variable?.references.push(reference)
    }
    return this.#found.map(({ reference }) => reference)
  }

  visit(node: acorn.AnyNode, ancestors: readonly acorn.AnyNode[], names: Names): void {
    const inside = [node, ...ancestors]
    const go = (part: acorn.AnyNode | null | undefined, scope = names) => {
      if (part) this.visit(part, inside, scope)
    }
    if (isFunction(node)) {
      this.#function(node, ancestors, names)
      return
    }
    switch (node.type) {
      case 'Identifier':
        this.#use(node, ancestors, names, false)
        return
      case 'VariableDeclaration':
        for (const each of node.declarations) {
          this.#declare(each.id, node.kind as 'var' | 'let' | 'const', [each, ...inside], names)
          if (each.init) this.visit(each.init, [each, ...inside], names)
        }
        return
      case 'ClassDeclaration':
      case 'ClassExpression': {
        const own = inner(names)
        if (node.id) {
          this.#add(node.id, 'class', inside, own)
          if (node.type === 'ClassDeclaration') this.#add(node.id, 'class', inside, names)
        }
        go(node.superClass, own)
        go(node.body, own)
        return
      }
      case 'AssignmentExpression':
        this.#target(node.left, inside, names)
        go(node.right)
        return
      case 'UpdateExpression':
        this.#target(node.argument as acorn.Pattern, inside, names)
        return
      case 'ForInStatement':
      case 'ForOfStatement': {
        const own = inner(names)
        if (node.left.type === 'VariableDeclaration') go(node.left, own)
        else this.#target(node.left, inside, own)
        go(node.right, own)
        go(node.body, own)
        return
      }
      case 'CatchClause': {
        const own = inner(names)
        if (node.param) this.#declare(node.param, 'other', inside, own)
        go(node.body, own)
        return
      }
      default:
        this.#rest(node, inside, names)
    }
  }

  /** Nodes in which only some names are uses, and those that open a block. */
  #rest(node: acorn.AnyNode, inside: readonly acorn.AnyNode[], names: Names): void {
    const go = (part: acorn.AnyNode | null | undefined) => {
      if (part) this.visit(part, inside, names)
    }
    switch (node.type) {
      case 'MemberExpression':
        go(node.object)
        if (node.computed) go(node.property)
        return
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
        if (node.computed) go(node.key)
        go(node.value)
        return
      case 'ImportSpecifier':
      case 'ImportDefaultSpecifier':
      case 'ImportNamespaceSpecifier':
        this.#add(node.local, 'import', inside, names)
        return
      case 'ExportSpecifier':
        go(node.local)
        return
      case 'ExportAllDeclaration':
      case 'MetaProperty':
      case 'BreakStatement':
      case 'ContinueStatement':
        return
      case 'LabeledStatement':
        go(node.body)
        return
      case 'BlockStatement':
      case 'ForStatement':
      case 'SwitchStatement':
      case 'StaticBlock': {
        const own = inner(names)
        for (const part of partsOf(node)) this.visit(part, inside, own)
        return
      }
      default:
        for (const part of partsOf(node)) go(part)
    }
  }

  #function(node: FunctionNode, ancestors: readonly acorn.AnyNode[], names: Names): void {
    const inside = [node as acorn.AnyNode, ...ancestors]
    const own: Names = { parent: names, isFunction: true, variables: new Map() }
    if (node.type === 'FunctionDeclaration' && node.id) {
      this.#add(node.id, 'function', inside, names)
      // outside strict code a function in a block is a variable of the function around it, too
      if (!names.isFunction) this.#add(node.id, 'function', inside, functionAround(names))
    }
    if (node.type === 'FunctionExpression' && node.id) this.#add(node.id, 'function', inside, own)
    for (const parameter of node.params) this.#declare(parameter, 'parameter', inside, own)
    if (node.body.type === 'BlockStatement') {
      for (const statement of node.body.body) this.visit(statement, [node.body, ...inside], own)
    } else this.visit(node.body, inside, own)
  }

  /** Declares the names of a pattern; what is computed in it is visited. */
  #declare(
    pattern: acorn.Pattern,
    kind: Variable['kind'],
    ancestors: readonly acorn.AnyNode[],
    names: Names,
  ): void {
    this.#pattern(pattern, ancestors, names, (id, around) => this.#add(id, kind, around, names))
  }

  /** What an assignment writes to. */
  #target(pattern: acorn.Pattern, ancestors: readonly acorn.AnyNode[], names: Names): void {
    this.#pattern(pattern, ancestors, names, (id, around) => this.#use(id, around, names, true))
  }

  #pattern(
    pattern: acorn.Pattern,
    ancestors: readonly acorn.AnyNode[],
    names: Names,
    name: (id: acorn.Identifier, ancestors: readonly acorn.AnyNode[]) => void,
  ): void {
    const inside = [pattern as acorn.AnyNode, ...ancestors]
    const go = (part: acorn.Pattern) => this.#pattern(part, inside, names, name)
    switch (pattern.type) {
      case 'Identifier':
        name(pattern, ancestors)
        return
      case 'ObjectPattern':
        for (const part of pattern.properties) {
          if (part.type === 'RestElement') go(part.argument)
          else {
            if (part.computed) this.visit(part.key, inside, names)
            go(part.value)
          }
        }
        return
      case 'ArrayPattern':
        for (const part of pattern.elements) if (part) go(part)
        return
      case 'AssignmentPattern':
        go(pattern.left)
        this.visit(pattern.right, inside, names)
        return
      case 'RestElement':
        go(pattern.argument)
        return
      default:
        this.visit(pattern as acorn.AnyNode, ancestors, names)
    }
  }

  #add(
    id: acorn.Identifier,
    kind: Variable['kind'],
    ancestors: readonly acorn.AnyNode[],
    names: Names,
  ): void {
    const { variables } = kind === 'var' ? functionAround(names) : names
    const known = variables.get(id.name)
    if (known) known.declarations++
    else variables.set(id.name, { name: id.name, kind, id, ancestors, declarations: 1, references: [] })
  }

  #use(node: acorn.Identifier, ancestors: readonly acorn.AnyNode[], names: Names, writes: boolean): void {
    this.#found.push({ reference: { node, ancestors, writes, variable: undefined }, names })
  }
}

const inner = (parent: Names): Names => ({ parent, isFunction: false, variables: new Map() })

function functionAround(names: Names): Names {
  let scope = names
  while (!scope.isFunction && scope.parent) scope = scope.parent
  return scope
}
