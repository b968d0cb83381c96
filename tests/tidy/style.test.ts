/** Style as tests: what a reader can rely on in every file. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { filesBelow, lineOf, ROOT, type SourceFile } from './source-files.ts'

const LINES_PER_FILE = 400
const LINES_PER_FUNCTION = 70

const src = filesBelow('src')
const all = [
  ...src,
  ...filesBelow('tests'),
  ...filesBelow('examples'),
  ...filesBelow('scripts'),
  ...filesBelow('bench'),
]

/** Lines of a file that match, as `path:line text`. */
const matching = (files: readonly SourceFile[], pattern: RegExp): readonly string[] =>
  files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .map((line, index) => ({ line, place: `${path}:${index + 1}` }))
      .filter(({ line }) => pattern.test(line))
      .map(({ line, place }) => `${place} ${line.trim()}`),
  )

describe('size', () => {
  test(`a file of src has at most ${LINES_PER_FILE} lines`, () => {
    const long = src.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    expect(long.filter(({ lines }) => lines > LINES_PER_FILE)).toEqual([])
  })

  test(`a function has at most ${LINES_PER_FUNCTION} lines`, () => {
    expect(src.flatMap(longFunctions)).toEqual([])
  })
})

function longFunctions({ path, tree }: SourceFile): readonly string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const end = tree.getLineAndCharacterOfPosition(node.end).line + 1
      const lines = end - lineOf(tree, node) + 1
      if (lines > LINES_PER_FUNCTION) found.push(`${path}:${lineOf(tree, node)} has ${lines} lines`)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

describe('names', () => {
  test('no file or folder is a drawer', () => {
    const drawer =
      /(^|\/)(utils?|helpers?|common|misc|shared|managers?|lib)(\.ts$|\.test\.ts$|\/)|\/types\.ts$/
    expect(all.map(({ path }) => path).filter((path) => drawer.test(path))).toEqual([])
  })

  test('files have lower case names with hyphens', () => {
    const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(ts|mjs)$/
    expect(all.map(({ path }) => basename(path)).filter((path) => !name.test(path))).toEqual([])
  })
})

describe('words', () => {
  // two tests have to spell what they forbid
  const words = all.filter(
    ({ path }) => !path.startsWith('tests/tidy/') && path !== 'tests/docs/pages.test.ts',
  )

  test('nothing is left to be done', () => {
    expect(matching(words, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([])
  })

  test('the vocabulary has one word for each thing', () => {
    // what the paper and other systems say instead of dataset, stream, changes, interval
    expect(
      matching(src, /\b(RDDs?|changelogs?|retractions?|data ?frames?|micro-?batch(es)?|mini-?batch(es)?)\b/i),
    ).toEqual([])
  })

  test('a batch is a slice of rows, or a job run over the whole input, and never time', () => {
    const meant = [
      'src/sources/decode.ts', // a slice of records
      'src/plan/statements.ts', // a batch run
    ]
    const found = matching(src, /batch/i).filter((place) => !meant.some((path) => place.startsWith(path)))
    expect(found.filter((place) => !/columnar|rows|\bbatch run\b|runBatch/.test(place))).toEqual([])
  })
})

describe('time and chance', () => {
  const SOURCES_OF_CHANCE =
    /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|performance\.now|process\.hrtime|randomUUID|randomBytes)\b/
  /** Files that may, and why. */
  const EXEMPT: Readonly<Record<string, string>> = {
    'src/expression/determinism.ts': 'names what functions of users must not read',
    'src/run/watchdog.ts': 'looks from a thread of its own, and its time is in no result',
    'src/run/clock.ts': 'the clock that is passed in everywhere else',
    'src/cli/standard-output.ts': 'waits for what the system says of a write, at the end of the process',
    'src/cli/run.ts': 'a time limit after Ctrl-C, outside of any job: the process ends by force',
  }

  test('only the clock reads them', () => {
    const files = src.filter(({ path }) => !(path in EXEMPT))
    expect(matching(files, SOURCES_OF_CHANCE)).toEqual([])
  })

  test('every exception is still needed', () => {
    const needed = src.filter(({ text }) => SOURCES_OF_CHANCE.test(text)).map(({ path }) => path)
    expect(Object.keys(EXEMPT).filter((path) => !needed.includes(path))).toEqual([])
  })
})

test('a test is never skipped without a reason', () => {
  // context.skip('reason') is the way; of the others only a gap of a contract suite, whose title holds its reason
  const found = matching(filesBelow('tests'), /\b(test|it|describe)\.(skip|todo|only)\b/)
  const reasonless = found.filter((place) => !place.includes('.reason}') && !place.startsWith('tests/tidy/'))
  expect(reasonless).toEqual([])
})

test('the lock file names no host', () => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string }>
  }
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([])
})
