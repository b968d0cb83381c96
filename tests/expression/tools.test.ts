/**
 * What tools do to the text of a function must not change what it compiles to: the same lambdas, passed through each
 * tool, give the same trees. What a tool writes in a way that can't be undone for sure is refused, and stands in
 * `REFUSED`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import type { DuckDBConnection } from '@duckdb/node-api'
import swc from '@swc/core'
import * as esbuild from 'esbuild'
import * as terser from 'terser'
import typescript6 from 'typescript'
import typescript5 from 'typescript5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import type { Compilation } from '../../src/expression/tree.ts'
import { connect, difference, evaluate, RECORD, ROWS } from './oracle.ts'

const require = createRequire(import.meta.url)
// It has no types of its own.
const { createInstrumenter } = require('istanbul-lib-instrument')

type Lambda = (e: any) => unknown
type Lambdas = Readonly<Record<string, Lambda>>
/** From a module's text to a module's text. */
type Tool = (source: string) => string | Promise<string>

const WRITTEN = new URL('lambdas-for-tools.mjs', import.meta.url)
const source = readFileSync(WRITTEN, 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'dstreams-tools-'))

const byEsbuild =
  (options: esbuild.TransformOptions): Tool =>
  async (text) =>
    (await esbuild.transform(text, { format: 'esm', ...options })).code

const byTypescript =
  (
    typescript: typeof typescript5 | typeof typescript6,
    target: 'ES5' | 'ES2015' | 'ES2019' | 'ESNext',
  ): Tool =>
  (text) => {
    const options = { module: typescript5.ModuleKind.ESNext, target: typescript5.ScriptTarget[target] }
    return typescript.transpileModule(text, { compilerOptions: options as never }).outputText
  }

/** TypeScript 7 is a program. */
const byTypescript7 =
  (target: 'ES2015' | 'ES2019' | 'ESNext'): Tool =>
  (text) => {
    const name = `typescript7-${target}`
    writeFileSync(join(folder, `${name}.ts`), text)
    const program = join(require.resolve('typescript7/package.json'), '../bin/tsc')
    const options = [
      '--noCheck',
      '--ignoreConfig',
      '--module',
      'ESNext',
      '--target',
      target,
      '--outDir',
      join(folder, 'out'),
    ]
    execFileSync(process.execPath, [program, ...options, `${name}.ts`], { cwd: folder })
    return readFileSync(join(folder, 'out', `${name}.js`), 'utf8')
  }

const bySwc =
  (target: swc.JscTarget, minify = false): Tool =>
  async (text) => {
    const minifier = minify ? { compress: true, mangle: true } : undefined
    const jsc: swc.JscConfig = {
      target,
      parser: { syntax: 'ecmascript' },
      ...(minifier && { minify: minifier }),
    }
    return (await swc.transform(text, { jsc, minify, isModule: true, swcrc: false })).code
  }

const byTerser: Tool = async (text) => (await terser.minify(text, { module: true })).code!
const byIstanbul: Tool = (text) =>
  createInstrumenter({ esModules: true, compact: false }).instrumentSync(text, join(folder, 'lambdas.mjs'))

const after =
  (second: Tool, first: Tool): Tool =>
  async (text) =>
    second(await first(text))

const TOOLS: Readonly<Record<string, Tool>> = {
  'esbuild esnext': byEsbuild({ target: 'esnext' }),
  'esbuild es2019': byEsbuild({ target: 'es2019' }),
  'esbuild es2015': byEsbuild({ target: 'es2015' }),
  'esbuild minified': byEsbuild({ target: 'esnext', minify: true }),
  'esbuild es2019 minified': byEsbuild({ target: 'es2019', minify: true }),
  'esbuild with names': byEsbuild({ target: 'es2022', loader: 'ts', keepNames: true }),
  'esbuild with names, minified': byEsbuild({
    target: 'node20',
    loader: 'ts',
    keepNames: true,
    minify: true,
  }),
  'typescript 5 ES5': byTypescript(typescript5, 'ES5'),
  'typescript 5 ES2015': byTypescript(typescript5, 'ES2015'),
  'typescript 5 ES2019': byTypescript(typescript5, 'ES2019'),
  'typescript 5 ESNext': byTypescript(typescript5, 'ESNext'),
  'typescript 6 ES5': byTypescript(typescript6, 'ES5'),
  'typescript 6 ES2015': byTypescript(typescript6, 'ES2015'),
  'typescript 6 ES2019': byTypescript(typescript6, 'ES2019'),
  'typescript 6 ESNext': byTypescript(typescript6, 'ESNext'),
  'typescript 7 ES2015': byTypescript7('ES2015'),
  'typescript 7 ES2019': byTypescript7('ES2019'),
  'typescript 7 ESNext': byTypescript7('ESNext'),
  'swc es5': bySwc('es5'),
  'swc es2015': bySwc('es2015'),
  'swc es2019': bySwc('es2019'),
  'swc es2022': bySwc('es2022'),
  'swc es2022 minified': bySwc('es2022', true),
  'swc es2015 minified': bySwc('es2015', true),
  terser: byTerser,
  istanbul: byIstanbul,
  'esbuild with names, then istanbul': after(byIstanbul, byEsbuild({ target: 'es2022', keepNames: true })),
  'typescript 5 ES2019, then terser': after(byTerser, byTypescript(typescript5, 'ES2019')),
  'typescript 5 ES2019, then istanbul': after(byIstanbul, byTypescript(typescript5, 'ES2019')),
}

/** What is not recognised, by tool, with the construct that is refused. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // the functions that swc adds for spread have new names then, by which nobody knows them
  'swc es2015 minified': {
    spread: 'n(e({},t.user),{age:1})',
    spreadAll: 'n(e({},t),{total:t.n+t.m})',
    spreadTwo: 'e({x:n.n},n.user,{y:n.m})',
  },
}

async function modules(tool: string): Promise<Lambdas> {
  const file = join(folder, `${tool.replaceAll(/\W+/g, '-')}.mjs`)
  writeFileSync(file, await TOOLS[tool]!(source))
  const { lambdas } = await import(/* @vite-ignore */ pathToFileURL(file).href)
  return lambdas
}

/** The lambdas as they are written: imported by Node itself, because the test's own loader would be one more tool. */
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
  const file = join(folder, 'written.mjs')
  writeFileSync(file, source)
  written = (await import(/* @vite-ignore */ pathToFileURL(file).href)).lambdas
  expected = mapped(written, over)
  compiled = mapped(written, (lambda) => compile(lambda, [RECORD]))
  connection = await connect()
})
afterAll(() => {
  connection.closeSync()
  rmSync(folder, { recursive: true })
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

describe.each(Object.keys(TOOLS))('%s', (tool) => {
  let processed: Lambdas
  beforeAll(async () => {
    processed = await modules(tool)
  })

  it('does not change what functions return', () => {
    for (const [name, lambda] of Object.entries(processed)) {
      expect(isDeepStrictEqual(over(lambda), expected[name]), `${name}: ${lambda}`).toBe(true)
    }
    expect(Object.keys(processed)).toEqual(Object.keys(written))
  })

  it('does not change what functions compile to', async () => {
    const refused: Record<string, string> = {}
    for (const [name, lambda] of Object.entries(processed)) {
      const original = compiled[name]!
      const compilation = compile(lambda, [RECORD])
      if (!original.ok) continue
      if (!compilation.ok) refused[name] = compilation.construct
      else if (!isDeepStrictEqual(compilation, original)) await sameValues(name, lambda, compilation)
    }
    expect(refused).toEqual(REFUSED[tool] ?? {})
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
