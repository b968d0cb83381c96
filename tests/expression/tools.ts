/**
 * The tools that rewrite functions before they run: transpilers, minifiers and coverage, in the settings people use.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import swc from '@swc/core'
import * as esbuild from 'esbuild'
import * as terser from 'terser'
import typescript6 from 'typescript'
import typescript5 from 'typescript5'
import { parseRewritten } from '../../src/expression/parse.ts'
import { functionOf } from './oracle.ts'

const require = createRequire(import.meta.url)
// It has no types of its own.
const { createInstrumenter } = require('istanbul-lib-instrument')

export type Lambda = (e: any) => unknown
export type Lambdas = Readonly<Record<string, Lambda>>
/** From a module's text to a module's text. */
type Tool = (source: string) => string | Promise<string>

const folder = mkdtempSync(join(tmpdir(), 'dstreams-tools-'))
// What is required is not seen by the loader of the tests.
const loader = join(folder, 'loader.cjs')
writeFileSync(loader, 'module.exports = (url) => import(url)')
const importByNode = require(loader)

/** Removes what the tools have written. */
export const forget = (): void => rmSync(folder, { recursive: true })

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

export const TOOLS: Readonly<Record<string, Tool>> = {
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
  'swc es5 minified': bySwc('es5', true),
  'esbuild es2015 minified': byEsbuild({ target: 'es2015', minify: true }),
  terser: byTerser,
  istanbul: byIstanbul,
  'esbuild with names, then istanbul': after(byIstanbul, byEsbuild({ target: 'es2022', keepNames: true })),
  'typescript 5 ES2019, then terser': after(byTerser, byTypescript(typescript5, 'ES2019')),
  'typescript 5 ES5, then terser': after(byTerser, byTypescript(typescript5, 'ES5')),
  'swc es5, then istanbul': after(byIstanbul, bySwc('es5')),
  'typescript 5 ES2019, then istanbul': after(byIstanbul, byTypescript(typescript5, 'ES2019')),
}

/**
 * The export `lambdas` of a module after a tool, or as it is. Node imports it, because the loader of the tests would be
 * one more tool.
 */
export async function lambdasOf(source: string, tool?: string): Promise<Lambdas> {
  const file = join(folder, `lambdas-${files++}.mjs`)
  writeFileSync(file, tool === undefined ? source : await TOOLS[tool]!(source))
  const { lambdas } = await importByNode(pathToFileURL(file).href)
  return lambdas
}
let files = 0

/** The functions that texts are once they are rewritten, by their syntax; a printer of somebody else writes it out. */
export async function printed(texts: readonly string[]): Promise<readonly Lambda[]> {
  const elements = texts.map((text) => {
    const statement = parseRewritten(text)!.program.body[0]
    return statement?.type === 'ExpressionStatement' ? statement.expression : null
  })
  const list = { type: 'ArrayExpression', elements }
  const program = { type: 'Program', body: [{ type: 'ExpressionStatement', expression: list }] }
  const options = { parse: { spidermonkey: true }, compress: false, mangle: false } as terser.MinifyOptions
  const { code } = await terser.minify(program as never, options)
  // A method stands in an object of its own; and variables have names that no text has.
  const values = functionOf(code!.replace(/;$/, '').replace(/#(?=\d)/g, '$')) as unknown as readonly object[]
  return values.map((value) => (typeof value === 'function' ? value : Object.values(value)[0]))
}
