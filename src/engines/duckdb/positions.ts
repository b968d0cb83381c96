/**
 * Records with their positions, as a table: interval, partition and ordinal beside the values.
 *
 * The order of a file's lines is that of `rowid` in a table made from them; numbering them while scanning would leave
 * all but one core idle. So files are scanned into a table, and each file's first `rowid` is brought to its block's
 * first ordinal.
 */
import type { Type } from '../../schema/type.ts'
import { readLines } from './canonical-rows.ts'
import { columnsOf, empty } from './columns-sql.ts'
import type { Connection } from './connection.ts'
import { type Held, rangeOf } from './held.ts'
import { FILE_COLUMN, scan } from './scan.ts'

export class Positions {
  readonly #connection: Connection
  readonly #delimiter: string
  readonly #type: Type
  /** The columns of the values. */
  readonly #values: string
  /** Tables that are needed only while the positioned one is made. */
  readonly #temporary: string[] = []

  constructor(connection: Connection, delimiter: string, type: Type) {
    this.#connection = connection
    this.#delimiter = delimiter
    this.#type = type
    this.#values = columnsOf({ rows: 'records', type, interval: 'none', positions: 0 }).join(', ')
  }

  /** Makes the table of all records of some blocks, with columns `i`, `p0` and `p1` beside the values; its name. */
  async make(blocks: readonly Held[]): Promise<string> {
    const parts: string[] = []
    for (const compression of [undefined, 'gzip'] as const) {
      const scanned = blocks.filter(
        ({ reading, block }) => reading === 'scan' && block.compression === compression,
      )
      if (scanned.length > 0) parts.push(...(await this.#scanned(scanned)))
    }
    const statement = this.#connection.statement()
    for (const { reading, canonical, block, interval } of blocks) {
      if (reading === 'scan') continue
      const place = `${interval}::BIGINT AS i, ${statement.parameters.add(block.partition)}::VARCHAR AS p0`
      if (canonical !== undefined) {
        const lines = readLines(statement.parameters.add(canonical), this.#type, { o: 'BIGINT' })
        parts.push(`SELECT ${this.#values}, ${place}, o AS p1 FROM ${lines}`)
      } else parts.push(`SELECT c0, ${place}, c0 AS p1 FROM ${rangeOf(block)}`)
    }
    const table = this.#connection.name('positioned')
    const none = empty({ rows: 'records', type: this.#type, interval: 'column', positions: 2 })
    await statement.run(`CREATE TABLE ${table} AS ${parts.length === 0 ? none : parts.join(' UNION ALL ')}`)
    for (const name of this.#temporary) await this.#connection.run(`DROP TABLE ${name}`)
    return table
  }

  /** Scans files into a table; a SELECT over it with positions, if it has rows. */
  async #scanned(blocks: readonly Held[]): Promise<readonly string[]> {
    const raw = await this.#scan(blocks)
    const counts = await this.#connection.rows(
      `SELECT ${FILE_COLUMN}, min(rowid), count(*) FROM ${raw} GROUP BY ALL`,
    )
    const found = new Map(
      (counts as [string, bigint, bigint][]).map(([file, first, rows]) => [file, { first, rows }]),
    )
    for (const held of blocks) {
      held.records = Number(found.get(held.block.path!)?.rows ?? 0n)
      held.proven = true
    }
    const present = blocks.filter(({ block }) => found.has(block.path!))
    if (present.length === 0) return []
    const files = await this.#map([
      ['file', 'VARCHAR', present.map(({ block }) => block.path!)],
      ['i', 'BIGINT', present.map(({ interval }) => BigInt(interval))],
      ['p0', 'VARCHAR', present.map(({ block }) => block.partition)],
      ['base', 'BIGINT', present.map(({ block }) => BigInt(block.from) - found.get(block.path!)!.first)],
    ])
    const place = 'files.i, files.p0, records.rowid + files.base AS p1'
    const join = `${raw} AS records JOIN ${files} AS files ON records.${FILE_COLUMN} = files.file`
    return [`SELECT ${this.#values}, ${place} FROM ${join}`]
  }

  /** A table of the records of files with the file of each, in the order of their lines. */
  async #scan(blocks: readonly Held[]): Promise<string> {
    const table = this.#connection.name('raw')
    const statement = this.#connection.statement()
    const { format, compression } = blocks[0]!.block
    const select = scan(format as 'lines' | 'ndjson', this.#type, {
      files: statement.parameters.add(blocks.map(({ block }) => block.path!)),
      delimiter: format === 'lines' ? statement.parameters.add(this.#delimiter) : "''",
      filename: true,
      noBlanks: false,
      gzip: compression === 'gzip',
      alone: true,
    })
    await statement.run(`CREATE TABLE ${table} AS ${select}`)
    this.#temporary.push(table)
    return table
  }

  /** A table of these columns, each a list of values. */
  async #map(
    columns: readonly (readonly [name: string, type: string, values: readonly unknown[]])[],
  ): Promise<string> {
    const table = this.#connection.name('files')
    const statement = this.#connection.statement()
    const lists = columns.map(
      ([name, type, values]) => `unnest(${statement.parameters.add(values)}::${type}[]) AS ${name}`,
    )
    await statement.run(`CREATE TABLE ${table} AS SELECT ${lists.join(', ')}`)
    this.#temporary.push(table)
    return table
  }
}
