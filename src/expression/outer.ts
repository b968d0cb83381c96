/**
 * What variables from outside a function hold, read from the text around it.
 *
 * Nothing can look into a closure, but the text of the job's function holds the texts of the functions in it, and the
 * module's text holds the job's. So a function is found by its text, the name is looked up in the scopes around it, and
 * counts as known where it is one of the job's parameters, or is declared once, before the function, with a literal,
 * and never changed. A text that is found several times has to mean the same everywhere.
 */
import * as acorn from 'acorn'
import type { Outer } from './compile.ts'
import { type Constant, Constants } from './literals.ts'
import { type Imported, meaningOf } from './meaning.ts'
import { parse } from './parse.ts'
import { type Reference, referencesOf, type Variable } from './scopes.ts'
import { isFunction, partsOf } from './walk.ts'

/** What is known of a job. */
export interface JobText {
  /** The function that defines the job. */
  readonly define: Function
  /** Its second argument. */
  readonly params: unknown
  /** The JavaScript of the module it is written in, where that is known; asked for only when it is needed. */
  module?(): string | undefined
}

type FunctionNode = acorn.Function | acorn.ArrowFunctionExpression

/** Looks up the constants that a job's functions use. */
export class JobConstants implements Outer {
  readonly #job: JobText
  #surroundings: Surroundings | undefined

  constructor(job: JobText) {
    this.#job = job
  }

  constant(name: string, text: string): Constant | undefined {
    this.#surroundings ??= surroundingsOf(this.#job)
    return this.#surroundings && constantIn(this.#surroundings, name, text)
  }
}

function moduleOf(text: string): acorn.Program | undefined {
  try {
    return acorn.parse(text, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true })
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}

/** The parsed text around a job's functions. */
interface Surroundings {
  readonly references: readonly Reference[]
  readonly functions: Functions
  readonly job: FunctionNode
  readonly constants: Constants
}

function surroundingsOf({ define, params, module }: JobText): Surroundings | undefined {
  const own = parse(Function.prototype.toString.call(define))
  if (!own) return undefined
  const [outermost] = functionsOf(own.program)
  const text = module?.()
  const program = text === undefined ? undefined : moduleOf(text)
  if (!outermost) return undefined
  const inModule = program && surroundingsIn(program, outermost, params)
  return inModule ?? surroundingsIn(own.program, outermost, params)
}

/** A program in which the job's function is found, once. */
function surroundingsIn(
  program: acorn.Program,
  define: FunctionNode,
  params: unknown,
): Surroundings | undefined {
  const references = referencesOf(program)
  const functions = new Functions(program, importsOf(references))
  const [job, ...others] = functions.like(define)
  if (!job || others.length > 0) return undefined
  return { references, functions, job, constants: new Constants(job, params, references) }
}

/** What the names of a program were imported as. */
function importsOf(references: readonly Reference[]): Imported {
  const names = new Map<acorn.Identifier, string>()
  for (const { node, variable } of references) {
    const specifier = variable?.kind === 'import' ? variable.ancestors[0] : undefined
    if (specifier?.type === 'ImportDefaultSpecifier') names.set(node, 'default')
    if (specifier?.type !== 'ImportSpecifier') continue
    const { imported } = specifier
    names.set(node, imported.type === 'Identifier' ? imported.name : String(imported.value))
  }
  return (name) => names.get(name)
}

const notImported: Imported = () => undefined

function constantIn(
  { references, functions, job, constants }: Surroundings,
  name: string,
  text: string,
): Constant | undefined {
  const source = parse(text)
  const written = source && functionsOf(source.program)[0]
  if (!written) return undefined
  if (references.some((reference) => changesUnseen(reference, job))) return undefined
  const places = functions.like(written)
  const found = new Set(places.map((place) => variableOf(name, place, references)))
  const [variable] = found
  if (found.size !== 1 || !variable) return undefined
  if (!places.every((place) => isDeclaredBefore(variable, place))) return undefined
  const constant = constants.of(variable)
  return constant && { value: constant.value }
}

/** What a name means inside a function, if it is one variable from outside of it. */
function variableOf(
  name: string,
  place: FunctionNode,
  references: readonly Reference[],
): Variable | undefined {
  const used = references.filter(
    ({ node, ancestors }) => node.name === name && ancestors.includes(place as acorn.AnyNode),
  )
  const outside = used.filter(({ variable }) => !variable?.ancestors.includes(place as acorn.AnyNode))
  const [first] = outside
  return outside.every(({ variable }) => variable === first?.variable) ? first?.variable : undefined
}

/** A way to change variables that no text shows: text that is run, and parameters by their number. */
const changesUnseen = ({ node, variable, ancestors }: Reference, job: FunctionNode): boolean =>
  !variable &&
  (node.name === 'eval' || (node.name === 'arguments' && ancestors.includes(job as acorn.AnyNode)))

/** A variable has its value when a function is made that stands behind it; before, reading it may throw. */
const isDeclaredBefore = (variable: Variable, place: FunctionNode): boolean => variable.id.end <= place.start

/** All functions of a syntax tree, from the outside in. */
function functionsOf(node: acorn.Node, found: FunctionNode[] = []): readonly FunctionNode[] {
  if (isFunction(node as acorn.AnyNode)) found.push(node as FunctionNode)
  for (const part of partsOf(node)) functionsOf(part, found)
  return found
}

/** The functions of a program, to be found by what they say. */
class Functions {
  readonly #imported: Imported
  /** By what is cheap to tell of them: a large program is not written out for the few that are looked for. */
  readonly #byShape = new Map<string, FunctionNode[]>()

  constructor(program: acorn.Program, imported: Imported) {
    this.#imported = imported
    for (const node of functionsOf(program)) {
      const alike = this.#byShape.get(shapeOf(node))
      if (alike) alike.push(node)
      else this.#byShape.set(shapeOf(node), [node])
    }
  }

  /** Those that mean the same as a function whose own text is known. */
  like(node: FunctionNode): readonly FunctionNode[] {
    const meaning = meaningOf(node, notImported)
    const alike = this.#byShape.get(shapeOf(node)) ?? []
    // what is imported stands in the text by its name, or as a loader wrote it
    const says = (other: FunctionNode, imported: Imported) => meaningOf(other, imported) === meaning
    return alike.filter((other) => says(other, notImported) || says(other, this.#imported))
  }
}

const shapeOf = ({ params, body }: FunctionNode): string =>
  `${params.length} ${body.type === 'BlockStatement' ? body.body.length : body.type}`
