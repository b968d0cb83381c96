/**
 * Users' functions inside queries: each is registered with DuckDB as a scalar function that calls it, closures and all.
 *
 * DuckDB hands over chunks of about two thousand rows; the arguments are the columns that the function reads, then, as
 * far as it uses its context, the interval and the position. The functions are volatile to DuckDB, so that none is
 * called twice for a row, or for rows that a filter has not let through yet.
 */
import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBVector,
  VARCHAR,
} from '@duckdb/node-api'
import { DstreamsError, messageOf } from '../../errors.ts'
import type { InputColumns } from '../../expression/print.ts'
import type { Intervals } from '../../interval/interval.ts'
import { reducerOf } from '../../plan/algebra.ts'
import {
  callerOf,
  type Failed,
  failure,
  type Outcome,
  recordText,
  type Site,
  type Watch,
} from '../../plan/call.ts'
import type { Lambda } from '../../plan/lambda.ts'
import { listOf, nullable, STRING, structOf, type Type } from '../../schema/type.ts'
import type { Failures } from '../failures.ts'
import { returnedType, returnedWriter } from './returned.ts'
import { readableValue } from './values.ts'
import { asArgument, fromResult, reader, vectorType, writer } from './vectors.ts'

/**
 * What the call of a function gives:
 * - `value`: what it returned, as it travels (returned.ts); NULL where it failed
 * - `test`: whether that is true; false where it failed
 * - `reject`: why it failed, as a struct (`REJECT`); NULL where it did not
 * - `must`: what it returned; where it fails the statement fails
 */
export type Gives = 'value' | 'test' | 'reject' | 'must'

/** Why a function failed, where, and the record. */
export const REJECT: Type = structOf([
  { name: 'reason', type: STRING },
  { name: 'stack', type: nullable(STRING) },
  { name: 'text', type: STRING },
])

/** What a function is called with, in SQL. */
export interface Arguments {
  readonly input: InputColumns
  readonly inputType: Type
  /** The record's interval and position; of rows that have none the function uses none. */
  readonly interval?: string
  readonly position?: readonly string[]
}

/** A position as a text, as `positionText` of plan/call.ts has it. */
export const positionSql = (columns: readonly string[]): string =>
  columns.length === 0
    ? "''"
    : `concat_ws('/', ${columns.map((column) => `CAST(${column} AS VARCHAR)`).join(', ')})`

type Run = (chunk: DuckDBDataChunk, out: DuckDBVector) => void

export class UserFunctions {
  readonly #connection: DuckDBConnection
  readonly #failures: Failures
  readonly #job: string
  /** Names of the functions in DuckDB. */
  readonly #names = new Map<Lambda, Map<string, string>>()
  #registered = 0
  #intervals: Intervals | undefined
  #watch: Watch | undefined
  #error: DstreamsError | undefined

  constructor(connection: DuckDBConnection, job: string, failures: Failures) {
    this.#connection = connection
    this.#job = job
    this.#failures = failures
  }

  start(intervals: Intervals, watch?: Watch): void {
    this.#intervals = intervals
    this.#watch = watch
  }

  /** The error with which a function ended a statement, once. */
  takeError(): DstreamsError | undefined {
    const error = this.#error
    this.#error = undefined
    return error
  }

  /** SQL that calls a function for a record. */
  call(lambda: Lambda, gives: Gives, { step, role }: Pick<Site, 'step' | 'role'>, from: Arguments): string {
    const fields = argumentsOf(lambda, from)
    // the interval also names the place of a function that fails or hangs
    const takes = { interval: from.interval !== undefined, random: lambda.context.has('random') }
    const hidden = [
      ...(takes.interval ? [`CAST(${from.interval} AS DOUBLE)`] : []),
      ...(takes.random ? [positionSql(from.position ?? [])] : []),
    ]
    const site = this.#site(step, role)
    const name = this.#named(lambda, `${gives} ${step} ${role} ${takes.interval}`, () => {
      const parameters = [
        ...fields.map(({ type }) => vectorType(type)),
        ...(takes.interval ? [DOUBLE] : []),
        ...(takes.random ? [VARCHAR] : []),
      ]
      const type = gives === 'reject' ? REJECT : lambda.type!
      const record = recordReader(fields, isRecord(from.inputType))
      const run = runner(
        this.#callerOf(lambda, gives, site),
        record,
        fields.length,
        takes,
        gives === 'value' ? returnedWriter(type) : writer(type),
      )
      return [parameters, gives === 'value' ? returnedType(type) : vectorType(type), run]
    })
    return `${name}(${[...fields.map(({ sql }) => sql), ...hidden].join(', ') || 'TRUE'})`
  }

  /** SQL that folds a list from the left by a reducer of two values. */
  reduce(lambda: Lambda, { step, role }: Pick<Site, 'step' | 'role'>, list: string, type: Type): string {
    const lists = listOf(type)
    const name = this.#named(lambda, `reduce ${step} ${role}`, () => {
      const read = reader(lists)
      const reduce = reducerOf(lambda)
      const reduced = callerOf(
        {
          ...lambda,
          context: new Set(),
          fn: (values) => (values as unknown[]).reduce(reduce),
        },
        this.#site(step, role),
      )
      const write = writer(type)
      const run: Run = (chunk, out) => {
        const vector = chunk.getColumnVector(0)
        for (let row = 0; row < chunk.rowCount; row++) {
          const values = read(vector, row)
          const outcome = reduced(values, { interval: 0, position: '' })
          if (!outcome.ok) throw failure({ step, role }, outcome, values)
          write(out, row, outcome.value)
        }
      }
      return [[vectorType(lists)], vectorType(type), run]
    })
    return fromResult(`${name}(${readableValue(list, lists)})`, type)
  }

  #site(step: string, role: string): Site {
    return { job: this.#job, step, role, watch: this.#watch, intervals: () => this.#intervals! }
  }

  #callerOf(lambda: Lambda, gives: Gives, site: Site): Call {
    const call = callerOf(lambda, site, true)
    if (gives === 'reject') return (record, place) => rejectOf(call(record, place), record)
    return (record, place) => {
      const outcome = call(record, place)
      if (outcome.ok) return outcome.value
      if (gives === 'must') throw failure(site, outcome, record)
      this.#failures.add(site, outcome)
      return gives === 'test' ? false : undefined
    }
  }

  #named(lambda: Lambda, use: string, make: () => readonly [readonly DuckDBType[], DuckDBType, Run]): string {
    const names = this.#names.get(lambda) ?? new Map<string, string>()
    this.#names.set(lambda, names)
    const found = names.get(use)
    if (found !== undefined) return found
    const name = `ds_user${this.#registered++}`
    const [parameters, returnType, run] = make()
    this.#connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        // a function without arguments still needs to know of how many rows it is called
        parameterTypes: parameters.length > 0 ? parameters : [BOOLEAN],
        returnType,
        volatile: true,
        mainFunction: (_info, chunk, out) => this.#guarded(() => run(chunk, out), out),
      }),
    )
    names.set(use, name)
    return name
  }

  /** Keeps the error that ends a statement: DuckDB passes on its text only. */
  #guarded(run: () => void, out: DuckDBVector): void {
    try {
      run()
    } catch (thrown) {
      this.#error ??=
        thrown instanceof DstreamsError
          ? thrown
          : new DstreamsError('DS_ENGINE', {
              what: `A function could not be called: ${messageOf(thrown)}.`,
              cure: 'This is a fault of dstreams: please report it with the job.',
              cause: thrown,
            })
      throw thrown
    } finally {
      out.flush()
    }
  }
}

/** Calls a function and gives the value that is written. */
type Call = (record: unknown, place: { readonly interval: number; readonly position: string }) => unknown

function rejectOf(outcome: Outcome, record: unknown): unknown {
  if (outcome.ok) return null
  const { reason, stack }: Failed = outcome
  return {
    reason: reason.toWellFormed(),
    stack: stack?.toWellFormed() ?? null,
    text: recordText(record).toWellFormed(),
  }
}

const isRecord = (type: Type): boolean => type.kind === 'struct' && !type.nullable

interface Argument {
  readonly name: string
  readonly sql: string
  readonly type: Type
}

/** The columns that a function reads, as arguments. */
function argumentsOf(lambda: Lambda, { input, inputType }: Arguments): readonly Argument[] {
  const argument = (name: string, sql: string, type: Type): Argument => ({
    name,
    sql: asArgument(readableValue(sql, type), type),
    type,
  })
  if (inputType.kind !== 'struct' || inputType.nullable)
    return [argument('', input.kind === 'value' ? input.sql : input.columns[0]!, inputType)]
  const [uses] = lambda.uses
  return inputType.fields.flatMap(({ name, type }, index) => {
    if (uses !== 'all' && !uses?.has(name)) return []
    const sql = input.kind === 'columns' ? input.columns[index]! : `struct_extract(${input.sql}, 'f${index}')`
    return [argument(name, sql, type)]
  })
}

/** Makes a record of a row's arguments: an object of the fields, or the one value. */
function recordReader(
  fields: readonly Argument[],
  isStruct: boolean,
): (vectors: readonly DuckDBVector[], row: number) => unknown {
  const readers = fields.map(({ type }) => reader(type))
  if (!isStruct) {
    const [read] = readers
    return (vectors, row) => read!(vectors[0]!, row)
  }
  // an object that is written out is made four times as fast as one that gets its fields one by one; the names are those
  // of the schema, as literals, and in brackets, because `__proto__:` would be something else
  const entries = fields.map(({ name }, index) => {
    const key = name === '__proto__' ? `[${JSON.stringify(name)}]` : JSON.stringify(name)
    return `${key}: r${index}(vectors[${index}], row)`
  })
  const names = readers.map((_, index) => `r${index}`)
  return new Function(...names, `return (vectors, row) => ({ ${entries.join(', ')} })`)(...readers)
}

function runner(
  call: Call,
  record: ReturnType<typeof recordReader>,
  fields: number,
  takes: { readonly interval: boolean; readonly random: boolean },
  write: ReturnType<typeof writer>,
): Run {
  return (chunk, out) => {
    const rows = chunk.rowCount
    const vectors = Array.from({ length: fields }, (_, index) => chunk.getColumnVector(index))
    const intervals = takes.interval ? chunk.getColumnVector(fields) : undefined
    const positions = takes.random ? chunk.getColumnVector(fields + (takes.interval ? 1 : 0)) : undefined
    // one for all rows: it is read during the call only
    const place = { interval: 0, position: '' }
    for (let row = 0; row < rows; row++) {
      if (intervals) place.interval = intervals.getItem(row) as number
      if (positions) place.position = positions.getItem(row) as string
      write(out, row, call(record(vectors, row), place))
    }
  }
}
