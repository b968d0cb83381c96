/**
 * Variables from outside a lambda whose values are known for sure: the job's parameters, and constants with literal
 * values in the job's function and its module.
 *
 * A function's text does not say what its free variables hold. But the job's function, which it is written in, is
 * known as text too, and so may be the module. The lambda is looked up in them by its own text, and a name is resolved
 * by the rules of scope from there outwards. Whatever is not certain (a `let`, a name declared twice over, an object
 * that somebody may change) is not known, and the lambda runs as JavaScript.
 */
import * as acorn from 'acorn'
import type { Outer } from './compile.ts'
import { constantIn, type Found, type Known, NOT_KNOWN } from './constants.ts'
import { parse } from './parse.ts'
import { isFunction, some } from './walk.ts'

/** What is known of a job. */
export interface JobText {
  readonly name: string
  /** The job's function; its second parameter is `params`. */
  readonly define: Function
  readonly params: unknown
  /** The text of the job's module as it runs, where it can be had. */
  module(): string | undefined
}

/** Looks up the constants that a job's lambdas use. */
export class JobConstants implements Outer {
  readonly #job: JobText
  /** The job's function as syntax, parsed once. */
  #define: Syntax | undefined | null = null
  #module: Syntax | undefined | null = null

  constructor(job: JobText) {
    this.#job = job
  }

  constant(name: string, text: string): { readonly value: unknown } | undefined {
    const value = this.#inJob(name, text)
    return value === NOT_KNOWN ? undefined : { value }
  }

  #inJob(name: string, text: string): Known {
    const define = this.#defineSyntax()
    const places = define ? functionsWith(define, text) : []
    if (!define || places.length === 0) return this.#inModule(name, text)
    const found = places.map((ancestors) => this.#resolve(name, ancestors, define))
    return same(found)
  }

  /** A name as seen from a place in the job's function, or beyond it in the module. */
  #resolve(name: string, ancestors: readonly acorn.AnyNode[], define: Syntax): Known {
    const found = constantIn(name, ancestors, define.program)
    if (found.kind === 'value') return found.value
    if (found.kind === 'free') return this.#ofModule(found.name)
    if (found.kind === 'parameter' && found.of === functionIn(define) && found.index === 1) {
      const value = found.path.reduce<Known>(ownProperty, this.#job.params)
      return found.rest.reduce<Known>(ownProperty, value)
    }
    return NOT_KNOWN
  }

  /** A name of the module, as seen from the job's function, where that is at the top level of the module. */
  #ofModule(name: string): Known {
    const module = this.#moduleSyntax()
    if (!module) return NOT_KNOWN
    const jobs: (readonly acorn.AnyNode[])[] = []
    some(module.program, (node, ancestors) => {
      if (isJobCall(node, this.#job.name)) jobs.push([...ancestors, node])
      return false
    })
    const [only, ...others] = jobs
    if (!only || others.length > 0 || only.some(isFunction)) return NOT_KNOWN
    return valueIn(constantIn(name, only, module.program))
  }

  /** A name as seen from a function that is written in the module, outside of the job's function. */
  #inModule(name: string, text: string): Known {
    const module = this.#moduleSyntax()
    if (!module) return NOT_KNOWN
    const found = functionsWith(module, text).map((ancestors) =>
      valueIn(constantIn(name, ancestors, module.program)),
    )
    return found.length === 0 ? NOT_KNOWN : same(found)
  }

  #defineSyntax(): Syntax | undefined {
    if (this.#define === null) this.#define = parsed(Function.prototype.toString.call(this.#job.define))
    return this.#define
  }

  #moduleSyntax(): Syntax | undefined {
    if (this.#module === null) {
      const text = this.#job.module()
      this.#module = text === undefined ? undefined : moduleOf(text)
    }
    return this.#module
  }
}

interface Syntax {
  readonly program: acorn.Program
  /** What the positions of the program's nodes are in. */
  readonly text: string
}

function parsed(text: string): Syntax | undefined {
  const source = parse(text)
  return source && { program: source.program, text: ' '.repeat(source.origin) + text }
}

function moduleOf(text: string): Syntax | undefined {
  try {
    return { program: acorn.parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), text }
  } catch {
    return undefined
  }
}

/** Where functions with this text stand: their ancestors, outermost first. */
function functionsWith({ program, text }: Syntax, wanted: string): (readonly acorn.AnyNode[])[] {
  const places: (readonly acorn.AnyNode[])[] = []
  some(program, (node, ancestors) => {
    if (isFunction(node) && text.slice(node.start, node.end) === wanted) places.push(ancestors)
    return false
  })
  return places
}

/** The function that the syntax of the job's function is. */
function functionIn({ program }: Syntax): acorn.AnyNode | undefined {
  let found: acorn.AnyNode | undefined
  some(program, (node) => {
    if (isFunction(node)) found = node
    return found !== undefined
  })
  return found
}

/** Whether a node is `job('name', ..., function)`, whatever `job` is called there. */
function isJobCall(node: acorn.AnyNode, name: string): boolean {
  if (node.type !== 'CallExpression' || node.arguments.length !== 3) return false
  const [first, , define] = node.arguments
  return first!.type === 'Literal' && first.value === name && isFunction(define as acorn.AnyNode)
}

const valueIn = (found: Found): Known => (found.kind === 'value' ? found.value : NOT_KNOWN)

/** The one value that all places agree on. */
function same(values: readonly Known[]): Known {
  const [first, ...others] = values
  return others.every((other) => Object.is(other, first) || JSON.stringify(other) === JSON.stringify(first))
    ? first
    : NOT_KNOWN
}

function ownProperty(of: Known, name: string): Known {
  if (typeof of !== 'object' || of === null || !Object.hasOwn(of, name)) return NOT_KNOWN
  return (of as Record<string, unknown>)[name]
}
