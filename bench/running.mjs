/** A running count and sum of 2 M NDJSON records over 100 K keys, ten files an interval each; its top ten written. */
import { DuckDBInstance, listValue } from '@duckdb/node-api'
import { count, desc, job, ndjson, ndjsonFiles, sum } from '../dist/index.js'
import { records as recordFiles } from './data.mjs'
import { drained } from './jobs.mjs'
import { inTurn } from './measure.mjs'

const RECORDS = 2_000_000

const runningJob = (files, value) => (output) =>
  job('running', { interval: '1s' }, (s) =>
    s
      .from(
        ndjsonFiles(
          `${files[0].slice(0, -3)}*`,
          { k: 'string', v: 'integer', x: 'number', t: 'timestamp' },
          { perInterval: { files: 1 } },
        ),
      )
      .groupBy((r) => ({ k: r.k }))
      .aggregate({ n: count(), total: sum(value) })
      .running()
      .top(
        10,
        desc((r) => r.n),
      )
      .to('top', ndjson(output, { mode: 'snapshots' })),
  )

/** DuckDB's typed reader, which takes "5" for 5 and sums doubles in any order, and one GROUP BY. */
async function plainDuckDB(files, column) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const reader =
    "read_json($1, format = 'newline_delimited', columns = {'k': 'VARCHAR', 'v': 'BIGINT', 'x': 'DOUBLE', 't': 'BIGINT'})"
  await connection.run(
    `CREATE TABLE totals AS SELECT k, count(*) AS n, sum(${column}) AS total FROM ${reader} GROUP BY k`,
    [listValue(files)],
  )
  connection.closeSync()
}

export async function records() {
  const files = recordFiles()
  const integers = await inTurn(
    { dstreams: () => drained(runningJob(files, (r) => r.v)), duckdb: () => plainDuckDB(files, 'v') },
    { same: false },
  )
  const numbers = await inTurn(
    { dstreams: () => drained(runningJob(files, (r) => r.x)), duckdb: () => plainDuckDB(files, 'x') },
    { same: false },
  )
  return [
    ['dstreams, records/s (sum of integers)', Math.round((RECORDS / integers.dstreams) * 1000)],
    ['dstreams, records/s (exact sum of numbers)', Math.round((RECORDS / numbers.dstreams) * 1000)],
    ['plain DuckDB, records/s', Math.round((RECORDS / integers.duckdb) * 1000)],
    ['dstreams / plain DuckDB, integers', (integers.duckdb / integers.dstreams).toFixed(2), '>= 0.5'],
    ['dstreams / plain DuckDB, numbers', (numbers.duckdb / numbers.dstreams).toFixed(2), '>= 0.5'],
  ]
}
