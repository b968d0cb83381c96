/** What a user sees in an editor: every name of the public API says what it is. */
import { join, relative } from 'node:path'
import ts from 'typescript'
import { beforeAll, expect, test } from 'vitest'
import { ROOT } from './source-files.ts'

let checker: ts.TypeChecker
let names: readonly { readonly name: string; readonly symbol: ts.Symbol }[]

beforeAll(() => {
  const index = join(ROOT, 'src/index.ts')
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  const program = ts.createProgram([index], options)
  checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(index)!)!
  names = checker.getExportsOfModule(module).map((symbol) => ({
    name: symbol.name,
    symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  }))
})

const hasDoc = (symbol: ts.Symbol): boolean => symbol.getDocumentationComment(checker).length > 0

const placeOf = (symbol: ts.Symbol): string => {
  const declaration = symbol.declarations![0]!
  const file = declaration.getSourceFile()
  const { line } = file.getLineAndCharacterOfPosition(declaration.getStart())
  return `${relative(ROOT, file.fileName)}:${line + 1}`
}

test('every exported name has a docstring', () => {
  const missing = names.filter(({ symbol }) => !hasDoc(symbol))
  expect(missing.map(({ name, symbol }) => `${name} (${placeOf(symbol)})`)).toEqual([])
})

test('every public method of an exported class has a docstring', () => {
  const missing = names.flatMap(({ name, symbol }) =>
    symbol.flags & ts.SymbolFlags.Class
      ? checker
          .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
          .filter((member) => isOwnMethod(member) && !hasDoc(member))
          .map((member) => `${name}.${member.name} (${placeOf(member)})`)
      : [],
  )
  expect(missing).toEqual([])
})

function isOwnMethod(member: ts.Symbol): boolean {
  const declaration = member.declarations?.[0]
  if (!declaration?.getSourceFile().fileName.startsWith(join(ROOT, 'src'))) return false
  if (!ts.isMethodDeclaration(declaration) && !ts.isGetAccessor(declaration)) return false
  const isHidden =
    ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)
  return (
    !isHidden &&
    !ts.isPrivateIdentifier(declaration.name) &&
    !ts.getJSDocTags(declaration).some((tag) => tag.tagName.text === 'internal')
  )
}

test('every function of the public API that takes a lambda or options shows an example', () => {
  const functions = names.filter(
    ({ symbol }) => checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0,
  )
  const without = functions.filter(
    ({ symbol }) => !symbol.getJsDocTags().some((tag) => tag.name === 'example'),
  )
  // aggregates of one plain value, and orders, are shown in the examples of those that take them
  const shownElsewhere = [
    'min',
    'max',
    'first',
    'last',
    'collect',
    'countDistinct',
    'variance',
    'asc',
    'desc',
    'job',
    'nullable',
    'run',
    'planText',
  ]
  expect(without.map(({ name }) => name).filter((name) => !shownElsewhere.includes(name))).toEqual([])
})
