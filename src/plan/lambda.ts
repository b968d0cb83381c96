/** A user's function in a plan: the function itself, what the compiler made of it, and how it is called otherwise. */
import { DstreamsError } from '../errors.ts'
import { compile, type Outer, type Purpose } from '../expression/compile.ts'
import { undetermined } from '../expression/determinism.ts'
import type { Compilation, Expression } from '../expression/tree.ts'
import { type Used, usage } from '../expression/usage.ts'
import { BOOLEAN, type Type } from '../schema/type.ts'

export interface Lambda {
  /** The user's own function; called wherever its compiled form is not used. */
  readonly fn: (...inputs: any[]) => unknown
  readonly compiled: Compilation
  /** Types of its inputs, `undefined` where an earlier step's type is not known. */
  readonly inputs: readonly (Type | undefined)[]
  /** The type of what it returns; `undefined` where it is neither compiled nor declared. */
  readonly type: Type | undefined
  /** `list` where it has to return a list, as the function of a flatMap does. */
  readonly purpose: Purpose | 'list'
  /** What is used of each input. */
  readonly uses: readonly Used[]
  /** What is used of its last argument, the context. */
  readonly context: ReadonlySet<keyof Context>
  /** The constants that the context holds. */
  readonly params: Readonly<Record<string, unknown>>
  /** What happens to a record for which it throws, or returns what does not fit. */
  readonly onReject: 'reject' | 'fail'
  /** How long a call may take before the process is ended. */
  readonly limitMs: number
}

/** How long a call of a function may take unless it says otherwise. */
const LIMIT_MS = 60_000

/** The last argument of every function: what it may know beside its record. */
export interface Context<P = Readonly<Record<string, unknown>>> {
  /** The interval in which the record came; the time to use instead of a clock. */
  readonly interval: { readonly index: number; readonly fromMs: number; readonly toMs: number }
  /**
   * A number from 0 up to 1, drawn from a generator seeded by the job, the step and the record's position: the same
   * each time the record is computed again, and in whatever order.
   */
  random(): number
  /** The constants that were passed beside the function. */
  readonly params: P
}

/** How a function is bound, beside the types of its inputs. */
export interface BindOptions {
  /** `test` where only the truth of the result matters, `list` where it is a list. */
  readonly purpose?: Lambda['purpose']
  /** The type of what it returns, as the user declared it; used where it is not compiled. */
  readonly returns?: Type | undefined
  readonly params?: Readonly<Record<string, unknown>> | undefined
  readonly onReject?: 'reject' | 'fail' | undefined
  readonly limitMs?: number | undefined
  /** What is known of variables from outside. */
  readonly outer?: Outer | undefined
  /** Names the function, for errors: `The function of map after step "clicks"`. */
  readonly where?: string | undefined
}

/**
 * Compiles a user's function against the types of its inputs.
 * @param inputs the types, `undefined` where an earlier step's type is not known
 */
export function bind(
  fn: (...inputs: any[]) => unknown,
  inputs: readonly (Type | undefined)[],
  {
    purpose = 'value',
    returns,
    params = {},
    onReject = 'reject',
    limitMs = LIMIT_MS,
    outer,
    where = 'A function',
  }: BindOptions = {},
): Lambda {
  refuseIndeterminate(fn, where)
  const known = inputs.filter((type) => type !== undefined)
  const compiled =
    known.length === inputs.length
      ? compile(fn, known, {
          purpose: purpose === 'test' ? 'test' : 'value',
          context: { params },
          ...(outer && { outer }),
        })
      : unknownInput(Function.prototype.toString.call(fn))
  const lambda: Lambda = Object.freeze({
    fn,
    compiled,
    inputs,
    type: compiled.ok ? compiled.body.type : purpose === 'test' ? BOOLEAN : returns,
    purpose,
    ...usesOf(fn, inputs.length),
    params: constantsOf(params),
    onReject,
    limitMs,
  })
  // of its context a compiled function uses constants only
  return compiled.ok ? withConstants(lambda) : lambda
}

/**
 * The same function with its constants as its whole context: for functions that are not called with a place in time.
 * What it reads of the interval, or draws at random, is refused.
 */
export function withConstants(lambda: Lambda): Lambda {
  const { fn, params, inputs, context } = lambda
  if (context.size === 0) return lambda
  const constants = constantsOnly(params)
  return Object.freeze({
    ...lambda,
    fn: (...given: unknown[]) => fn(...given.slice(0, inputs.length), constants),
    context: new Set<never>(),
  })
}

/** Constants as they are now: what happens to a list afterwards must not make called and compiled functions differ. */
function constantsOf(params: Readonly<Record<string, unknown>>): Lambda['params'] {
  try {
    return Object.freeze(structuredClone(params))
  } catch {
    // functions and the like can't be copied, and no function that holds one is compiled
    return Object.freeze({ ...params })
  }
}

const constantsOnly = (params: Lambda['params']): Context => {
  const refuse = (name: string): never => {
    throw new DstreamsError('DS_JOB', {
      what: `A function that orders or reduces reads \`${name}\` of its context, and has no record of its own.`,
      cure: `Read it in a map before, as a field of the record.`,
    })
  }
  return {
    get interval() {
      return refuse('interval')
    },
    random: () => refuse('random'),
    params,
  }
}

/** Refuses a function that reads the clock or chance: its rows could not be computed again. */
function refuseIndeterminate(fn: Function, where: string): void {
  const found = undetermined(fn)
  if (!found) return
  const { construct, line, column, why, cure } = found
  throw new DstreamsError('DS_LAMBDA', {
    what: `${where} ${why}: \`${construct}\` at ${line}:${column}.`,
    cure,
  })
}

const CONTEXT = ['interval', 'random', 'params'] as const satisfies readonly (keyof Context)[]

function usesOf(fn: Function, inputs: number): Pick<Lambda, 'uses' | 'context'> {
  const used = usage(fn)
  const ofContext = used === 'all' ? 'all' : (used[inputs] ?? new Set())
  return {
    uses: Array.from({ length: inputs }, (_, index) => (used === 'all' ? 'all' : (used[index] ?? new Set()))),
    context: new Set(ofContext === 'all' ? CONTEXT : CONTEXT.filter((name) => ofContext.has(name))),
  }
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text)

function unknownInput(text: string): Compilation {
  return {
    ok: false,
    construct: shortened(text),
    line: 1,
    column: 1,
    why: 'The type of its input is not known, because an earlier step is not compiled.',
    cure: 'Declare what the earlier step returns, or make it compile.',
    text,
  }
}

/** Refuses a function that reads the interval of a table's rows: a content is as of now, whenever its rows came. */
export function checkContext(
  { context }: Lambda,
  { flow }: { readonly flow: 'stream' | 'table' },
  where: string,
): void {
  if (flow === 'table' && context.has('interval'))
    throw new DstreamsError('DS_JOB', {
      what: `${where} reads \`interval\` of its context, and the rows of a table are of no one interval.`,
      cure: 'Read it before the table is made, as a field of the record: .map((e, ctx) => ({ ...e, at: ctx.interval.fromMs })).',
    })
}

/**
 * A function that always runs as JavaScript, whatever it says.
 * @param why one sentence
 */
export function javascriptOnly(
  fn: (...inputs: any[]) => unknown,
  input: Type | undefined,
  why: string,
  { returns, params = {}, onReject = 'fail', limitMs = LIMIT_MS, where = 'A function' }: BindOptions,
): Lambda {
  refuseIndeterminate(fn, where)
  const text = Function.prototype.toString.call(fn)
  return Object.freeze({
    fn,
    compiled: {
      ok: false as const,
      construct: shortened(text),
      line: 1,
      column: 1,
      why,
      cure: 'Use map, filter and flatMap where a row is enough.',
      text,
    },
    inputs: [input],
    type: returns,
    purpose: 'list' as const,
    ...usesOf(fn, 1),
    params: constantsOf(params),
    onReject,
    limitMs,
  })
}

/**
 * A function of the plan's own making whose tree is known: nothing of it is the user's text.
 * @param fn does what the tree says
 */
export const derived = (
  fn: (input: any, context?: any) => unknown,
  input: Type | undefined,
  body: Expression | undefined,
): Lambda =>
  Object.freeze({
    fn,
    compiled: body ? { ok: true as const, body } : unknownInput('a field of the record'),
    inputs: [input],
    type: body?.type,
    purpose: 'value' as const,
    uses: ['all' as const],
    context: new Set<never>(),
    params: {},
    onReject: 'reject' as const,
    limitMs: LIMIT_MS,
  })

/** The tree of a lambda that is known to be compiled. */
export function bodyOf(lambda: Lambda): Expression {
  if (!lambda.compiled.ok) throw new Error(`not compiled: ${lambda.compiled.construct}`)
  return lambda.compiled.body
}
