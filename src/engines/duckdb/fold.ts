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
import type { Connection, Statement } from './connection.ts'
import { type Leaves, RelationPrinter, type StoredTable, accumulatorTypes, keyTypes } from './relation-sql.ts'

/** A delta of more than this share of the state's rows is folded by a rebuild. */
const REBUILD_SHARE = 0.2
/** A delta of at most this many rows is folded in place without asking how large the state is. */
const SMALL_DELTA = 1000

interface Catalog {
  readonly connection: Connection
  readonly states: Map<number, string>
  keep(series: Series, table: StoredTable): void
}

export async function fold(
  statement: Fold,
  catalog: Catalog,
  overBlocks: (execute: (statement: Statement) => Promise<number>) => Promise<number>,
  leaves: Leaves,
): Promise<void> {
  const { connection, states } = catalog
  const { state, at, plus, minus, changes, shape } = statement
  const { step } = shape
  const [delta, before, after] = ['delta', 'before', 'after'].map((part) => `${part}${state}`) as [string, string, string]
  const deltaRows = await overBlocks((sql) => {
    const isMerged = plus.length === 1 && minus.length === 0 && plus[0]!.shape.interval !== 'column'
    const relation = isMerged ? plus[0]! : { kind: 'merge' as const, plus, minus, shape }
    const select = new RelationPrinter(leaves, sql.parameters).print(relation)
    return sql.run(`CREATE OR REPLACE TABLE ${delta} AS ${select}`)
  })
  const table = states.get(state)
  const merge = new Merger(step, connection)
  if (changes) {
    await connection.run(`CREATE OR REPLACE TABLE ${before} AS ${table === undefined ? merge.none(delta) : merge.touched(table, delta)}`)
    await merge.make(after, `${merge.all(before)} UNION ALL ${merge.all(delta)}`, undefined)
    catalog.keep({ step: state, part: 'before' }, { name: before, from: at, to: at + 1, hasInterval: false })
    catalog.keep({ step: state, part: 'after' }, { name: after, from: at, to: at + 1, hasInterval: false })
  }
  const isRebuilt = table === undefined || keyTypes(step).length === 0 || (await isLarge(connection, deltaRows, table))
  if (isRebuilt) {
    const next = connection.name(`state${state}_`)
    const input = table === undefined ? merge.all(delta) : `${merge.all(table)} UNION ALL ${merge.all(delta)}`
    await merge.make(next, input, 'sum(r) <> 0')
    states.set(state, next)
    if (table !== undefined) await connection.run(`DROP TABLE ${table}`)
  } else if (deltaRows > 0) {
    if (!changes) await merge.make(after, `${merge.touched(table, delta)} UNION ALL ${merge.all(delta)}`, undefined)
    await merge.into(table, after)
  }
}

async function isLarge(connection: Connection, deltaRows: number, table: string): Promise<boolean> {
  if (deltaRows <= SMALL_DELTA) return false
  const [[count]] = (await connection.rows(`SELECT count(*) FROM ${table}`)) as [[bigint]]
  return deltaRows > Number(count) * REBUILD_SHARE
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
  async make(table: string, input: string, having: string | undefined): Promise<void> {
    const statement = this.#connection.statement()
    const printer = new RelationPrinter({ blocks: never, tables: never, state: never }, statement.parameters)
    await statement.run(`CREATE OR REPLACE TABLE ${table} AS ${printer.mergeRows(this.#step, input, having)}`)
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
