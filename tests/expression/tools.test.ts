/**
 * What tools do to the text of a function must not change what it compiles to: the same lambdas, passed through each
 * tool, give the same trees. What a tool writes in a way that can't be undone for sure is refused, and stands in
 * `REFUSED`.
 */
import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { isDeepStrictEqual } from 'node:util'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import type { Compilation } from '../../src/expression/tree.ts'
import { connect, difference, evaluate, RECORD, ROWS } from './oracle.ts'
import { forget, type Lambda, type Lambdas, lambdasOf, printed, TOOLS } from './tools.ts'

const source = readFileSync(new URL('lambdas-for-tools.mjs', import.meta.url), 'utf8')

/**
 * What is refused although it compiles as it is written, by tool. There is one reason: a minifier has given the tool's
 * own functions, which stand in the module, names that say nothing.
 */
const RECORDS = ['spread', 'spreadTwo', 'spreadAll']
const LISTS = ['spreadList', 'spreadLists']
const POWERS = ['power', 'powerOfTwo']
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'swc es2015 minified': RECORDS,
  'swc es5 minified': [...RECORDS, ...LISTS],
  'esbuild es2015 minified': [...RECORDS, ...POWERS],
  'typescript 5 ES5, then terser': [...RECORDS, ...LISTS],
}

/** What minifiers write in another order: `2 * e.m`. The tree is another one, its values are the same. */
const REORDERED: ReadonlySet<string> = new Set(['sum', 'constants', 'infinite'])

let written: Lambdas
let expected: Readonly<Record<string, readonly unknown[]>>
let compiled: Readonly<Record<string, Compilation>>
let connection: DuckDBConnection

const over = (lambda: Lambda): readonly unknown[] =>
  ROWS.map((row) => {
    try {
      return lambda(row)
    } catch (error) {
      return String((error as Error).name)
    }
  })
const mapped = <T>(of: Lambdas, to: (lambda: Lambda) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(of).map(([name, lambda]) => [name, to(lambda)]))

beforeAll(async () => {
  written = await lambdasOf(source)
  expected = mapped(written, over)
  compiled = mapped(written, (lambda) => compile(lambda, [RECORD]))
  connection = await connect()
})
afterAll(() => {
  connection.closeSync()
  forget()
})

describe('lambdas as they are written', () => {
  it('are not touched by the loader of this test', () => {
    expect(source).toContain(String(written.chainDefault))
  })

  it('compile, most of them', () => {
    const refused = Object.entries(compiled).filter(([, { ok }]) => !ok)
    const total = Object.keys(written).length
    expect(total - refused.length, JSON.stringify(refused, null, 1)).toBeGreaterThan(total * 0.6)
  })
})

it('coverage by the engine itself changes nothing', async () => {
  const session = new Session()
  session.connect()
  try {
    session.post('Profiler.enable')
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    const covered = await lambdasOf(source)
    expect(mapped(covered, over)).toEqual(expected)
    expect(mapped(covered, (lambda) => compile(lambda, [RECORD]))).toEqual(compiled)
    session.post('Profiler.takePreciseCoverage', (_, { result }) => {
      expect(result.some(({ url, functions }) => url.includes('lambdas') && functions.length > 1)).toBe(true)
    })
    expect.assertions(3)
  } finally {
    session.disconnect()
  }
})

describe.each(Object.keys(TOOLS))('%s', (tool) => {
  let processed: Lambdas
  beforeAll(async () => {
    processed = await lambdasOf(source, tool)
  })

  it('does not change what functions return', () => {
    for (const [name, lambda] of Object.entries(processed)) {
      expect(isDeepStrictEqual(over(lambda), expected[name]), `${name}: ${lambda}`).toBe(true)
    }
    expect(Object.keys(processed)).toEqual(Object.keys(written))
  })

  it('is undone without a change of what functions return', async () => {
    const names = Object.keys(processed).filter((name) => !REFUSED[tool]?.includes(name))
    const undone = await printed(names.map((name) => String(processed[name])))
    for (const [index, name] of names.entries()) {
      expect(isDeepStrictEqual(over(undone[index]!), expected[name]), `${name}: ${undone[index]}`).toBe(true)
    }
  })

  it('does not change what functions compile to', async () => {
    const refused: string[] = []
    for (const [name, lambda] of Object.entries(processed)) {
      const original = compiled[name]!
      const compilation = compile(lambda, [RECORD])
      if (!original.ok) continue
      if (!compilation.ok) {
        refused.push(name)
        expect(compilation.construct).toMatch(/^\w+\(.*\)$/)
      } else if (REORDERED.has(name)) await sameValues(name, lambda, compilation)
      else expect(compilation, String(lambda)).toEqual(original)
    }
    expect(refused.sort()).toEqual(REFUSED[tool]?.filter((name) => compiled[name]!.ok).sort() ?? [])
  })
})

/** Where a tool wrote something else, the values have to be the same, on all rows that its guard lets through. */
async function sameValues(name: string, lambda: Lambda, { body, guard }: Compilation & { ok: true }) {
  const [values, passes] = await evaluate(connection, guard ? [body, guard] : [body])
  for (const [row, value] of values!.entries()) {
    if (passes && passes[row] !== true) continue
    expect(difference(expected[name]![row], value), `${name}, row ${row}: ${lambda}`).toBeUndefined()
  }
}
