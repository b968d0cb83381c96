/**
 * Folding accumulators into a state table: state = state + plus - minus.
 *
 * Two ways, chosen by size, with the same result:
 *
 *   small delta   touched = state's rows of the delta's keys      rebuild   state = merge(state + delta)
 *                 after = merge(touched + delta)                            as one new table
 *                 MERGE after INTO state
 *
 * In place costs a scan of the state's keys; a rebuild costs writing all of it, and is faster where a good part changes.
 */
import type { Fold, Series } from '../../plan/relation.ts'
import type { AggregateStep } from '../../plan/step.ts'
import { accumulatorTypes, keyTypes } from './columns-sql.ts'
import type { Connection, Statement } from './connection.ts'
import type { Leaves, StoredTable } from './leaves.ts'
import { RelationPrinter } from './relation-sql.ts'

/** A delta of more than this share of the state's rows is folded by a rebuild. */
const REBUILD_SHARE = 0.2
/** A delta of at most this many rows is folded in place without asking how large the state is. */
const SMALL_DELTA = 1000

/** A state's table, and how many rows it has at most. */
export interface StateTable {
  readonly name: string
  readonly rows: number
}

interface Catalog {
  readonly connection: Connection
  readonly states: Map<number, StateTable>
  keep(series: Series, table: StoredTable): void
}

/** Runs a statement over the inputs of the fold, again where a block could not be read the first time. */
type OverBlocks = <T>(execute: (statement: Statement) => Promise<T>) => Promise<T>

export async function fold(
  statement: Fold,
  catalog: Catalog,
  overBlocks: OverBlocks,
  leaves: Leaves,
): Promise<void> {
  const { connection, states } = catalog
  const { state, plus, minus, changes, shape } = statement
  const merge = new Merger(shape.step, connection)
  const table = states.get(state)
  const replace = async (select: (sql: Statement) => string): Promise<void> => {
    const name = connection.name(`state${state}_`)
    const rows = await overBlocks((sql) => sql.run(`CREATE OR REPLACE TABLE ${name} AS ${select(sql)}`))
    states.set(state, { name, rows })
    if (table !== undefined) await connection.run(`DROP TABLE ${table.name}`)
  }
  if (!changes && rebuilds(table, estimate(statement, leaves), shape.step)) {
    const printed = (sql: Statement): RelationPrinter => new RelationPrinter(leaves, sql)
    await replace((sql) =>
      printed(sql).merged(
        shape.step,
        table === undefined ? [] : [merge.all(table.name)],
        plus,
        minus,
        NOT_EMPTY,
      ),
    )
    return
  }
  const [delta, after] = [`delta${state}`, `after${state}`]
  const rows = await overBlocks((sql) => {
    const isMerged = plus.length === 1 && minus.length === 0 && plus[0]!.shape.interval !== 'column'
    const relation = isMerged ? plus[0]! : { kind: 'merge' as const, plus, minus, shape }
    return sql.run(`CREATE OR REPLACE TABLE ${delta} AS ${new RelationPrinter(leaves, sql).print(relation)}`)
  })
  if (changes) await keepChanges(statement, catalog, merge, delta)
  if (rebuilds(table, rows, shape.step)) {
    const input =
      table === undefined ? merge.all(delta) : `${merge.all(table.name)} UNION ALL ${merge.all(delta)}`
    await replace((sql) => new RelationPrinter(leaves, sql).mergeRows(shape.step, input, NOT_EMPTY))
  } else if (rows > 0) {
    if (!changes)
      await merge.make(after, `${merge.touched(table!.name, delta)} UNION ALL ${merge.all(delta)}`)
    await merge.into(table!.name, after)
    states.set(state, { name: table!.name, rows: table!.rows + rows })
  }
}

/** Groups without records leave a state. */
const NOT_EMPTY = 'sum(r) <> 0'

/** Keeps the touched keys' accumulators before and after the fold as datasets. */
async function keepChanges(
  { state, at }: Fold,
  { connection, states, keep }: Catalog,
  merge: Merger,
  delta: string,
): Promise<void> {
  const [before, after] = [`before${state}`, `after${state}`]
  const table = states.get(state)
  const touched = table === undefined ? merge.none(delta) : merge.touched(table.name, delta)
  const rows = await connection.run(`CREATE OR REPLACE TABLE ${before} AS ${touched}`)
  await merge.make(after, `${merge.all(before)} UNION ALL ${merge.all(delta)}`)
  keep({ step: state, part: 'before' }, { name: before, from: at, to: at + 1, hasInterval: false, rows })
  keep({ step: state, part: 'after' }, { name: after, from: at, to: at + 1, hasInterval: false, rows })
}

/** Whether a state is written anew rather than changed in place. Its size may be overestimated. */
function rebuilds(table: StateTable | undefined, deltaRows: number, step: AggregateStep): boolean {
  if (table === undefined || keyTypes(step).length === 0) return true
  return deltaRows > SMALL_DELTA && deltaRows > table.rows * REBUILD_SHARE
}

/** About how many rows the delta of a fold has: those of its stored inputs, an equal share for each interval. */
function estimate({ plus, minus }: Fold, leaves: Leaves): number {
  return [...plus, ...minus].reduce((sum, relation) => {
    if (relation.kind !== 'read') return sum
    const tables = leaves.tables(relation.series, relation.from, relation.to)
    return sum + tables.reduce((rows, table) => rows + table.rows / (table.to - table.from), 0)
  }, 0)
}

/** The SQL of one aggregate step's accumulators. */
class Merger {
  readonly #step: AggregateStep
  readonly #connection: Connection
  readonly #keys: readonly string[]
  readonly #accumulators: readonly string[]

  constructor(step: AggregateStep, connection: Connection) {
    this.#step = step
    this.#connection = connection
    this.#keys = keyTypes(step).map((_, index) => `k${index}`)
    this.#accumulators = accumulatorTypes(step).map((_, index) => `a${index}`)
  }

  /** All rows of a table. */
  all(table: string): string {
    return `SELECT ${[...this.#keys, ...this.#accumulators, 'r'].join(', ')} FROM ${table}`
  }

  none(like: string): string {
    return `${this.all(like)} WHERE false`
  }

  /** The rows of a state whose keys are in the delta. */
  touched(state: string, delta: string): string {
    const columns = [...this.#keys, ...this.#accumulators, 'r'].map((column) => `${state}.${column}`)
    return `SELECT ${columns.join(', ')} FROM ${state} SEMI JOIN ${delta} ON ${this.#same(state, delta)}`
  }

  /** A table of accumulators merged by key. */
  async make(table: string, input: string): Promise<void> {
    const statement = this.#connection.statement()
    const printer = new RelationPrinter({ blocks: never, tables: never, state: never }, statement)
    await statement.run(
      `CREATE OR REPLACE TABLE ${table} AS ${printer.mergeRows(this.#step, input, undefined)}`,
    )
  }

  /** Puts the touched keys' new accumulators into a state; keys without records leave it. */
  async into(state: string, after: string): Promise<void> {
    const columns = [...this.#keys, ...this.#accumulators, 'r']
    const set = [...this.#accumulators, 'r'].map((column) => `${column} = ${after}.${column}`)
    await this.#connection.run(
      `MERGE INTO ${state} USING ${after} ON ${this.#same(state, after)} ` +
        `WHEN MATCHED AND ${after}.r = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET ${set.join(', ')} ` +
        `WHEN NOT MATCHED AND ${after}.r <> 0 THEN INSERT (${columns.join(', ')}) ` +
        `VALUES (${columns.map((column) => `${after}.${column}`).join(', ')})`,
    )
  }

  /** Whether two tables' rows have the same key; null is a key. */
  #same(a: string, b: string): string {
    return ['true', ...this.#keys.map((key) => `${a}.${key} IS NOT DISTINCT FROM ${b}.${key}`)].join(' AND ')
  }
}

const never = (): never => {
  throw new Error('accumulators have no leaves')
}
