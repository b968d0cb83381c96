/** Grep: lines with a word, counted each interval; one file of 100,000 lines an interval. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { DuckDBInstance, listValue } from '@duckdb/node-api'
import { count, job, ndjson, textFiles } from '../dist/index.js'
import { logLines } from './data.mjs'
import { drained } from './jobs.mjs'
import { inTurn } from './measure.mjs'

const LINES = 4_000_000

export const grepJob = (files) => (output) =>
  job('grep', { interval: '1s' }, (s) =>
    s
      .from(textFiles(`${files[0].slice(0, -3)}*`, { perInterval: { files: 1 } }))
      .filter((line) => line.includes('needle'))
      .aggregate({ n: count() })
      .to('hits', ndjson(output)),
  )

async function plainDuckDB(files) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const sql =
    "SELECT count(*) FROM read_csv($1, delim = '\x01', quote = '', escape = '', header = false, auto_detect = false, columns = {'line': 'VARCHAR'}) WHERE contains(line, 'needle')"
  await connection.runAndReadAll(sql, [listValue(files)])
  connection.closeSync()
}

async function nodeLoop(files) {
  for (const file of files) {
    let hits = 0
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity }))
      if (line.includes('needle')) hits++
    void hits
  }
}

export async function grep() {
  const files = logLines()
  const fast = await inTurn(
    { dstreams: () => drained(grepJob(files)), duckdb: () => plainDuckDB(files) },
    { rounds: 7, same: false },
  )
  const slow = await inTurn({ node: () => nodeLoop(files) }, { rounds: 1, warmups: 0, same: false })
  return [
    ['dstreams, lines/s', Math.round((LINES / fast.dstreams) * 1000)],
    ['plain DuckDB, lines/s', Math.round((LINES / fast.duckdb) * 1000)],
    ['Node loop, lines/s', Math.round((LINES / slow.node) * 1000)],
    ['dstreams / plain DuckDB', (fast.duckdb / fast.dstreams).toFixed(2), '>= 0.7'],
    ['dstreams / Node loop', (slow.node / fast.dstreams).toFixed(2), '>= 3'],
  ]
}
