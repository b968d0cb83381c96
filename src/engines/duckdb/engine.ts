/**
 * The DuckDB engine: relations printed as SQL and run in this process, on all cores.
 *
 * Datasets are tables named by number and kept in a catalog by series and interval; a state is one table that is folded
 * in place. Blocks are read by DuckDB itself (blocks.ts). A statement publishes nothing until it has succeeded, so
 * one that failed on a block is executed again.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DstreamsError, messageOf } from '../../errors.ts'
import type { Intervals } from '../../interval/interval.ts'
import type { Analysis } from '../../plan/analysis.ts'
import type { Watch } from '../../plan/call.ts'
import {
  type Append,
  type Blocks,
  blocksOf,
  type EngineStatement,
  type Forget,
  type Make,
  type Read,
  type RecordShape,
  type Relation,
  restrict,
  type Series,
} from '../../plan/relation.ts'
import { seriesName } from '../../plan/relations.ts'
import type { SourceStep } from '../../plan/step.ts'
import type { Block } from '../../sources/source.ts'
import type { Engine, SourceCounts } from '../engine.ts'
import { Failures, type FunctionFailures } from '../failures.ts'
import { BlockShelf } from './blocks.ts'
import { checkTypes } from './check-types.ts'
import { columnsOf } from './columns-sql.ts'
import { Connection, type Scanned, type Statement as SqlStatement } from './connection.ts'
import { fold, type StateTable } from './fold.ts'
import type { Leaves, StoredTable } from './leaves.ts'
import { parquetColumns } from './parquet-sql.ts'
import { RelationPrinter } from './relation-sql.ts'
import { readable, rowsOf } from './values.ts'

/** A table of at most this many rows is read as a whole for sinks that get it interval by interval. */
const SMALL_ROWS = 20_000

export class DuckDBEngine implements Engine {
  readonly name = 'duckdb'
  #connection!: Connection
  #shelf!: BlockShelf
  #directory: string | undefined
  #analysis: Analysis | undefined
  readonly #tables = new Map<string, StoredTable[]>()
  /** The rows of the table that was read last for one interval after the other. */
  #small: { readonly table: string; readonly rows: ReadonlyMap<number, readonly unknown[]> } | undefined
  /** Whether the statement being printed reads blocks once only. */
  #scansAlone = true
  readonly #states = new Map<number, StateTable>()
  readonly #failures = new Failures()

  async prepare(analysis: Analysis): Promise<void> {
    for (const step of analysis.plan.steps) checkTypes(step)
    this.#analysis = analysis
    this.#directory = await mkdtemp(join(tmpdir(), 'dstreams-duckdb-'))
    this.#connection = await Connection.open(this.#directory, analysis.plan.job, this.#failures)
    this.#shelf = new BlockShelf(
      this.#connection,
      this.#directory,
      (id) => analysis.plan.steps[id] as SourceStep,
    )
  }

  start(intervals: Intervals, watch?: Watch): void {
    this.#connection.functions.start(intervals, watch)
  }

  load(source: number, interval: number, blocks: readonly Block[]): void {
    this.#shelf.load(source, interval, blocks)
  }

  async execute(statement: EngineStatement): Promise<void> {
    switch (statement.kind) {
      case 'make':
        return this.#make(statement)
      case 'fold': {
        const catalog = { connection: this.#connection, states: this.#states, keep: this.#keep.bind(this) }
        const inputs = [...statement.plus, ...statement.minus]
        return fold(
          statement,
          catalog,
          (execute) => this.#overBlocks(inputs.flatMap(blocksOf), execute),
          this.#leaves,
        )
      }
      case 'append':
        return this.#append(statement)
      case 'forget':
        return this.#forget(statement)
      default:
        return statement satisfies never
    }
  }

  async write(series: Series, at: number, rows: readonly unknown[]): Promise<void> {
    const { type } = this.#analysis!.plan.steps[series.step]!
    const name = this.#connection.name('dataset')
    await this.#connection.append(name, type!, rows)
    this.#keep(series, { name, from: at, to: at + 1, hasInterval: false, rows: rows.length })
  }

  async read(relation: Relation): Promise<readonly unknown[]> {
    if (relation.kind === 'read' && relation.to - relation.from === 1) {
      const rows = await this.#readSmall(relation)
      if (rows) return rows
    }
    const { type } = relation.shape as RecordShape
    return this.#overBlocks(blocksOf(relation), async (statement) => {
      const rows: unknown[] = []
      const visible = columnsOf({ ...relation.shape, interval: 'none', positions: 0 } as RecordShape)
      const select = `SELECT ${readable(type!, visible).join(', ')} FROM (${this.#print(relation, statement)})`
      for await (const columns of this.#connection.chunks(select, statement.parameters))
        for (const row of rowsOf(columns, type!)) rows.push(row)
      return rows
    })
  }

  /**
   * The rows of one interval of a small table over many: the table is read once, and the other intervals' rows are kept
   * for when they are asked for next.
   */
  async #readSmall({ series, from, to, shape }: Read): Promise<readonly unknown[] | undefined> {
    const [table, ...others] = this.#leaves.tables(series, from, to)
    if (!table?.hasInterval || others.length > 0 || table.rows > SMALL_ROWS || series.part !== 'rows')
      return undefined
    if (this.#small?.table !== table.name) {
      const { type } = shape as RecordShape
      const columns = columnsOf({ ...shape, interval: 'none', positions: 0 } as RecordShape)
      const rows = new Map<number, unknown[]>()
      const select = `SELECT ${[...readable(type!, columns), 'i'].join(', ')} FROM ${table.name}`
      for await (const chunk of this.#connection.chunks(select, this.#connection.statement().parameters)) {
        const intervals = chunk.at(-1)!
        rowsOf(chunk, type!).forEach((row, index) => {
          const interval = Number(intervals[index])
          const own = rows.get(interval)
          if (own) own.push(row)
          else rows.set(interval, [row])
        })
      }
      this.#small = { table: table.name, rows }
    }
    return this.#small.rows.get(from) ?? []
  }

  async writeParquet(relation: Relation, path: string): Promise<number> {
    const { type } = relation.shape as RecordShape
    return this.#overBlocks(blocksOf(relation), (statement) => {
      const select = `SELECT ${parquetColumns(type!)} FROM (${this.#print(relation, statement)})`
      return statement.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`)
    })
  }

  async unload(before: number): Promise<readonly SourceCounts[]> {
    return this.#shelf.unload(before)
  }

  failures(): readonly FunctionFailures[] {
    return this.#failures.take()
  }

  async close(): Promise<void> {
    this.#connection?.close()
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true })
  }

  // ---- statements ----------------------------------------------------------------------------------------------

  async #make({ series, from, to, relation }: Make): Promise<void> {
    const table = this.#connection.name('dataset')
    const blocks = blocksOf(relation)
    // many fat intervals: a union of one small aggregate each is faster than one big hash table over all
    const isSplit = to - from > 1 && blocks.length > 0 && blocks.every((one) => this.#shelf.isFat(one))
    const parts = isSplit
      ? Array.from({ length: to - from }, (_, index) => restrict(relation, from + index))
      : [relation]
    const rows = await this.#overBlocks(isSplit ? parts.flatMap(blocksOf) : blocks, (statement) => {
      const columns = columnsOf(relation.shape).join(', ')
      const selects = parts.map((part, index) => {
        const select = this.#print(part, statement)
        return isSplit
          ? `SELECT ${columns} FROM (SELECT *, ${from + index}::BIGINT AS i FROM (${select}))`
          : select
      })
      return statement.run(`CREATE OR REPLACE TABLE ${table} AS ${selects.join(' UNION ALL ')}`)
    })
    // a content's rows keep the intervals they came in; all other rows of one interval are that interval's
    const hasInterval = relation.shape.interval === 'column' && (to - from > 1 || series.part === 'content')
    this.#keep(series, { name: table, from, to, hasInterval, rows })
  }

  async #append({ state, relation }: Append): Promise<void> {
    const table = this.#states.get(state)?.name
    const name = `state${state}`
    const columns = columnsOf({
      ...relation.shape,
      interval: (relation.shape as RecordShape).positions > 0 ? 'column' : 'none',
    } as RecordShape)
    // rows that were added can't be taken back: what must not be scanned is found out before
    for (const blocks of blocksOf(relation)) await this.#shelf.prepare(blocks)
    await this.#shelf.search(blocksOf(relation))
    await this.#overBlocks(blocksOf(relation), (statement) => {
      const interval =
        typeof relation.shape.interval === 'object' ? `, ${relation.shape.interval.at}::BIGINT AS i` : ''
      const select = `SELECT ${columns.join(', ')} FROM (SELECT *${interval} FROM (${this.#print(relation, statement)}))`
      if (table !== undefined) return statement.run(`INSERT INTO ${table} ${select}`)
      return statement.run(`CREATE OR REPLACE TABLE ${name} AS ${select}`)
    })
    if (table === undefined) this.#states.set(state, { name, rows: 0 })
  }

  async #forget({ series, before }: Forget): Promise<void> {
    const tables = this.#tables.get(seriesName(series)) ?? []
    const kept = tables.filter((table) => table.to > before)
    // the tables of touched keys are replaced by the next fold anyway
    const isReplaced = series.part === 'before' || series.part === 'after'
    for (const table of tables)
      if (table.to <= before && !isReplaced) await this.#connection.run(`DROP TABLE IF EXISTS ${table.name}`)
    this.#tables.set(
      seriesName(series),
      // of a table over many intervals, those before are not read any more
      kept.map((table) => (table.from < before ? { ...table, from: before, holdsForgotten: true } : table)),
    )
  }

  /** Puts a table into the catalog. */
  #keep(series: Series, table: StoredTable): void {
    const name = seriesName(series)
    // made again, after a failure: what was there is replaced
    const others = (this.#tables.get(name) ?? []).filter(
      (other) => other.name !== table.name && (other.from < table.from || other.to > table.to),
    )
    this.#tables.set(name, [...others, table])
  }

  // ---- relations -----------------------------------------------------------------------------------------------

  readonly #leaves: Leaves = {
    blocks: (relation, parameters) => this.#shelf.select(relation, parameters, this.#scansAlone),
    tables: ({ step, part }, from, to) =>
      (this.#tables.get(seriesName({ step, part })) ?? []).filter(
        (table) => table.from < to && table.to > from,
      ),
    state: (step) => this.#states.get(step)?.name,
  }

  #print(relation: Relation, statement: SqlStatement): string {
    return new RelationPrinter(this.#leaves, statement).print(relation)
  }

  /**
   * Executes a statement over blocks: what a scan can't read is read by the reference and the statement executed again;
   * rows that a scan read are counted on the way where that is all the records there are.
   */
  async #overBlocks<T>(
    blocks: readonly Blocks[],
    execute: (statement: SqlStatement) => Promise<T>,
  ): Promise<T> {
    this.#scansAlone = blocks.length <= 1
    for (let attempt = 0; ; attempt++) {
      let isUnfit = false
      try {
        for (const relation of blocks) await this.#shelf.prepare(relation)
        const executing = this.#execute(blocks, execute)
        // a statement is never left executing: closing its connection under it would end the process
        const ended = executing.catch(() => {})
        isUnfit = await this.#shelf.search(blocks).finally(() => ended)
        const [result, scanned] = await executing
        if (isUnfit) continue
        await this.#shelf.confirm(blocks)
        if (scanned) this.#count(blocks, scanned)
        return result
      } catch (error) {
        const thrown = this.#connection.functions.takeError() ?? error
        if (thrown instanceof DstreamsError) throw thrown
        if (attempt < 10 && (isUnfit || (await this.#shelf.recover(error, blocks)))) continue
        throw engineError(error)
      }
    }
  }

  /** Executes a statement, and has the rows of its scans counted where they are the records. */
  async #execute<T>(
    blocks: readonly Blocks[],
    execute: (statement: SqlStatement) => Promise<T>,
  ): Promise<readonly [T, Scanned | undefined]> {
    const isCountable =
      blocks.length > 0 &&
      blocks.every((relation) => relation.output === 'records' && this.#shelf.isCountable(relation))
    if (isCountable) return this.#connection.scanned(() => execute(this.#connection.statement()))
    return [await execute(this.#connection.statement()), undefined]
  }

  #count(blocks: readonly Blocks[], scanned: Scanned): void {
    if (scanned.length !== blocks.length) return
    blocks.forEach((relation, index) => {
      this.#shelf.counted(relation, scanned[index]!)
    })
  }
}

function engineError(cause: unknown): DstreamsError {
  const message = messageOf(cause)
  if (/No space left|Could not write|out of disk|max_temp_directory_size/i.test(message))
    return new DstreamsError('DS_STORAGE', {
      what: `DuckDB could not write to ${tmpdir()}: ${message}`,
      cure: 'Free space there, or set TMPDIR to another directory.',
      cause,
    })
  if (/Out of Memory/i.test(message))
    return new DstreamsError('DS_ENGINE', {
      what: `DuckDB ran out of memory: ${message}`,
      cure: 'Take less per interval (perInterval), shorten the window, or give the machine more memory.',
      cause,
    })
  return new DstreamsError('DS_ENGINE', {
    what: `DuckDB failed: ${message}`,
    cure: 'This is a fault of dstreams if the job is valid: please report it with the output of dstreams explain.',
    cause,
  })
}
