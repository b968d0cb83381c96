/**
 * The order of the folders: the order of a record's life, and of what a reader needs to know first.
 *
 * Rule: a file imports values only from folders above its own in ORDER. `interval` and `store` stand before those that
 * use them: a plan has windows in intervals, and sources keep their blocks in the store.
 *
 * A type may also come from the interface file of a folder below (INTERFACES): a plan holds sources and sinks as data
 * and never calls them. Such an import is erased; nothing of that folder runs or is loaded. Any other type import is
 * held to the order like a value.
 */
import ts from 'typescript'
import { expect, test } from 'vitest'
import { filesBelow, importsOf, type SourceFile } from './source-files.ts'

const ORDER = [
  'errors.ts',
  'schema',
  'expression',
  'interval',
  'plan',
  'stream',
  'store',
  'sources',
  'engines',
  'sinks',
  'run',
  'query',
  'observe',
  'cli',
  'web',
  'index.ts',
]

/** Interfaces that a folder above may name, but not use. */
const INTERFACES = ['src/sources/source.ts', 'src/sinks/sink.ts']

const folderOf = (path: string): string => path.split('/')[1]!
const placeOf = (path: string): number => ORDER.indexOf(folderOf(path))

const files = filesBelow('src')

test('every folder of src has a place in the order', () => {
  const folders = new Set(files.map(({ path }) => folderOf(path)))
  expect([...folders].filter((folder) => !ORDER.includes(folder))).toEqual([])
})

test('a file imports only from folders above its own', () => {
  expect(violations(files)).toEqual([])
})

test('engines are independent of each other', () => {
  const engineOf = (path: string): string | undefined => /^src\/engines\/(\w+)\//.exec(path)?.[1]
  const found = files.flatMap((file) =>
    importsOf(file)
      .filter(({ path }) => engineOf(file.path) && engineOf(path) && engineOf(file.path) !== engineOf(path))
      .map(({ path, line }) => `${file.path}:${line} imports ${path}`),
  )
  expect(found).toEqual([])
})

test('nothing above engines names an engine or imports DuckDB', () => {
  const above = files.filter(({ path }) => placeOf(path) < ORDER.indexOf('engines'))
  expect(
    above.filter(({ text }) => /from '@duckdb|import\('@duckdb/.test(text)).map(({ path }) => path),
  ).toEqual([])
})

test('an import of a folder below is found', () => {
  const path = 'src/schema/wrong.ts'
  const text = "import { run } from '../run/run.ts'\nimport type { Source } from '../sources/source.ts'\n"
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  expect(violations([{ path, text, tree }])).toEqual(['src/schema/wrong.ts:1 imports src/run/run.ts'])
})

function violations(checked: readonly SourceFile[]): readonly string[] {
  return checked.flatMap((file) =>
    importsOf(file)
      .filter(
        ({ path, isType }) => placeOf(path) > placeOf(file.path) && !(isType && INTERFACES.includes(path)),
      )
      .map(({ path, line }) => `${file.path}:${line} imports ${path}`),
  )
}
