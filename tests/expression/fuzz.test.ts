/**
 * Random lambdas in DuckDB against Node.
 *
 * One seed is fixed and one is new in every run; both are printed. To repeat a run: `FUZZ_SEED=... npx vitest run
 * tests/expression/fuzz.test.ts`. What is refused is not compared, so the test also demands that most is compiled, and
 * everything that the grammar knows at least once.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { children, type Expression } from '../../src/expression/tree.ts'
import { type Dialect, fuzz, judge, programOf } from './fuzz.ts'
import { connect, evaluate, INPUT, ROWS } from './oracle.ts'

const PROGRAMS = Number(process.env.FUZZ_PROGRAMS ?? 2500)
/** The share of programs that must compile: the grammar avoids most refusals, but not those that depend on ranges. */
const COMPILED_SHARE_MIN = 0.6
const COMPARED_MIN = 100_000

let connection: DuckDBConnection
let duckdb: Dialect
beforeAll(async () => {
  connection = await connect()
  duckdb = { name: 'DuckDB', evaluate: (trees, rows) => evaluate(connection, trees, [INPUT], rows) }
})
afterAll(() => connection.closeSync())

const RANDOM_SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const unused: (readonly string[])[] = []

it.each([20_120_425, RANDOM_SEED])(
  'random lambdas give what Node gives, seed %i',
  async (seed) => {
    console.log(`fuzz of expressions: FUZZ_SEED=${seed} FUZZ_PROGRAMS=${PROGRAMS}`)
    const report = await fuzz(duckdb, { seed, programs: PROGRAMS })
    const { compared, guarded, programs, compiled } = report
    console.log(
      `${compiled} of ${programs} programs compiled, ${compared} cases compared, ${guarded} guarded`,
    )
    unused.push(report.unused)
    expect(report.differences.slice(0, 5), `FUZZ_SEED=${seed}`).toEqual([])
    expect(compiled / programs).toBeGreaterThan(COMPILED_SHARE_MIN)
    if (!process.env.FUZZ_PROGRAMS) expect(compared).toBeGreaterThan(COMPARED_MIN)
  },
  90_000,
)

it('compiles every form of the grammar', () => {
  const never = unused.reduce((left, right) => left.filter((form) => right.includes(form)))
  expect(never).toEqual([])
})

it('finds a wrong tree, and a guard that is false for nothing', async () => {
  const trim = programOf('e => e.s.trim()')!
  const wrong = { ...trim, call: (record: any) => record.s.trimStart() }
  expect((await judge(duckdb, [trim, wrong], ROWS)).map(({ program }) => program)).toEqual([wrong])
  const slice = programOf('e => e.s.slice(1)')!
  const vain = { ...slice, guard: programOf('e => false')!.body }
  expect((await judge(duckdb, [slice, vain], ROWS)).map(({ why }) => why)).toEqual([
    'the guard is false, and there is no character above U+FFFF',
  ])
  const careless = { ...slice, guard: undefined }
  expect((await judge(duckdb, [careless], ROWS)).length).toBe(1)
})

it('makes a difference small, and tells both results', async () => {
  const trims = (tree: Expression): boolean =>
    (tree.kind === 'call' && tree.name === 'trim') || children(tree).some(trims)
  const broken: Dialect = {
    name: 'a broken dialect',
    evaluate: async (trees, rows) => {
      const results = await duckdb.evaluate(trees, rows)
      return results.map((values, index) => (trims(trees[index]!) ? values.map(() => 'broken') : values))
    },
  }
  const { differences } = await fuzz(broken, { seed: 1, programs: 40 })
  expect(differences.length).toBeGreaterThan(0)
  for (const each of differences.slice(0, 3)) {
    expect(each).toMatch(
      /^e => .{0,30}\.trim\(\).{0,10}\n {2}\{.*\}\n {2}a broken dialect: JavaScript .*, got "broken"$/,
    )
  }
})
