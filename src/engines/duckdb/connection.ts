/** DuckDB, with the few calls the engine makes: statements with parameters, names for tables, and what a scan read. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBValue,
  listValue,
} from '@duckdb/node-api'
import { Parameters } from '../../expression/print.ts'
import type { Type } from '../../schema/type.ts'
import { attempt } from '../../store/block-files.ts'
import type { Failures } from '../failures.ts'
import { columnTypes } from './columns-sql.ts'
import { duckdbType, registerFunctions } from './expression-sql.ts'
import type { Printing } from './lambda-sql.ts'
import { UserFunctions } from './user-functions.ts'
import { columnsOf, columnType } from './vectors.ts'

/** A statement whose parameters are collected while its text is printed. */
export interface Statement extends Printing {
  /** Executes it; the number of rows that a CREATE TABLE AS made. */
  run(sql: string): Promise<number>
  /** Executes it and returns its rows as arrays. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
}

/** How many rows each scan of a file list read, in the order in which they stand in the statement. */
export type Scanned = readonly number[]

/** What a chunk of DuckDB's holds. */
const CHUNK_ROWS = 2048

export class Connection {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #profile: string
  /** The users' functions that queries call. */
  readonly functions: UserFunctions
  #names = 0

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    directory: string,
    functions: UserFunctions,
  ) {
    this.#instance = instance
    this.#connection = connection
    this.#profile = join(directory, 'profile.json')
    this.functions = functions
  }

  /**
   * Opens a database in memory that spills to a directory.
   * @param job its name, and who is told when one of its functions fails
   */
  static async open(directory: string, job: string, failures: Failures): Promise<Connection> {
    const instance = await DuckDBInstance.create(':memory:', { temp_directory: directory })
    const connection = await instance.connect()
    registerFunctions(connection)
    const opened = new Connection(
      instance,
      connection,
      directory,
      new UserFunctions(connection, job, failures),
    )
    await opened.#configureProfile()
    return opened
  }

  statement(): Statement {
    const parameters = new Parameters()
    return {
      parameters,
      functions: this.functions,
      run: async (sql) => {
        // CREATE TABLE AS answers with one row, the number of rows that it made
        const [row] = await (await this.#connection.run(sql, values(parameters))).getRows()
        return typeof row?.[0] === 'bigint' ? Number(row[0]) : 0
      },
      rows: async (sql) => (await this.#connection.runAndReadAll(sql, values(parameters))).getRows(),
    }
  }

  /** The result of a statement, column by column, chunk by chunk. */
  async *chunks(sql: string, parameters: Parameters): AsyncGenerator<readonly (readonly unknown[])[]> {
    const result = await this.#connection.run(sql, values(parameters))
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return
      yield chunk.getColumns()
    }
  }

  /** Makes a table of rows. */
  async append(table: string, type: Type, rows: readonly unknown[]): Promise<void> {
    const types = columnTypes(type)
    const columns = types.map((column, index) => `c${index} ${duckdbType(column)}`)
    await this.run(`CREATE OR REPLACE TABLE ${table} (${columns.join(', ')})`)
    const appender = await this.#connection.createAppender(table)
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const part = rows.slice(from, from + CHUNK_ROWS)
      const chunk = DuckDBDataChunk.create(types.map(columnType), part.length)
      columnsOf(part, type).forEach((values, index) => {
        chunk.setColumnValues(index, values)
      })
      appender.appendDataChunk(chunk)
    }
    appender.closeSync()
  }

  async run(sql: string): Promise<number> {
    return this.statement().run(sql)
  }

  async rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    return this.statement().rows(sql)
  }

  /** A name for a table that no other has. */
  name(prefix: string): string {
    return `${prefix}${this.#names++}`
  }

  /** Executes something and says how many rows each scan of files in it read. */
  async scanned<T>(execute: () => Promise<T>): Promise<readonly [T, Scanned]> {
    await this.run("SET enable_profiling = 'json'")
    try {
      const result = await execute()
      return [result, scansOf(JSON.parse(await readFile(this.#profile, 'utf8')))]
    } finally {
      await this.run('PRAGMA disable_profiling')
    }
  }

  /** Profiles are files with the number of rows of each operator; they are written only while `scanned` asks for them. */
  async #configureProfile(): Promise<void> {
    await this.run("SET enable_profiling = 'json'")
    await this.run(`SET profiling_output = '${this.#profile.replaceAll("'", "''")}'`)
    await this.run(
      'SET custom_profiling_settings = \'{"OPERATOR_CARDINALITY": "true", "OPERATOR_NAME": "true"}\'',
    )
    await this.run('PRAGMA disable_profiling')
  }

  /** Writes a file; a failure names the path and the cure. */
  async write<T>(path: string, writing: () => Promise<T>): Promise<T> {
    return attempt(path, writing)
  }

  async removeFile(path: string): Promise<void> {
    await rm(path, { force: true })
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

/** The values to bind; without any a statement need not be prepared, which saves two round trips. */
const values = (parameters: Parameters): DuckDBValue[] | undefined =>
  parameters.values.length === 0
    ? undefined
    : parameters.values.map((value) =>
        Array.isArray(value) ? listValue(value as DuckDBValue[]) : (value as DuckDBValue),
      )

interface Operator {
  readonly operator_name?: string
  readonly operator_cardinality?: number
  readonly children?: readonly Operator[]
}

function scansOf(operator: Operator): Scanned {
  const own = /^READ_(CSV|JSON)/.test(operator.operator_name ?? '')
    ? [operator.operator_cardinality ?? 0]
    : []
  return [...own, ...(operator.children ?? []).flatMap(scansOf)]
}
