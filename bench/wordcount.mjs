/** WordCount: a 30 s window sliding by 1 s, its ten most frequent words written each interval; one file an interval. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { DuckDBInstance, listValue } from '@duckdb/node-api'
import { count, desc, job, ndjson, textFiles } from '../dist/index.js'
import { words } from './data.mjs'
import { drained } from './jobs.mjs'
import { inTurn } from './measure.mjs'

const LINES = 4_000_000

export const wordcountJob = (files) => (output) =>
  job('wordcount', { interval: '1s' }, (s) =>
    s
      .from(textFiles(`${files[0].slice(0, -3)}*`, { perInterval: { files: 1 } }))
      .flatMap((line) => line.split(' '))
      .filter((word) => word !== '')
      .window('30s', { slide: '1s' })
      .groupBy((word) => ({ word }))
      .aggregate({ n: count() })
      .top(
        10,
        desc((r) => r.n),
      )
      .to('top words', ndjson(output, { mode: 'snapshots' })),
  )

/** The same count once over all the files, without windows. */
async function plainDuckDB(files) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const sql =
    "SELECT word, count(*) AS n FROM (SELECT unnest(string_split(line, ' ')) AS word FROM read_csv($1, delim = '\x01', quote = '', escape = '', header = false, auto_detect = false, columns = {'line': 'VARCHAR'})) WHERE word <> '' GROUP BY word"
  await connection.run(`CREATE TABLE counts AS ${sql}`, [listValue(files)])
  connection.closeSync()
}

/** What one would write by hand: a window kept as a list of Maps and a Map of totals. */
async function nodeLoop(files) {
  const window = []
  const totals = new Map()
  for (const file of files) {
    const counts = new Map()
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity }))
      for (const word of line.split(' ')) if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1)
    window.push(counts)
    for (const [word, n] of counts) totals.set(word, (totals.get(word) ?? 0) + n)
    if (window.length > 30)
      for (const [word, n] of window.shift()) {
        const left = totals.get(word) - n
        if (left === 0) totals.delete(word)
        else totals.set(word, left)
      }
    ;[...totals].sort((a, b) => b[1] - a[1]).slice(0, 10)
  }
}

export async function wordcount() {
  const files = words()
  const fast = await inTurn(
    { dstreams: () => drained(wordcountJob(files)), duckdb: () => plainDuckDB(files) },
    { rounds: 5, same: false },
  )
  const slow = await inTurn({ node: () => nodeLoop(files) }, { rounds: 1, warmups: 0, same: false })
  return [
    ['dstreams, lines/s', Math.round((LINES / fast.dstreams) * 1000)],
    ['plain DuckDB, lines/s', Math.round((LINES / fast.duckdb) * 1000)],
    ['Node loop, lines/s', Math.round((LINES / slow.node) * 1000)],
    ['dstreams / plain DuckDB', (fast.duckdb / fast.dstreams).toFixed(2), '>= 0.6'],
    ['dstreams / Node loop', (slow.node / fast.dstreams).toFixed(2), '>= 3'],
  ]
}
