/**
 * Statements, spread, destructuring and the other syntax of compiled lambdas: what it gives over hostile rows, and what
 * is refused.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
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
  const compilation = compile(functionOf(text), [RECORD])
  if (!compilation.ok) throw new Error(`${text}: ${compilation.construct}: ${compilation.why}`)
  return programOf(text)!
}

const STATEMENTS = [
  'e => { if (e.flag) return 1; return 2 }',
  'e => { if (e.flag) return e.i; else return e.n }',
  'e => { if (e.flag) { return e.s } else if (e.ok) { return e.t } else { return e.label } }',
  'e => { if (e.ok) return e.i }',
  'e => { if (e.ok) return; return e.s }',
  'e => { if (e.n > 0) { if (e.m > 0) return 1 } else if (e.m < 0) return 2; return 3 }',
  'e => { if (e.n) { const a = e.n * 2; if (a > e.m) return a } const a = e.m; return a - 1 }',
  'e => { const a = e.n; { const a = e.m; if (a > 1) return a } return a }',
  'e => { const a = e.n; if (e.flag) { const b = a; { const a = b + 1; if (a) return a } } return a }',
  'e => { let a = e.n, b; var c = a + 1; return e.flag ? c : b }',
  'e => { if (e.flag) { var a = e.n; return a } else { var a = e.m; return a + 1 } }',
  'e => { let a; return a }',
  'e => { ; e.s.trim(); if (e.flag) {} else { e.n } return e.t }',
  'e => { "use strict"; if (e.flag) { "no directive" } return e.s }',
  'e => { return e.s; e.n = 1; for (;;) {} }',
  'function (e) { if (!(e.n > 1)) { return { a: 1, b: null } } return { b: e.s, a: e.m } }',
  'e => { if (e.flag) return []; return e.words }',
  // What a test tells about null
  'e => { if (e.boss == null) return -1; return e.boss.level }',
  'e => { if (!e.boss) return -1; return e.boss.level }',
  'e => { if (e.boss === null || !e.label) return ""; const { title } = e.boss; return title + e.label.trim() }',
  'e => { if (e.boss) { return e.boss.level } }',
  'e => { if (e.boss) { if (e.flag) return 0 } else return 1; return e.boss.level }',
  'e => { const { boss } = e; if (!boss) return null; return { level: boss.level, name: boss.name?.trim() } }',
  'e => { const home = e.user.home; if (home && home.city) { return home.city.length + home.size } return 0 }',
  'e => { if (e.flag) { if (e.label == null) return "" } else if (!e.label) { return "-" } return e.label.trim() }',
  'e => { switch (e.flag) { case true: if (!e.boss) return 0; break; default: if (!e.boss) return 1 } return e.boss.level }',
  // switch
  "e => { switch (e.s) { case 'a': return 1; case 'A': case 'ab': return 2; default: return 3 } }",
  "e => { switch (e.label) { case null: return 'none'; case '': break; case 'a': return e.t } return e.label }",
  'e => { switch (e.n) { case NaN: return 1; default: { const a = e.i; if (a > 1) break } case 0: return 2; case 1: { return 3 } } return 4 }',
  'e => { switch (e.i) { case 0: if (e.flag) break; case 1: return e.s; case 2: } return e.t }',
  'e => { switch (true) { case e.n > 1: return 1; case e.m > 1: return 2 } return 0 }',
  'e => { switch (e.i) {} return 1 }',
  "e => { switch (e.s) { case 'a': default: return 1; case 'b': case 'a': return 2; case 'ab': } return 3 }",
]

/** Statements and the expression that they mean. */
const MEANT = [
  ['e => { if (e.flag) return 1; return 2 }', 'e => e.flag ? 1 : 2'],
  ['e => { let a = e.n; if (a > 1) { return a } return 0 }', 'e => e.n > 1 ? e.n : 0'],
  ['e => { if (e.flag) { e.n } return e.s }', 'e => e.s'],
  [
    'e => { switch (e.s) { case "a": case "b": return 1; default: return 2 } }',
    'e => e.s === "a" || e.s === "b" ? 1 : 2',
  ],
  ['e => { if (e.flag) return e.s }', 'e => e.flag ? e.s : undefined'],
] as const

describe('statements', () => {
  it.each(STATEMENTS)('%s', async (text) => {
    expect(await judge(duckdb, [program(text)], ROWS)).toEqual([])
  })

  it.each(MEANT)('%s is %s', (text, meant) => {
    expect(program(text).body).toEqual(program(meant).body)
  })

  it('are conditions in a filter, false where nothing is returned', async () => {
    for (const text of ['e => { if (e.s) return e.n }', 'e => { if (!e.s) return; return e.n }']) {
      const call = functionOf(text)
      const compilation = compile(call, [RECORD], { purpose: 'test' })
      if (!compilation.ok) throw new Error(compilation.why)
      expect(compilation.body.type).toEqual({ kind: 'boolean', nullable: false })
      const [values] = await evaluate(connection, [compilation.body])
      expect(values).toEqual(ROWS.map((row) => Boolean(call(row))))
    }
  })

  it('throw what they throw, also where nobody sees the value', () => {
    for (const text of [
      'e => { const day = new Date(e.at).toISOString(); return 1 }',
      'e => { new Date(e.at).toISOString(); return 1 }',
      'e => { if (e.flag) { new Date(e.at).toISOString() } return 1 }',
      'e => { if (new Date(e.at).toISOString()) {} return 1 }',
      'e => { switch (new Date(e.at).toISOString()) { default: return 1 } }',
      'e => Number.isInteger(new Date(e.at).toISOString().length)',
    ]) {
      expect(program(text).guard).toEqual(program('e => new Date(e.at).toISOString()').guard)
    }
    expect(program('e => { const first = e.s.slice(0, 1); return 1 }').guard).toBeUndefined()
  })
})

const LITERALS = [
  'e => ({ ...e })',
  'e => ({ ...e, n: 1 })',
  'e => ({ z: 1, ...e.user, name: e.s, z: 2 })',
  'e => ({ ...e.user, ...{ home: 1, age: e.n } })',
  'e => ({ s: 0, ...e, extra: e.n, user: { ...e.user, age: 1 } })',
  'e => ({ ...e.user, ...null, ...undefined, ...(e.flag ? { x: 1 } : { x: e.n }) })',
  'e => e.boss ? { ...e.boss, level: e.boss.level + 1 } : null',
  'e => { if (!e.boss) return null; const { boss } = e; return { first: 1, ...boss } }',
  'e => { const all = { ...e.user }; return e.user.home ? { ...e.user }.home.size : all.home?.size }',
  'e => ({ a: 1, a: 2 })',
  'e => ({ a: e.s, b: 1, a: e.n })',
  'e => ({ b: 1, 2: e.n, a: 3, 1: e.s, "01": 4, 0.5: 5 })',
  "e => ({ ['a']: e.n, ['b c']: 1, [`d`]: 2, [3]: e.s })",
  'e => [...e.words]',
  "e => [...e.words, 'x', ...(e.tags ?? []), e.label]",
  'e => [e.n, ...e.ids, 0.5]',
  'e => [...e.ids, ...[e.j], ...[]]',
  'e => [...[], ...[1]].length + e.n',
  "e => [...e.s.split(' '), ...e.words].length",
  'e => [e.user, ...[{ home: null, name: e.s, age: null }]]',
  'e => (e.flag ? [...e.words, e.s] : []).includes(e.t)',
]

describe('objects and arrays', () => {
  it.each(LITERALS)('%s', async (text) => {
    const each = program(text)
    expect(await judge(duckdb, [each], ROWS)).toEqual([])
    const { type } = each.body
    const value = each.call(ROWS.find((row) => row.boss)!)
    if (type.kind === 'struct')
      expect(type.fields.map(({ name }) => name)).toEqual(Object.keys(value as object))
  })

  it('ask what a value asks that is overwritten', () => {
    const { guard } = program('e => new Date(e.at).toISOString()')
    expect(program('e => ({ a: new Date(e.at).toISOString(), a: 1 })').guard).toEqual(guard)
    expect(program('e => ({ ...{ a: new Date(e.at).toISOString() }, a: 1 })').guard).toEqual(guard)
  })
})

const PATTERNS = [
  '({ s, user: { name, age = 5 } }) => ({ s, name, age })',
  '({ label = "none", maybe: m = 1 }) => ({ label, m })',
  '(e = 1) => e.n',
  '({ user: { home } = {} } = {}) => home?.size',
  "({ ['s']: s, [`t`]: t }) => s + t",
  '({ s, words, user, ...others }) => others',
  'e => { const { name, ...others } = e.user; return { ...others, called: name } }',
  'e => { const { a, ...others } = { a: 1, b: e.s, c: e.n }; return others }',
  'e => { if (!e.boss) return ""; const { boss: { title, level: l = 1 } } = e; return title + l }',
  'e => { const { user: { name: n }, n: name = n } = e, { length } = n; return n + length + name }',
]

describe('patterns', () => {
  it.each(PATTERNS)('%s', async (text) => {
    expect(await judge(duckdb, [program(text)], ROWS)).toEqual([])
  })
})

const OTHERS = [
  ...['n', 's', 'i', 'at', 'flag', 'user', 'words', 'maybe', 'label', 'ok', 'boss', 'tags'].map(
    (name) => `e => typeof e.${name}`,
  ),
  ...['string', 'number', 'boolean', 'object', 'undefined', 'nothing'].flatMap((name) => [
    `e => typeof e.s === '${name}'`,
    `e => typeof e.label == '${name}'`,
    `e => '${name}' !== typeof e.maybe`,
    `e => typeof e.boss != '${name}'`,
    `e => typeof null === '${name}'`,
  ]),
  "e => typeof e.boss?.name === 'string' ? e.boss.name.trim() : ''",
  "e => { if (typeof e.label !== 'string') return 0; return e.label.length }",
  "e => typeof e.boss?.level !== 'number' || e.boss.level > 1",
  'e => typeof (e.flag ? e.s : e.label) + typeof typeof e',
  'e => (e.n, e.s)',
  'e => ((e.s, e.label), e.s && e.n) ? 1 : 2',
  'e => void e.s',
]

describe('typeof, void and the comma', () => {
  it.each(OTHERS)('%s', async (text) => {
    expect(await judge(duckdb, [program(text)], ROWS)).toEqual([])
  })

  it('ask what the operands ask', () => {
    const { guard } = program('e => new Date(e.at).toISOString()')
    for (const text of ['void #', '(#, 1)', 'typeof #', "typeof # === 'string'", '(#, 1) ? 1 : 2']) {
      expect(program(`e => ${text.replace('#', 'new Date(e.at).toISOString()')}`).guard).toEqual(guard)
    }
  })
})

/** Text, the construct named, a word of the reason, a word of the cure. */
const REFUSED: readonly (readonly [text: string, construct: string, why: RegExp, cure: RegExp])[] = [
  ['e => { for (;;) {} return 1 }', 'for (;;) {}', /loop/, /method of the list/],
  ['e => { for (const w of e.words) return w }', 'for (const w of e.words) return w', /loop/, /list/],
  ['e => { while (e.flag) return 1 }', 'while (e.flag) return 1', /loop/, /JavaScript/],
  ['e => { let a = 1; a = 2; return a }', 'a = 2', /assignment/, /const/],
  ['e => { let a = 1; if (e.flag) a++; return a }', 'a++', /assignment/, /const/],
  ['e => { throw e }', 'throw e', /error/, /filter/i],
  ['e => { try { return 1 } finally {} }', 'try { return 1 } finally {}', /throws/, /leave out/i],
  ['e => { debugger; return 1 }', 'debugger;', /debugger/, /leave it out/i],
  ['e => { a: return 1 }', 'a: return 1', /label/, /if/],
  ['e => { function f() {} return 1 }', 'function f() {}', /function inside/, /in place/],
  ['e => { class A {} return 1 }', 'class A {}', /class/, /JavaScript/],
  ['e => { if (e.flag) { e.n } }', '{ if (e.flag) { e.n } }', /returns nothing/, /return/i],
  [
    'e => { if (e.flag) return 1; return e.s }',
    'if (e.flag) return 1;',
    /values that are returned/,
    /same type/,
  ],
  ['e => { switch (e.i) { case 1: const a = 1; return a } }', 'const a = 1;', /all cases/, /braces/],
  ['e => { with (e) { return n } }', 'with (e) { return n }', /WithStatement/, /JavaScript/],
  // Names that have no value yet, or only perhaps
  ['e => { const a = b, b = e.n; return a }', 'b', /no value here/, /before/],
  ['e => { const a = e.n; { const b = a; const a = 1; return b } }', 'a', /no value here/, /before/],
  ['e => { if (e.flag) { var a = 1; if (e.ok) return 1 } return a }', 'a', /no value here/, /before/],
  ['e => { var a = 1; { var a = 2; if (e.ok) return 1 } return a }', 'a', /twice/, /another name/],
  ['e => { var e = 1; return e }', 'e', /parameter/, /another name/],
  ['e => { return e; { var e = 1 } }', 'e', /parameter/, /another name/],
  ['e => { return parseInt(e.s); function parseInt() {} }', 'parseInt(e.s)', /only methods/i, /JavaScript/],
  ['e => { return Infinity; for (var Infinity of e.words) {} }', 'Infinity', /no value here/, /before/],
  ['e => { return Math.floor(e.n); { function Math() {} } }', 'Math', /no value here/, /before/],
  ['function Math(e) { return Math.floor(e.n) }', 'Math', /no value here/, /before/],
  // Patterns
  ['(...rest) => 1', '...rest', /only names/i, /plain/i],
  ['({ [e]: s }) => s', 'e', /computed/, /name/],
  [
    'e => { const { a = 1 } = { a: e.boss?.level }; return a }',
    'a = 1',
    /`undefined` and not for null/,
    /\?\?/,
  ],
  ['e => { const [a] = e.words; return a }', '[a]', /array/, /methods/],
  ['e => { const { name, ...others } = e.boss; return others }', 'name', /null/, /\?\.name/],
  ['e => { const { ...others } = e.boss; return others }', '...others', /fields that are known/, /name/i],
  ['e => { const { ...d } = new Date(e.at); return d.getTime() }', '...d', /a Date/i, /name/i],
  ['e => { const { a, ...others } = { a: 1 }; return others }', '...others', /no field is left/i, /leave/i],
  // Other operators
  ['e => typeof e.boss?.name', 'typeof e.boss?.name', /`undefined`/, /== null/],
  ["e => typeof e.boss?.name === 'undefined'", "typeof e.boss?.name === 'undefined'", /null/, /== null/],
  ["e => typeof e.boss?.name !== 'object'", "typeof e.boss?.name !== 'object'", /null/, /== null/],
  ["e => typeof window === 'string'", 'window', /outside/, /params/],
  ["e => typeof e.label === 'object' ? e.label.length : 1", 'e.label.length', /null/, /\?\.length/],
  ["e => typeof e.label !== 'string' ? e.label.length : 1", 'e.label.length', /null/, /\?\.length/],
  ["e => 's' in e", "'s' in e", /`in`/, /!= null/],
  ['e => e.at instanceof Date', 'e.at instanceof Date', /class/, /typeof/],
  ['e => delete e.s', 'delete e.s', /changes/, /others/],
  ['e => (e.n ??= 1)', 'e.n ??= 1', /assignment/, /const/],
  ['e => (e.n++, e.n)', 'e.n++', /assignment/, /const/],
  ['e => class {}', 'class {}', /class/, /JavaScript/],
  // What may be undefined inside
  ['e => ({ ...{ a: e.boss?.level } }).a * 2', '({ ...{ a: e.boss?.level } }).a * 2', /NaN/, /\?\? 0/],
  [
    'e => ({ a: e.boss?.level } ?? { a: 1 }).a * 2',
    '({ a: e.boss?.level } ?? { a: 1 }).a * 2',
    /NaN/,
    /\?\? 0/,
  ],
  [
    'e => ({ a: e.boss?.level } || { a: 1 }).a * 2',
    '({ a: e.boss?.level } || { a: 1 }).a * 2',
    /NaN/,
    /\?\? 0/,
  ],
  // Facts
  ['e => { if (e.boss) return 1; return e.boss.level }', 'e.boss.level', /may be null/, /\?\.level/],
  ['e => { if (e.flag) { if (!e.boss) return 1 } return e.boss.level }', 'e.boss.level', /null/, /\?\.level/],
  ['e => { if (!e.boss) { e.n } return e.boss.level }', 'e.boss.level', /null/, /\?\.level/],
]

describe('refusals', () => {
  it.each(REFUSED)('%s', (text, construct, why, cure) => {
    expect(expectRefusal(text, why, cure).construct).toBe(construct)
  })

  it('are not asked of what is thrown away, however large it is', () => {
    const doubling = Array.from({ length: 60 }, (_, index) => `const a${index + 1} = a${index} + a${index};`)
    const started = performance.now()
    expect(program(`e => { const a0 = e.n; ${doubling.join('')} return 1 }`).body.kind).toBe('literal')
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it.each([
    ['e.s', 'a + a', 'a', /text is too large/],
    ['e.s', 'e.flag ? a : a', 'a.slice(1)', /expression is too large/],
    ['e.words', '[...a, ...a]', 'a', /expression is too large/],
    ['e.s', '({ x: a, y: a })', 'a', /expression is too large/],
  ])('come at once for %s doubled by %s', (first, step, result, why) => {
    const named = (text: string, index: number) => text.replace(/\ba\b(?!:)/g, `a${index}`)
    const doubling = Array.from({ length: 60 }, (_, index) => `const a${index + 1} = ${named(step, index)};`)
    const started = performance.now()
    const text = `e => { const a0 = ${first}; ${doubling.join('')} return ${named(result, 60)} }`
    expect(compile(functionOf(text), [RECORD])).toMatchObject({ ok: false, why: expect.stringMatching(why) })
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('come at once where the rest is in too many arms', () => {
    const arms = Array.from(
      { length: 40 },
      (_, index) => `if (e.n > ${index}) { if (e.m > ${index}) return ${index} }`,
    )
    const started = performance.now()
    const compilation = compile(functionOf(`e => { ${arms.join('\n')} return -1 }`), [RECORD])
    expect(compilation).toMatchObject({ ok: false, why: expect.stringMatching(/too large.*both arms/) })
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
