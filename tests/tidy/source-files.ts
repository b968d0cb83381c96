/** The files of the project as the tidy tests see them: path, text and syntax tree. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface SourceFile {
  /** Relative to the project, with slashes: `src/plan/step.ts`. */
  readonly path: string
  readonly text: string
  readonly tree: ts.SourceFile
}

/** The TypeScript files below a folder of the project, by path. */
export function filesBelow(folder: string): readonly SourceFile[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => /\.(ts|mjs)$/.test(name) && !name.split(sep).includes('node_modules'))
    .map((name) => `${folder}/${name.split(sep).join('/')}`)
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8')
      return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) }
    })
}

/** An import or re-export of another file of the project. */
export interface Import {
  /** The imported file, relative to the project. */
  readonly path: string
  /** Whether it disappears when types are stripped. */
  readonly isType: boolean
  readonly line: number
}

/** What a file imports from files of the project, dynamic imports included. */
export function importsOf({ path, tree }: SourceFile): readonly Import[] {
  const imports: Import[] = []
  const visit = (node: ts.Node): void => {
    const found = moduleOf(node)
    if (found?.name.startsWith('.')) {
      const target = relative(ROOT, resolve(ROOT, dirname(path), found.name))
        .split(sep)
        .join('/')
      imports.push({ path: target, isType: found.isType, line: lineOf(tree, node) })
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return imports
}

/** The line of a node, from 1. */
export const lineOf = (tree: ts.SourceFile, node: ts.Node): number =>
  tree.getLineAndCharacterOfPosition(node.getStart()).line + 1

function moduleOf(node: ts.Node): { name: string; isType: boolean } | undefined {
  if (ts.isImportDeclaration(node))
    return { name: textOf(node.moduleSpecifier), isType: isTypeImport(node.importClause) }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    const { exportClause } = node
    const named = exportClause && ts.isNamedExports(exportClause) ? exportClause.elements : undefined
    return {
      name: textOf(node.moduleSpecifier),
      isType: node.isTypeOnly || (named?.every((element) => element.isTypeOnly) ?? false),
    }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0])
    return { name: textOf(node.arguments[0]), isType: false }
  return undefined
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.isTypeOnly) return true
  const { namedBindings } = clause
  if (clause.name || !namedBindings || !ts.isNamedImports(namedBindings)) return false
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly)
}

const textOf = (node: ts.Node): string => (ts.isStringLiteralLike(node) ? node.text : '')
