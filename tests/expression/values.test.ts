/**
 * Strings, regular expressions, numbers and dates in compiled lambdas: what they give over hostile rows, under which
 * guard, and what is refused. The fuzz mixes them; here each stands alone, at its edges.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import { children, type Expression } from '../../src/expression/tree.ts'
import { nullable, STRING, structOf } from '../../src/schema/type.ts'
import { type Dialect, judge, type Program, programOf } from './fuzz.ts'
import { connect, evaluate, functionOf, INPUT, RECORD, ROWS } from './oracle.ts'
import { expectRefusal } from './refusals.ts'

let connection: DuckDBConnection
let duckdb: Dialect
beforeAll(async () => {
  connection = await connect()
  duckdb = { name: 'DuckDB', evaluate: (trees, rows) => evaluate(connection, trees, [INPUT], rows) }
})
afterAll(() => connection.closeSync())

function program(text: string): Program {
  const compiled = programOf(text)
  if (!compiled) throw new Error(`${text} was refused`)
  return compiled
}

/** What a tree asks of a record, in the order of its conditions: `isBasic(s)`, `isDate(at)`. */
const conditionsOf = (tree: Expression | undefined): readonly string[] => {
  if (!tree) return []
  if (tree.kind !== 'call') return children(tree).flatMap(conditionsOf)
  const path = (of: Expression): string =>
    of.kind === 'property'
      ? [path(of.of), of.name].filter(Boolean).join('.')
      : of.kind === 'input'
        ? ''
        : of.type.kind
  return [`${tree.name}(${path(tree.args[0]!)}${tree.args[0]!.type.nullable ? '?' : ''})`]
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the texts are programs
/** Lambdas that need no condition at all. */
const ALWAYS = [
  // Strings
  'e => e.s.trimStart()',
  'e => e.s.trimEnd()',
  'e => e.s.replace(e.t, e.s)',
  "e => e.s.replace('a', '')",
  "e => e.s.replace('', 'x')",
  "e => e.s.replace('a', '[$&$`$$]')",
  "e => e.s.replaceAll('a', e.t)",
  "e => e.s.replaceAll('aa', 'b')",
  "e => e.s.replaceAll('\\u{1f600}', '$$1')",
  "e => e.label?.replaceAll('a', '$&$&')",
  'e => e.s.lastIndexOf(e.t)',
  "e => e.s.lastIndexOf('')",
  "e => e.label?.lastIndexOf('a')",
  'e => e.s.repeat(3)',
  'e => e.s.repeat(0)',
  "e => e.s.concat('-', e.n, e.label, e.ok)",
  'e => e.label?.concat(e.label)',
  "e => e.s.split(',', 2)",
  "e => e.s.split(',', 0)",
  'e => e.s.toString()',
  'e => e.flag.toString()',
  'e => e.s == e.label',
  'e => e.boss?.name == e.label',
  'e => e.n != e.j',
  // Text of numbers
  'e => String(e.n)',
  'e => `${e.f}|${e.maybe}`',
  "e => e.m + ''",
  'e => e.n.toString()',
  'e => e.maybe?.toString()',
  'e => e.i.toString(16)',
  'e => e.n.toString(2)',
  'e => e.n.toFixed()',
  'e => e.n.toFixed(2)',
  'e => e.maybe?.toFixed(20)',
  'e => (e.i / 8).toFixed(2)',
  'e => (e.at % 1000 / 16).toFixed(1)',
  'e => (e.f / 1e9).toFixed(6)',
  'e => e.j?.toFixed(1)',
  'e => e.n.toPrecision(1)',
  'e => e.n.toExponential(3)',
  // Numbers from text
  'e => Number(e.s)',
  'e => +e.label',
  'e => parseInt(e.s)',
  'e => parseInt(e.s, 10)',
  'e => parseInt(e.s, 16)',
  'e => parseInt(e.label ?? e.s)',
  'e => Number.parseInt(e.s, 36)',
  'e => parseFloat(e.s)',
  'e => Number(e.ok)',
  'e => Number(e.maybe)',
  'e => Number.isInteger(e.maybe)',
  'e => Number.isInteger(e.j)',
  'e => Number.isSafeInteger(e.n)',
  'e => Number.isFinite(e.maybe)',
  'e => Number.isNaN(e.n)',
  'e => Number.isNaN(e.i)',
  'e => isNaN(e.maybe)',
  'e => isFinite(e.maybe)',
  // Math
  'e => Math.sqrt(e.n)',
  'e => Math.sign(e.n)',
  'e => Math.sign(e.j)',
  'e => e.n ** 2',
  'e => e.n ** e.m',
  'e => e.i ** 0.5',
  'e => Math.hypot(e.n, e.m)',
  'e => Math.atan2(e.n, e.m)',
  ...[
    'cbrt',
    'exp',
    'expm1',
    'log',
    'log10',
    'log1p',
    'log2',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
  ].map((name) => `e => Math.${name}(e.n)`),
  ...['sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'fround', 'clz32'].map(
    (name) => `e => Math.${name}(e.maybe)`,
  ),
  'e => Math.PI * e.n',
  'e => Number.MAX_SAFE_INTEGER - e.i',
  'e => e.n + Number.EPSILON',
  'e => Number.NEGATIVE_INFINITY < e.n',
  // Bits
  ...['&', '|', '^', '<<', '>>', '>>>'].flatMap((op) => [
    `e => e.n ${op} e.m`,
    `e => e.i ${op} e.j`,
    `e => e.i ${op} 5`,
    `e => -1 ${op} e.i`,
    `e => e.maybe ${op} e.at`,
  ]),
  'e => ~e.n',
  'e => ~~e.maybe',
  'e => e.n * 2 ** 40 | 0',
  // Regular expressions
  'e => /a/.test(e.s)',
  'e => /^a/.test(e.s)',
  'e => /b$/.test(e.s)',
  'e => /^(a|ab)(,|$)/.test(e.s)',
  'e => /^100%_$/.test(e.s)',
  'e => /%/.test(e.s)',
  'e => /^a[^]*b$/u.test(e.s)',
  'e => /\\ba/.test(e.s)',
  'e => /k/i.test(e.s)',
  'e => /[a-z]/i.test(e.s)',
  'e => /\\s/.test(e.s)',
  'e => /^\\u{1f600}$/u.test(e.s)',
  'e => /^.$/u.test(e.s)',
  "e => e.s.replace(/a/, 'x')",
  "e => e.s.replace(/a/g, '\\\\0')",
  "e => e.s.replace(/(a)(b)?/g, '$2$1$3$&$$')",
  "e => e.s.replaceAll(/\\s+/g, ' ')",
  "e => e.s.replace(/x*/, '-')",
  "e => e.s.replace(/$/, '!')",
  "e => e.s.replace(/(?<first>\\w)\\w*/g, '$1')",
  "e => e.s.replace(/a+?/g, '<$&>')",
  'e => e.s.split(/,\\s*/)',
  'e => e.s.split(/a|aa/)',
  'e => e.s.split(/\\r\\n|\\n/, 1)',
  'e => e.label?.split(/[ ,]+/)',
  'e => { const space = /\\s/; return space.test(e.s) || space.test(e.t) }',
  // Dates
  'e => Date.UTC(e.i, e.j)',
  'e => Date.UTC(99)',
  'e => Date.UTC(2024, 1, 30, 25, -1, 61, 1001) + e.i',
]

/** Lambdas with the conditions under which they are exact. */
const UNDER: readonly (readonly [text: string, ...conditions: string[]])[] = [
  ['e => e.s.slice(1)', 'isBasic(s)'],
  ['e => e.s.slice(-3)', 'isBasic(s)'],
  ['e => e.s.slice(1, 3)', 'isBasic(s)'],
  ['e => e.s.slice(3, 1)', 'isBasic(s)'],
  ['e => e.s.slice(-2, -1)', 'isBasic(s)'],
  ['e => e.s.slice(e.n, e.m)', 'isBasic(s)'],
  ['e => e.s.slice(e.j)', 'isBasic(s)'],
  ['e => e.s.slice()', 'isBasic(s)'],
  ['e => e.s.slice(-0.5)', 'isBasic(s)'],
  ['e => e.s.slice(1e300)', 'isBasic(s)'],
  ['e => e.label?.slice(e.i)', 'isBasic(label?)'],
  ['e => e.s.substring(e.n, e.m)', 'isBasic(s)'],
  ['e => e.s.substring(3, 1)', 'isBasic(s)'],
  ['e => e.s.substring(-1)', 'isBasic(s)'],
  ['e => e.s.at(-1)', 'isBasic(s)'],
  ['e => e.s.at(e.n)', 'isBasic(s)'],
  ['e => e.s.at()', 'isBasic(s)'],
  ['e => e.s.charAt(e.i)', 'isBasic(s)'],
  ['e => e.label?.charAt(-1)', 'isBasic(label?)'],
  ['e => e.s[0]', 'isBasic(s)'],
  ['e => e.s[e.n]', 'isBasic(s)'],
  ['e => e.s[0]?.toUpperCase()', 'isBasic(s)'],
  ['e => e.label?.[1]', 'isBasic(label?)'],
  ['e => e.s.charCodeAt(1)', 'isBasic(s)'],
  ['e => e.label?.charCodeAt(e.n)', 'isBasic(label?)'],
  ['e => e.s.codePointAt(0)', 'isBasic(s)'],
  ['e => e.s.indexOf(e.t)', 'isBasic(s)'],
  ['e => e.s.indexOf(e.t, e.i)', 'isBasic(s)'],
  ["e => e.s.indexOf('', e.n)", 'isBasic(s)'],
  ["e => e.label?.indexOf('a', 1)", 'isBasic(label?)'],
  ["e => e.s.includes('a', 1)", 'isBasic(s)'],
  ["e => e.s.startsWith('a', e.n)", 'isBasic(s)'],
  ["e => e.s.endsWith('a', e.n)", 'isBasic(s)'],
  ['e => e.s.padStart(4)', 'isBasic(s)'],
  ["e => e.s.padEnd(5, 'ab')", 'isBasic(s)'],
  ["e => e.s.padEnd(5, '')", 'isBasic(s)'],
  ['e => e.s.padStart(7, e.t)', 'isBasic(s)', 'isBasic(t)'],
  ["e => e.label?.padStart(5, '0')", 'isBasic(label?)'],
  ["e => String(e.i).padStart(5, '0')"],
  ["e => e.s.split('')", 'isBasic(s)'],
  ['e => e.s.split(e.t)', 'isBasic(s)'],
  ["e => e.s.replaceAll('', '-')", 'isBasic(s)'],
  ['e => e.s.replaceAll(e.t, e.user.name)', 'isBasic(s)'],
  ['e => e.s < e.t', 'isBasic(s)', 'isBasic(t)'],
  ["e => e.s >= 'a'", 'isBasic(s)'],
  ['e => /^.b/.test(e.s)', 'isBasic(s)'],
  ['e => /[^a]/s.test(e.s)', 'isBasic(s)'],
  ["e => e.s.replace(/\\W/g, '')", 'isBasic(s)'],
  ['e => e.s.search(/b/)', 'isBasic(s)'],
  ['e => e.s.search(/^$|,/)', 'isBasic(s)'],
  ['e => e.label?.search(/a|$/)', 'isBasic(label?)'],
  // What a text is made from
  ['e => (e.s + e.i + e.t).slice(1)', 'isBasic(s)', 'isBasic(t)'],
  ["e => (e.flag ? e.s : e.label ?? 'x').slice(1)", 'isBasic(s)', 'isBasic(label?)'],
  ['e => e.s.trim().slice(1) + e.s.charAt(0)', 'isBasic(s)'],
  ['e => e.user.name.toUpperCase().slice(1)', 'isBasic(user.name)'],
  ['e => e.label ? e.label.slice(1) : e.s', 'isBasic(label?)'],
  ['e => e.boss ? e.boss.title.slice(1) : e.s', 'isBasic(boss.title?)'],
  ["e => e.s.split('a').length + e.t.slice(1)", 'isBasic(t)'],
  ['e => ({ a: e.s, n: 1 }).a.slice(1)', 'isBasic(s)'],
  ["e => e.s.replace(/a/, '-').slice(1)", 'isBasic(s)'],
  ["e => e.s.replace('a', e.t).slice(1)", 'isBasic(s)', 'isBasic(t)'],
  ['e => e.n.toFixed(2).slice(0, -1)'],
  ["e => (e.boss ?? { name: '', level: 1, title: e.s }).title.slice(1)", 'isBasic(boss?)', 'isBasic(s)'],
  // Dates
  ['e => new Date(e.at).getTime()', 'isDate(at)'],
  ['e => ({ when: new Date(e.at) }).when.getTime()', 'isDate(struct.when.milliseconds of a Date)'],
  ['e => e.boss && new Date(e.boss.level + e.at).getUTCFullYear()', 'isDate(number)'],
  ['e => new Date(e.i).valueOf()', 'isDate(i)'],
  ['e => new Date(e.n).getTime()', 'isDate(n)'],
  ...['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'].map(
    (part) => [`e => new Date(e.at).getUTC${part}()`, 'isDate(at)'] as const,
  ),
  ['e => new Date(e.at).toISOString()', 'isDate(at)'],
  ['e => new Date(e.at).toISOString().slice(0, 10)', 'isDate(at)'],
  ['e => new Date(e.at).toJSON()', 'isDate(at)'],
  ['e => { const day = new Date(e.at); return day.getUTCMonth() + day.getUTCDate() }', 'isDate(at)'],
  ['e => new Date(new Date(e.at)).getUTCHours()', 'isDate(at)'],
  ['e => (e.flag ? new Date(e.at) : null)?.getUTCDay()', 'isDate(struct.milliseconds of a Date)'],
  ['e => new Date(e.at) ? 1 : 2'],
]
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the texts are programs

describe('values', () => {
  it.each(ALWAYS)('%s', async (text) => {
    const each = program(text)
    expect(each.guard).toBeUndefined()
    expect(await judge(duckdb, [each], ROWS)).toEqual([])
  })

  it.each(UNDER)('%s', async (text, ...conditions) => {
    const each = program(text)
    expect(conditionsOf(each.guard)).toEqual(conditions)
    const totals = { compared: 0, guarded: 0 }
    expect(await judge(duckdb, [each], ROWS, totals)).toEqual([])
    expect(totals.compared).toBeGreaterThan(ROWS.length / 2)
  })

  it('asks for valid dates, and only those', async () => {
    const { guard } = program('e => new Date(e.at + 0.5).getTime()')
    const [answers] = await evaluate(connection, [guard!])
    const valid = ROWS.map((row) => !Number.isNaN(new Date((row.at as number) + 0.5).getTime()))
    expect(answers).toEqual(valid)
    expect(new Set(valid).size).toBe(2)
  })

  it('asks about all texts of a list', async () => {
    const words: Expression = {
      kind: 'call',
      name: 'isBasic',
      args: [program('e => e.words').body],
      type: program('e => true').body.type,
    }
    const [answers] = await evaluate(connection, [words])
    expect(answers).toEqual(ROWS.map(({ words }) => !/[^\0-\uffff]/u.test((words as string[]).join(''))))
  })

  it('knows that the record itself may be null', () => {
    const compiled = compile(functionOf('(e, text) => text && text.slice(1)'), [
      nullable(structOf([{ name: 's', type: STRING }])),
      nullable(STRING),
    ])
    if (!compiled.ok) throw new Error(compiled.why)
    expect(conditionsOf(compiled.guard)).toEqual(['isBasic(?)'])
  })
})

describe('regular expressions and characters', () => {
  const CLASSES = [
    '.',
    '\\s',
    '\\S',
    '\\w',
    '\\W',
    '\\d',
    '\\D',
    '[^x]',
    '[\\s\\S]',
    '[\\W\\d]',
    '[^\\S ]',
    '\\b',
    '[à-ö]',
  ]
  const CASES = ['k', 's', 'i', '[a-z]', '[^a-z]', '\\w', '\\W', '[^\\w]', '[Z-a]']
  const patterns = [
    ...CLASSES.flatMap((each) => [`/${each}/`, `/${each}/s`, `/${each}/u`]),
    ...CASES.map((each) => `/${each}/i`),
  ]

  it('match every character below U+10000 as in JavaScript', async () => {
    const trees = patterns.map((each) => program(`e => ${each}.test(e.s)`).body)
    const characters = Array.from({ length: 0x10000 }, (_, code) => code).filter(
      (code) => code < 0xd800 || code > 0xdfff,
    )
    await connection.run(
      'CREATE OR REPLACE TABLE characters AS SELECT i, chr(i::INTEGER) AS c FROM range(65536) t(i) WHERE i NOT BETWEEN 55296 AND 57343',
    )
    const columns = RECORD.fields.map(({ name }) => (name === 's' ? 'c' : 'NULL'))
    const { duckdbExpressions } = await import('../../src/engines/duckdb/expression-sql.ts')
    const { Parameters } = await import('../../src/expression/print.ts')
    for (const [index, tree] of trees.entries()) {
      const parameters = new Parameters()
      const sql = duckdbExpressions.expression(tree, [{ kind: 'columns', columns }], parameters)
      const reader = await connection.runAndReadAll(
        `SELECT list(i ORDER BY i) FROM characters WHERE ${sql}`,
        parameters.values as never,
      )
      const list = reader.getRows()[0]![0] as { items: readonly bigint[] } | null
      const pattern = functionOf(`() => ${patterns[index]}`)() as RegExp
      const expected = characters.filter((code) => pattern.test(String.fromCharCode(code)))
      expect((list?.items ?? []).map(Number), patterns[index]!).toEqual(expected)
    }
  })
})

/** Text, a word of the reason, a word of the cure. */
const REFUSED: readonly (readonly [text: string, why: RegExp, cure: RegExp])[] = [
  ["e => ('\\u{1f600}' + e.s).slice(1)", /above U\+FFFF/, /leave it out/i],
  ["e => e.s.padStart(3, '\\u{1f600}')", /above U\+FFFF/, /leave it out/i],
  ['e => e.s.padStart(e.i)', /throws/, /an integer from 0/],
  ['e => e.s.repeat(e.i)', /throws/, /an integer from 0/],
  ['e => e.s.repeat(-1)', /throws/, /an integer from 0/],
  ['e => e.s.trim(1)', /no argument/, /write it so/i],
  ['e => e.s.indexOf(e.label)', /string\?/, /string/],
  ['e => e.s.slice(e.boss?.level)', /NaN/, /\?\? 0/],
  ['e => e.s[-1]', /no `\[-1\]`/, /at\(-1\)/],
  ['e => e.s[0].length', /may be null/, /\?\.length/],
  ['e => e.s.at(0) + 1', /undefined/, /\?\? ''/],
  ['e => e.s.localeCompare(e.t)', /language/, /`<`/],
  ['e => e.s.normalize()', /normal forms/, /JavaScript/],
  ['e => e.s.match(/a/)', /array/, /test/],
  ['e => e.s.constructor()', /`constructor`/, /JavaScript/],
  ["e => e.s.replace('a', (a) => a)", /function inside/i, /JavaScript/],
  ['e => e.s.replace(/a/, e.t)', /literal/, /write one/i],
  ["e => e.s.replace(/a*/g, 'x')", /match nothing/, /at least one/],
  ["e => e.s.replaceAll(/a/, 'x')", /throws/, /add the `g`/i],
  ["e => e.s.replace(/(?:(a)|b)+/, '$1')", /repetition/, /JavaScript/],
  ["e => e.s.replace(/a/, '$`')", /`\$``/, /JavaScript/],
  ['e => e.s.split(/(,)/)', /groups/, /\(\?:/],
  ['e => e.s.split(/a*/)', /match nothing/, /at least one/],
  ['e => e.s.split(/^a/)', /rest of the text/, /leave them out/i],
  ['e => /a/g.test(e.s)', /remembers/, /leave out/i],
  ['e => /a/y.test(e.s)', /flag `y`/, /JavaScript/],
  ['e => /^a/m.test(e.s)', /line ends/, /JavaScript/],
  ['e => /a/iu.test(e.s)', /by Unicode/, /JavaScript/],
  ['e => /é/i.test(e.s)', /outside ASCII/, /JavaScript/],
  ['e => /(?=a)/.test(e.s)', /looks around/, /JavaScript/],
  ['e => /(?<!a)b/.test(e.s)', /looks around/, /JavaScript/],
  ['e => /(a)\\1/.test(e.s)', /`\\1`/, /JavaScript/],
  ['e => /\\B/.test(e.s)', /`\\B`/, /JavaScript/],
  ['e => /\\p{L}/u.test(e.s)', /`\\p`/, /JavaScript/],
  ['e => /[\\u{1f600}]/.test(e.s)'.replace('\\u{1f600}', '😀'), /without the flag `u`/, /JavaScript/],
  ['e => /\\ud83d/.test(e.s)', /half of a surrogate/, /JavaScript/],
  ['e => /(a*)*/.test(e.s)', /can be empty/, /JavaScript/],
  ['e => /a{1001}/.test(e.s)', /too large/, /JavaScript/],
  ['e => /a^b/.test(e.s)', /behind something/, /JavaScript/],
  ['e => /(a$)b/.test(e.s)', /before something/, /JavaScript/],
  ['e => /[]/.test(e.s)', /without characters/, /JavaScript/],
  ['e => /a/.test(e.label)', /string\?/, /string/],
  ['e => /a/.exec(e.s)', /`exec`/, /test/],
  ['e => (e.flag ? /a/ : /b/).test(e.s)', /depends on the record/, /in place/],
  ['e => /a/', /no record holds/i, /getTime/],
  ['e => /a/.source', /`.source` of a regular expression/, /JavaScript/],
  ['e => new Date(e.at) - new Date(e.i)', /`-` of a Date/, /getTime/],
  ['e => new Date(e.at) < new Date(e.i)', /`<` of a Date/, /getTime/],
  ["e => new Date(e.at) + ''", /A Date as text/, /field/],
  ['e => new Date(e.at) === new Date(e.at)', /same object/, /fields/],
  ['e => { const { getTime } = new Date(e.at); return 1 }', /of a Date/, /JavaScript/],
  ['e => new Date(e.at)', /no record holds/i, /getTime/],
  ['e => [{ at: new Date(e.at) }]', /no record holds/i, /getTime/],
  ['e => new Date()', /present/, /interval/],
  ['e => Date.now()', /present/, /interval/],
  ['e => new Date(e.s)', /string/, /timestamp/],
  ['e => new Date(2024, 1)', /time zone/, /UTC/],
  ['e => new Date(e.at).getHours()', /time zone/, /getUTCHours/],
  ['e => new Date(e.at).toString()', /time zone/, /UTC/],
  ['e => new Date(e.at).setUTCHours(1)', /changes the date/, /milliseconds/],
  ['e => new Date(e.boss?.level).getTime()', /NaN/, /\?\? 0/],
  ['e => Date.parse(e.s)', /`Date.parse`/, /timestamp/],
  ['e => parseInt(e.i)', /integer/, /string/],
  ['e => parseInt(e.s, e.i)', /literal/, /from 2 to 36/],
  ['e => e.n.toFixed(101)', /throws/, /from 0 to 100/],
  ['e => e.n.toString(e.i)', /throws/, /from 2 to 36/],
  ['e => Number.isInteger(e.s)', /always false/, /write false/i],
  ['e => isNaN(e.s)', /string/, /number/],
  ['e => Math.hypot(e.n)', /2 arguments/, /write it so/i],
  ['e => Number(e.boss?.level)', /NaN/, /\?\? 0/],
  ['e => Number(e.label?.trim())', /NaN/, /with a value/],
]

describe('refusals', () => {
  it.each(REFUSED)('%s', (text, why, cure) => {
    expectRefusal(text, why, cure)
  })
})
