/** What is passed beside a function: what it returns, what happens when it fails, and constants for its context. */
import { DstreamsError } from '../errors.ts'
import { durationOf } from '../interval/duration.ts'
import { type Infer, resolveSchema, type SchemaLike } from '../schema/literal.ts'
import type { Type } from '../schema/type.ts'
import type { BindOptions, Context } from './lambda.ts'

/**
 * Options of a step with a function. Every other name in the object is a constant: the function finds it in the
 * `params` of its context, and compiled it is a parameter of the query.
 * @example .filter((e, { params }) => e.ms > params.min, { min: 500 })
 */
export interface FunctionOptions {
  /**
   * Schema of what the function returns (of an element, for flatMap). Needed where the function is not compiled and the
   * engine is not `memory`; each result is held against it, and what does not fit is a reject.
   */
  readonly returns?: SchemaLike
  /**
   * What happens to a record for which the function throws or returns what does not fit: it is left out and listed in
   * the step's `.rejects`, or the job stops before the interval is committed.
   */
  readonly onReject?: 'reject' | 'fail'
  /** How long one call may take, `60s` unless given; after that the process is ended, because nothing else can end it. */
  readonly limit?: string
}

/** Options, and constants for the context under any other names. */
export type Given<O extends FunctionOptions = FunctionOptions> = O & { readonly [constant: string]: unknown }

/** The context of a function that was passed `G`: its `params` are what is no option. */
export type ContextOf<G> = Context<Omit<G, keyof FunctionOptions>>

/** What a function gives: what `returns` declares, or what TypeScript infers. */
export type Returned<G, R> = G extends { readonly returns: infer S extends SchemaLike } ? Infer<S> : R

/**
 * Reads what was passed beside a function.
 * @param where names the step, for errors
 */
export function readOptions(given: object | undefined, where: string): BindOptions {
  const { returns, onReject, limit, ...params } = (given ?? {}) as FunctionOptions & Record<string, unknown>
  if (onReject !== undefined && onReject !== 'reject' && onReject !== 'fail')
    throw new DstreamsError('DS_JOB', {
      what: `${where}: onReject is ${JSON.stringify(onReject)}.`,
      cure: "Write 'reject', which leaves the record out and lists it in .rejects, or 'fail'.",
    })
  return {
    returns: returns === undefined ? undefined : typeOfReturned(returns, where),
    onReject,
    limitMs: limit === undefined ? undefined : durationOf(limit, `${where}: the limit`),
    params,
    where,
  }
}

function typeOfReturned(returns: SchemaLike, where: string): Type {
  const { type, validate } = resolveSchema(returns)
  if (validate)
    throw new DstreamsError('DS_JOB', {
      what: `${where}: the schema of \`returns\` has a validator of its own, and what a function returns is held against types only.`,
      cure: 'Write the fields: { returns: { user: "string" } }.',
    })
  return type
}
