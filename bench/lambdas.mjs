/**
 * Lambdas on DuckDB: compiled ones against the SQL that one would write by hand, over the same table; JavaScript ones
 * against the only other way, which is to read the rows out, call the function, and append the rows.
 *
 * The statements are those that a plan's relations print, over a table that is there, so that nothing but the functions
 * is measured.
 */
import { DOUBLE, DuckDBInstance, STRUCT, structValue, VARCHAR } from '@duckdb/node-api'
import { registerFunctions } from '../dist/engines/duckdb/expression-sql.js'
import { RelationPrinter } from '../dist/engines/duckdb/relation-sql.js'
import { UserFunctions } from '../dist/engines/duckdb/user-functions.js'
import { Failures } from '../dist/engines/failures.js'
import { Parameters } from '../dist/expression/print.js'
import { count, fromArray, job } from '../dist/index.js'
import { Analysis } from '../dist/plan/analysis.js'
import { statementsOf } from '../dist/plan/statements.js'
import { buildPlan } from '../dist/stream/job.js'
import { inTurn } from './measure.mjs'

const ROWS = 10_000_000
const FEWER = 2_000_000
const RECORD = { price: 'number', qty: 'integer', shop: 'string', line: 'string' }

async function database() {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  registerFunctions(connection)
  await connection.run(
    `CREATE TABLE t AS SELECT (n * 7919 % 1000003)::DOUBLE / 7 AS c0, n % 100 AS c1, 'shop ' || (n % 5000) AS c2, ` +
      `'GET /api/' || (n % 977) || ' 200 ' || (n % 1000) || ' ms' AS c3 FROM range(${ROWS}) rows(n)`,
  )
  await connection.run(`CREATE TABLE fewer AS SELECT * FROM t LIMIT ${FEWER}`)
  // a statement of the same connection would end the one whose rows are being read
  const functions = new UserFunctions(connection, 'bench', new Failures())
  functions.start({ originMs: 0, lengthMs: 1000 })
  return { connection, functions, reading: await instance.connect() }
}

const sink = { kind: 'probe', detail: '', tableMode: 'content' }

/** The statement of the only delivery of a job over a table, and its parameters. */
function statementOf({ functions }, table, define) {
  const plan = buildPlan(
    job('bench', { interval: '1s' }, (s) => define(s.from(fromArray([], RECORD))).to('out', sink)),
  )
  const analysis = new Analysis(plan)
  const parameters = new Parameters()
  const leaves = {
    blocks: () => `SELECT c0, c1, c2, c3 FROM ${table}`,
    tables: () => [],
    state: () => undefined,
  }
  const statements = statementsOf(analysis, { from: 0, to: 1 }, { originMs: 0, lengthMs: 1000 })
  const { relation } = statements.find(({ kind }) => kind === 'deliver')
  return { sql: new RelationPrinter(leaves, { parameters, functions }).print(relation), parameters }
}

/** Runs a statement into a table, so that all its columns are computed; how many rows there were. */
async function rowsOf(connection, { sql, parameters }) {
  const result = await connection.run(`CREATE OR REPLACE TEMP TABLE out AS ${sql}`, parameters?.values ?? [])
  return Number((await result.getRows())[0][0])
}

/** Compiled filter + map + groupBy, with and without a guard. */
async function compiled(connections) {
  const { connection } = connections
  const plain = statementOf(connections, 't', (sales) =>
    sales
      .filter((e) => e.price > 1000 && e.qty !== 7)
      .map((e) => ({ shop: e.shop, value: e.price * e.qty, big: e.qty > 50 ? 1 : 0 }))
      .groupBy((e) => ({ shop: e.shop }))
      .aggregate({ n: count(), big: count((e) => e.big === 1) }),
  )
  const plainByHand = {
    sql: `SELECT c2, count(*), count(*) FILTER (WHERE big = 1) FROM (SELECT c2, c0 * c1 AS value, CASE WHEN c1 > 50 THEN 1 ELSE 0 END AS big FROM t WHERE c0 > 1000 AND c1 <> 7) GROUP BY c2`,
  }
  const guarded = statementOf(connections, 't', (sales) =>
    sales
      .filter((e) => e.shop.slice(5) < '4')
      .map((e) => ({ shop: e.shop.slice(5, 7), status: e.line.indexOf('200') }))
      .groupBy((e) => ({ shop: e.shop }))
      .aggregate({ n: count(), late: count((e) => e.status > 13) }),
  )
  const guardedByHand = {
    sql: `SELECT shop, count(*), count(*) FILTER (WHERE status > 13) FROM (SELECT substring(c2, 6, 2) AS shop, strpos(c3, '200') - 1 AS status FROM t WHERE substring(c2, 6) < '4') GROUP BY shop`,
  }
  const a = await inTurn({
    dstreams: () => rowsOf(connection, plain),
    byHand: () => rowsOf(connection, plainByHand),
  })
  const b = await inTurn({
    dstreams: () => rowsOf(connection, guarded),
    byHand: () => rowsOf(connection, guardedByHand),
  })
  return [
    ['compiled filter + map + groupBy, M rows/s', (ROWS / a.dstreams / 1000).toFixed(1)],
    ['compiled / hand-written SQL', (a.byHand / a.dstreams).toFixed(2), '>= 0.9'],
    ['with guards, M rows/s', (ROWS / b.dstreams / 1000).toFixed(1)],
    ['with guards / hand-written SQL', (b.byHand / b.dstreams).toFixed(2), '>= 0.6'],
  ]
}

/** What it takes without: rows out, the function on each, and the results appended one by one. */
async function outAndBack({ connection, reading }, columns, type, each) {
  await connection.run(`CREATE OR REPLACE TABLE back (value ${type})`)
  const appender = await connection.createAppender('back')
  const append = (value) => {
    appender.appendValue(value, type)
    appender.endRow()
  }
  const result = await reading.stream(`SELECT ${columns} FROM fewer`)
  for await (const rows of result.yieldRowObjects()) for (const row of rows) each(row, append)
  appender.closeSync()
  const [[count]] = await (await connection.run('SELECT count(*) FROM back')).getRows()
  return Number(count)
}

const hidden = (value) => value

async function javascript(connections) {
  const { connection } = connections
  const filter = statementOf(connections, 'fewer', (sales) =>
    sales.filter((e) => hidden(e.price) > 70_000).map((e) => e.price),
  )
  const filtered = await inTurn({
    dstreams: () => rowsOf(connection, filter),
    outAndBack: () =>
      outAndBack(connections, 'c0 AS price', DOUBLE, (e, append) => {
        if (hidden(e.price) > 70_000) append(e.price)
      }),
  })
  const words = statementOf(connections, 'fewer', (sales) =>
    sales.flatMap((e) => hidden(e.line).split(' '), { returns: 'string' }),
  )
  const flat = await inTurn({
    dstreams: () => rowsOf(connection, words),
    outAndBack: () =>
      outAndBack(connections, 'c3 AS line', VARCHAR, (e, append) => {
        for (const word of hidden(e.line).split(' ')) append(word)
      }),
  })
  const toStruct = statementOf(connections, 'fewer', (sales) =>
    sales.map((e) => ({ shop: `${hidden(e.shop)}!`, double: e.price * 2 }), {
      returns: { shop: 'string', double: 'number' },
    }),
  )
  const mapped = await inTurn({
    dstreams: () => rowsOf(connection, toStruct),
    outAndBack: () =>
      outAndBack(
        connections,
        'c0 AS price, c2 AS shop',
        STRUCT({ shop: VARCHAR, double: DOUBLE }),
        (e, append) => append(structValue({ shop: `${hidden(e.shop)}!`, double: e.price * 2 })),
      ),
  })
  const rate = (ms) => (FEWER / ms / 1000).toFixed(2)
  return [
    ['JavaScript filter on a number, M rows/s', rate(filtered.dstreams), '>= 8'],
    ['JavaScript filter / rows out and back', (filtered.outAndBack / filtered.dstreams).toFixed(2), '>= 2'],
    ['JavaScript flatMap to a list, M rows/s', rate(flat.dstreams), '>= 1'],
    ['JavaScript flatMap / rows out and back', (flat.outAndBack / flat.dstreams).toFixed(2), '>= 2'],
    ['JavaScript map to a struct, M rows/s', rate(mapped.dstreams), '>= 2'],
    ['JavaScript map / rows out and back', (mapped.outAndBack / mapped.dstreams).toFixed(2), '>= 2'],
  ]
}

/** Building a job of 50 lambdas: parsing, compiling, looking up constants. */
async function building() {
  const limit = 5
  const define = () =>
    buildPlan(
      job('fifty', { interval: '1s' }, (s, _params) => {
        let sales = s.from(fromArray([], RECORD))
        for (let index = 0; index < 25; index++)
          sales = sales
            .filter((e) => e.price > 10 && (e.shop.startsWith('a') || e.line.slice(2) !== e.shop))
            .map(
              (e) => ({ price: e.price * 2 + limit, qty: e.qty, shop: e.shop.trim(), line: `${e.line}!` }),
              {
                returns: RECORD,
              },
            )
        sales.to('out', sink)
      }),
    ).steps.length
  const { build } = await inTurn({ build: define }, { rounds: 9 })
  return [['building a job of 50 lambdas, ms', build.toFixed(1), '<= 100']]
}

export async function lambdas() {
  const connections = await database()
  try {
    return [...(await compiled(connections)), ...(await javascript(connections)), ...(await building())]
  } finally {
    connections.reading.closeSync()
    connections.connection.closeSync()
  }
}
