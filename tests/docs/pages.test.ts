/** The pages: links lead somewhere, words are the project's, tables say what the code says. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../src/errors.ts'
import * as api from '../../src/index.ts'
import { DStream, Table } from '../../src/stream/dstream.ts'
import { Grouped } from '../../src/stream/grouped.ts'
import { filesBelow } from '../tidy/source-files.ts'
import { pages } from './blocks.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

describe.each(pages(root))('%s', (page) => {
  test('links lead to files', () => {
    const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map((match) => match[1]!)
    const local = links.filter((link) => !/^https?:/.test(link))
    expect(local.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
  })

  test('lines fit', () => {
    // a row of a table, a link and code are as long as they are
    const prose = textOf(page)
      .replace(/```[\s\S]*?```/g, '')
      .split('\n')
    expect(prose.filter((line) => line.length > 125 && !line.startsWith('|'))).toEqual([])
  })

  test('has no words that only advertise, and nothing left to be done', () => {
    const found = textOf(page).match(
      /\b(blazing(ly)?|seamless(ly)?|simply|powerful|effortless(ly)?|robust|cutting[- ]edge|TODO|TBD)\b/gi,
    )
    expect(found).toBeNull()
  })
})

describe('docs/errors.md', () => {
  test('lists the codes as the code has them', () => {
    const rows = Object.entries(ERRORS).map(
      ([code, { retriable, next, exit }]) =>
        `| \`${code}\` | ${meaningOf(code)} | ${retriable ? 'yes' : 'no'} | ${next} | ${exit} |`,
    )
    const listed = textOf('docs/errors.md')
      .split('\n')
      .filter((line) => line.startsWith('| `DS_'))
    expect(listed).toEqual(rows)
  })
})

/** The comment of an error code in src/errors.ts. */
function meaningOf(code: string): string {
  const { tree } = filesBelow('src').find(({ path }) => path === 'src/errors.ts')!
  let meaning = ''
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === code)
      meaning = ts
        .getJSDocCommentsAndTags(node)
        .map((doc) => ts.getTextOfJSDocComment(doc.comment))
        .join(' ')
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return meaning
}

describe('the documentation is complete', () => {
  const operators = textOf('docs/operators.md')

  test('every operator is in docs/operators.md', () => {
    const names = [DStream, Table, Grouped, Object.getPrototypeOf(DStream)].flatMap((type) =>
      Object.getOwnPropertyNames(type.prototype),
    )
    const missing = [...new Set(names)].filter(
      (name) => !['constructor', 'on', 'emitted', 'applied'].includes(name) && !operators.includes(name),
    )
    expect(missing).toEqual([])
  })

  test('every function of the public API is documented', () => {
    const all = pages(root).map(textOf).join('\n')
    const functions = Object.entries(api).filter(([, value]) => typeof value === 'function')
    expect(functions.map(([name]) => name).filter((name) => !all.includes(name))).toEqual([])
  })

  test('every mechanism of the paper that is cited is in docs/paper.md', () => {
    const known = new Set([...textOf('docs/paper.md').matchAll(/^\| (DS-\d+) \|/gm)].map((match) => match[1]))
    const texts = [...filesBelow('src').map(({ text }) => text), ...pages(root).map(textOf)]
    const cited = new Set(texts.flatMap((text) => text.match(/\bDS-\d+\b/g) ?? []))
    expect([...cited].filter((number) => !known.has(number))).toEqual([])
  })

  test('every option of the command line is in the README', async () => {
    const { OPTIONS } = await import('../../src/cli/command-line.ts')
    const readme = textOf('README.md')
    const missing = Object.keys(OPTIONS).filter((name) => name !== 'version' && !readme.includes(`--${name}`))
    expect(missing).toEqual([])
  })
})
