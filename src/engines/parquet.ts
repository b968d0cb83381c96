/** Rows of JavaScript into a Parquet file, for engines that have no writer of their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { DstreamsError } from '../errors.ts'
import type { Type } from '../schema/type.ts'
import { lineOf, readLines } from './duckdb/canonical-rows.ts'
import { parquetColumns } from './duckdb/parquet-sql.ts'

export async function rowsToParquet(
  rows: readonly unknown[],
  type: Type | undefined,
  path: string,
): Promise<void> {
  if (!type)
    throw new DstreamsError('DS_SINK', {
      what: `${path}: the type of the rows is not known, because a step before it is not compiled.`,
      cure: 'Write NDJSON, or make the steps before the sink compile (dstreams explain shows why they do not).',
    })
  const directory = await mkdtemp(join(tmpdir(), 'dstreams-'))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const file = join(directory, 'rows.ndjson')
    await writeFile(file, rows.map((row) => lineOf(row, type, {})).join(''))
    await connection.run(
      `COPY (SELECT ${parquetColumns(type)} FROM ${readLines('$1', type, {})}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`,
      [file],
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
    await rm(directory, { recursive: true, force: true })
  }
}
