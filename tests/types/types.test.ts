/**
 * The other files here are type tests: a file passes if it compiles. `tsc` checks them against the built package as part
 * of `npm test`; this test checks them against the source, and that they would fail if a type were wrong.
 */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'

const folder = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(folder))
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))

/** A file that exists only in this test, in the folder of the type tests. */
const CONTROL = join(folder, 'control.ts')
const CONTROL_TEXT = `
import { job, lines } from 'dstreams'
import { type Equal, expectType } from './expect.ts'
job('control', { interval: '1s' }, (s) => {
  const words = s.from(lines('x')).flatMap((line) => line.split(' '))
  expectType<Equal<typeof words, number>>()
  expectType<Equal<any, string>>()
})`

let program: ts.Program

beforeAll(() => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const options = { ...parsed.options, paths: { dstreams: [join(root, 'src/index.ts')] } }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (path) => path === CONTROL || fileExists(path)
  host.readFile = (path) => (path === CONTROL ? CONTROL_TEXT : readFile(path))
  program = ts.createProgram([...files.map((name) => join(folder, name)), CONTROL], options, host)
})

const errorsOf = (path: string): readonly string[] => {
  const file = program.getSourceFile(path)!
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ start, messageText }) =>
      `${file.getLineAndCharacterOfPosition(start!).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
  )
}

describe('types', () => {
  test.each(files)('%s compiles', (name) => {
    expect(errorsOf(join(folder, name))).toEqual([])
  })

  test('a wrong type would not', () => {
    expect(errorsOf(CONTROL)).toEqual([
      expect.stringMatching(/^6: .*'false'/),
      expect.stringMatching(/^7: .*'false'/),
    ])
  })
})
