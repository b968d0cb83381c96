/**
 * Methods of lists in compiled lambdas, with and without inner functions: what they give over hostile rows, under which
 * guard, and what is refused. The fuzz mixes them; here each stands alone, at its edges.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import { substitute } from '../../src/expression/substitute.ts'
import { children, type Expression } from '../../src/expression/tree.ts'
import { describe as describeType, listOf, NUMBER, structOf } from '../../src/schema/type.ts'
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

/** What a guard asks of a record: `isBasic(words)` of all texts of a list, `every(items)` of each element. */
function conditionsOf(tree: Expression | undefined): readonly string[] {
  if (!tree) return []
  if (tree.kind === 'logical' && tree.op === '&&') return children(tree).flatMap(conditionsOf)
  if (tree.kind === 'logical' && tree.left.kind === 'each')
    return [`${tree.left.op}(${pathOf(tree.left.list)})`]
  return tree.kind === 'call' ? [`${tree.name}(${pathOf(tree.args[0]!)})`] : [tree.kind]
}

const pathOf = (tree: Expression): string =>
  tree.kind === 'property'
    ? [pathOf(tree.of), tree.name].filter(Boolean).join('.')
    : tree.kind === 'each'
      ? pathOf(tree.list)
      : tree.kind === 'input'
        ? ''
        : tree.kind

/** Lambdas that need no condition at all. */
const ALWAYS = [
  "e => e.words.map(w => w + '!')",
  'e => e.words.map((w, i) => w + i)',
  'e => e.words.map((w, i) => i)',
  'e => e.words.filter(w => w)',
  'e => e.words.filter(Boolean)',
  'e => e.tags?.filter(Boolean)',
  'e => e.words.some(w => w === e.s)',
  'e => e.words.every(w => w)',
  "e => e.tags?.every(w => w === 'a')",
  'e => e.items.filter(i => i.qty > 2).map(i => i.sku)',
  'e => e.items.filter(({ qty, note }) => qty && note).map(({ sku }, i) => sku + i)',
  'e => e.items.find(i => i.qty > 2)',
  'e => e.items.find(i => i.qty > 2)?.sku',
  'e => e.items.findLast(i => i.qty)?.note',
  "e => e.items.findIndex(i => i.sku === 'b')",
  "e => e.items.findLastIndex(i => i.sku === 'a')",
  "e => e.tags?.findIndex(i => i === 'a')",
  'e => e.items.flatMap(i => i.note ? [i.note] : [])',
  'e => e.grid.map(r => r.map(x => e.words.map(w => w + x + r.length)))',
  'e => e.grid.map((r, i) => r.map((x, j) => r.map((y, k) => i * 100 + j * 10 + k + x + y)))',
  'e => e.holes?.filter(h => h !== null).map(h => h.length)',
  'e => e.holes?.map(h => h?.length)',
  'e => e.holes?.map(h => h === null)',
  'e => e.items.map(i => { const q = i.qty * 2; return { q, s: i.sku } })',
  'e => e.words.map(String)',
  'e => e.rates.map(Number)',
  'e => e.rates.map(String)',
  'e => e.words.map(w => 1)',
  "e => e.words.map(w => 'a')",
  'e => [1, 2].map(x => x * e.n)',
  'e => [1, e.i].map(x => x * 2)',
  'e => e.words.filter(w => e.flag)',
  "e => e.words.reduce((a, w) => a + w, '')",
  'e => e.words.reduce((a, w) => a + w.length, 0)',
  'e => e.ids.reduce((a, w) => a + w, 0)',
  'e => e.ids.reduce((a, w) => Math.max(a, w), 0)',
  'e => e.items.reduce((a, i) => a + i.qty, 0)',
  'e => e.items.reduce((a, i) => ({ n: a.n + 1, s: a.s + i.sku }), { n: 0, s: e.s })',
  'e => e.items.reduce((a, i) => i.note, null)',
  'e => e.grid.reduce((a, r) => a.concat(r), [e.n])',
  'e => e.grid.map(r => r.reduce((a, x) => a + x * r.length, e.n))',
  'e => e.ids.toSorted((a, b) => b - a)',
  'e => e.items.toSorted((a, b) => a.rank - b.rank)',
  'e => e.items.toSorted((a, b) => b.rank - a.rank)',
  'e => e.items.slice().sort((x, y) => x.rank - y.rank).map(i => i.qty)',
  'e => e.items.toSorted((a, b) => a.sku.length - b.sku.length).at(0)?.sku',
  'e => e.words.toReversed()',
  'e => e.words.map(w => w).reverse()',
  'e => e.words.includes(e.label)',
  'e => e.rates.includes(e.maybe)',
  'e => e.rates.includes(null)',
  'e => e.rates.includes(e.n)',
  'e => e.rates.indexOf(e.n)',
  'e => e.rates.indexOf(e.maybe)',
  'e => e.rates.lastIndexOf(e.maybe)',
  'e => e.rates.includes(e.i)',
  'e => e.ids.includes(e.n)',
  'e => e.ids.indexOf(e.n)',
  'e => e.holes?.indexOf(e.label)',
  'e => e.holes?.includes(e.label)',
  "e => e.holes?.join('-')",
  'e => e.holes?.join()',
  "e => e.words.join('')",
  "e => e.rates.join(',')",
  "e => e.ids.join(' ')",
  "e => e.grid.map(r => r.join('/')).join(';')",
  'e => e.grid.flat()',
  'e => e.words.concat(e.s, e.words, [e.t])',
  'e => e.tags?.concat(e.words)',
  'e => e.ids.concat([e.n])',
  'e => e.words.concat(e.label)',
  'e => e.words[0]',
  'e => e.words[e.i]',
  'e => e.rates[e.n]',
  'e => e.tags?.[0]',
  'e => e.tags?.[e.f]',
  'e => e.words[e.words.length - 1]',
  'e => e.words.at(-1)',
  'e => e.rates.at(e.m)',
  'e => e.rates.at(e.i)',
  'e => e.tags?.at(e.n)',
  'e => e.items[0]?.sku',
  'e => e.items.at(-1)?.note',
  'e => e.rates.slice(1)',
  'e => e.rates.slice(e.n, e.m)',
  'e => e.rates.slice(e.i, -1)',
  'e => e.tags?.slice(-1)',
  'e => e.rates.slice(e.maybe)',
  'e => e.rates.slice()',
  'e => e.items.some(i => i.qty)',
  'e => e.grid.some(r => r.some(x => x > e.n))',
  'e => e.grid.map(r => r.map(x => Math.round(Math.round(Math.max(Math.min(x + e.n, e.m) * 2, x, e.u) + r.length) * x) + e.words.map(w => Math.round(Math.max(x * 3 + w.length, e.n, r.length))).length))',
  'function f(e) { const short = e.words.filter(w => w.length < 2); return short.map(w => w + short.length + short.some(s => s === w)) }',
  'e => e.holes?.filter(Boolean).map(h => h.length)',
  'e => e.holes?.filter(h => h).map(h => h.trim())',
  'e => e.holes?.filter(h => h != null && h.length > 0).map(h => h.length)',
  "e => (e.holes ?? []).map(h => h ?? 'none')",
  'e => e.holes && e.holes.map(h => h === e.label)',
  'e => e.tags ? e.tags.some(t => t === e.s) : false',
  'e => e.items.every(i => !i.note || i.note === i.sku)',
  'e => e.items.map(i => i.note ? i.note.length : i.qty)',
  'e => e.items.map(i => [i.sku, i.note])',
  'e => e.items.map(i => ({ id: i.sku, deep: { rank: i.rank, name: e.boss?.name ?? null } }))',
  'e => e.items.map((i, k) => k > 0 ? e.items[k - 1]?.sku : null)',
  'e => e.items.find(i => i.note === null)?.qty',
  'e => e.rates.find(r => r === null)',
  'e => e.rates.findLast(r => r)',
  "e => e.words.flatMap((w, i) => [w, e.words[i + 1] ?? ''])",
  'e => e.grid.flatMap(r => r).filter(x => x > 0)',
  'e => e.grid.flatMap(r => r.length > 1 ? r.map(x => -x) : [])',
  'e => e.grid.map(r => r.reduce((a, x) => Math.max(a, x), -1))',
  'e => e.grid.reduce((a, r) => a + r.reduce((b, x) => b + x, a), e.n)',
  'e => e.grid.reduce((a, r) => r.length > a.length ? r : a, [e.n])',
  'e => e.rates.reduce((a, r) => a ?? r, null)',
  "e => e.items.reduce((best, i) => i.rank > best.rank ? { rank: i.rank, sku: i.sku } : best, { rank: -1, sku: '' })",
  'e => e.tags?.reduce((n, t) => n + t.length, e.n)',
  "e => e.tags?.reduce((n, t) => n || t === 'a', false)",
  "e => e.holes?.reduce((a, h) => a + (h ?? '-'), '')",
  'e => e.ids.toSorted((a, b) => a - b)',
  'e => e.ids.toSorted((a, b) => b % 3 - a % 3)',
  'e => e.items.toSorted((a, b) => a.rank - b.rank).map(i => i.rank)',
  'e => e.items.toSorted((e, f) => f.rank - e.rank).map(i => i.sku)',
  'e => e.tags?.concat(e.words).toReversed()',
  'e => e.words.concat()',
  'e => e.ids.concat(1.5, [e.n], [])',
  "e => e.s.split(',').reverse().join(',')",
  'e => e.grid.map(r => r.includes(e.n))',
  'e => e.grid.map(r => r.indexOf(e.n) - r.lastIndexOf(0))',
  'e => e.grid[e.i]?.[0]',
  'e => e.grid.at(-1)?.at(-1)',
  'e => e.grid[2]?.slice(e.i)',
  'e => e.grid.slice(1).flat().length',
  'e => [e.flag, e.ok].includes(false)',
  'e => [e.ok, e.flag].includes(null)',
  'e => [e.flag].indexOf(e.ok)',
  'e => [e.i, e.j].includes(e.n)',
  "e => [e.boss?.name].includes('eve')",
  "e => [e.boss?.name, e.label].join('|')",
  'e => [e.n, e.maybe].join()',
  'e => [e.flag, e.ok].join()',
  'e => e.items.map(i => i.qty).includes(NaN)',
  'e => e.items.map(i => i.qty).indexOf(NaN)',
  'e => e.items.map(i => i.qty).indexOf(0)',
  "e => e.items.filter(i => parseFloat(i.sku) > 0 || Number(i.note ?? 'x') < 1).length",
  'e => e.words.some(w => /^a+$/.test(w))',
  'e => e.items.map(i => Math.sqrt(i.qty - 3))',
  'e => e.words.filter(w => e.words.filter(v => e.words.filter(u => u === v && u === w).length > 0).length > 0)',
  "e => e.items.map(function (i) { 'use strict'; const { sku } = i; return sku })",
  'e => e.words.map(({ length }) => length)',
  'e => e.words.map(() => null)',
  'e => e.words.map(() => undefined)',
  'e => e.words.filter((w, i) => e.words.indexOf(w) === i)',
  'e => [e.user, e.user].map(u => u.home?.city?.length ?? 0)',
  'e => [e.user].find(u => u.home)?.home?.city',
  "e => e.words.length ? e.words.map(w => w)[0] : 'none'",
  "e => e.words.reduce((a, w) => a + 1, '')",
  'e => [[e.s], e.words].flat()',
  'e => e.tags?.map(t => t).length',
]

/** Arrays of what may be null. */
const NULLABLE = [
  'e => { const w = e.s; return e.words.map(w => { const e = w; return e }).concat(w) }',
  'e => [e.boss, null].filter(b => b !== null).map(b => b.level)',
  'e => [e.boss].map(b => b?.name).map(x => x == null)',
  'e => [e.boss].find(b => b)?.name',
  'e => [e.boss, null, e.boss].findIndex(b => b === null)',
  'e => [e.tags, e.words].map(t => t?.length ?? -1)',
  'e => [e.tags, e.words].flatMap(t => t ?? [])',
  'e => [e.tags, null].filter(Boolean).map(t => t.length)',
  'e => [e.f, null, -1, e.j].toSorted((a, b) => (a ?? 0) - (b ?? 0))',
  'e => [e.boss, null].toSorted((a, b) => (b ? 1 : 0) - (a ? 1 : 0))',
  'e => [e.user.home, null].some(h => h && h.city === null)',
  'e => [e.label, null].reduce((a, x) => a ?? x, e.label)',
  'e => (e.tags ?? e.holes)?.map(x => x ?? null).lastIndexOf(null)',
]

/** Reducers that read other fields of the record, of lists of different lengths. */
const REDUCERS = [
  'e => e.items.reduce((a, i) => ({ s: a.s + i.sku, n: a.n + 1 }), { n: e.i, s: e.s })',
  'e => e.items.reduce((a, i) => (i.rank > 0 ? { b: a.a, a: [i.sku] } : a), { a: e.words, b: e.words })',
  'e => e.items.reduce((a, i) => [i.rank, a[0] ?? 0], [e.n])',
  "e => e.words.reduce((a, w) => a + e.s + w, '')",
  "e => e.words.reduce((a, w) => a + e.words.includes(w) + e.ids.join(), '')",
  "e => e.words.filter(w => w).reduce((a, w) => a + e.grid.flat().length, 'n')",
  'e => e.grid.map(r => r.reduce((a, x) => a + e.i + r.length + e.words.indexOf(e.s), e.n))',
  'e => e.grid.reduce((a, r) => a + r.reduce((b, x) => b + x * e.f + r.length + a, e.n), e.m)',
  'e => e.tags?.reduce((a, t) => (a === e.label ? t : a ?? e.label), e.label)',
  'e => e.items.reduce((a, i) => (i.note === e.label ? a : i.note), e.label)',
  'e => e.ids.reduce((a, x) => a || x === e.i || e.flag, e.ok ?? false)',
]

/** Lambdas with the conditions of their guards. */
const GUARDED: readonly (readonly [text: string, ...conditions: string[]])[] = [
  ['e => e.words.map(w => w.slice(1))', 'isBasic(words)'],
  ["e => e.items.flatMap(i => i.sku.split(''))", 'isBasic(items)'],
  ["e => e.items.some(i => i.note !== null && i.note.slice(1) === 'a')", 'isBasic(items)'],
  ['e => e.items.filter(i => i.sku.slice(1)).length', 'isBasic(items)'],
  ['e => e.items.map(i => i.sku).toSorted()', 'isBasic(items)'],
  ['e => e.items.find(i => i.note)?.sku.slice(1)', 'isBasic(items)'],
  [
    'e => e.words.map(w => e.items.map(i => i.sku.slice(1) + w.slice(1)))',
    'isBasic(items)',
    'isBasic(words)',
  ],
  [
    'e => e.words.map(w => (w + e.s + e.label + w).length + (w + e.n).trim().split(w).length)',
    'isBasic(words)',
  ],
  ["e => e.words.map(w => w.split('').toSorted().join('')).toSorted()", 'isBasic(words)'],
  ['e => e.words.toSorted()', 'isBasic(words)'],
  ["e => [e.t, e.s, 'b'].sort()", 'isBasic(t)', 'isBasic(s)'],
  ["e => e.words.map(() => e.s).map(x => x + 'a').map(x => x.at(-1))", 'isBasic(s)'],
  ['e => e.words.reduce((a, i) => a + i.slice(1), e.s)', 'isBasic(words)'],
  ['e => e.tags?.reduce((a, i) => (a + e.t).slice(1), e.s)', 'isBasic(s)', 'isBasic(t)', 'isBasic(tags)'],
  ['e => e.tags?.reduce((a, i) => (a + i).slice(1), e.s)', 'isBasic(tags)', 'isBasic(s)'],
  ["e => e.items.reduce((a, i) => a + i.sku.slice(1), '').slice(1)", 'isBasic(items)'],
  ['e => e.items.map(i => new Date(i.ms).getUTCDay())', 'every(items)'],
  ['e => e.items.some(i => new Date(i.ms).getUTCFullYear() === 2000)', 'every(items)'],
  ['e => e.items.map(i => new Date(i.ms)).map(d => d.toISOString())', 'every(items)'],
  ['e => e.items.reduce((a, i) => a + new Date(i.ms).getUTCDay(), 0)', 'every(items)'],
  ['e => e.grid.map(r => r.map(x => new Date(x).getUTCDay()))', 'every(grid)'],
  ['e => e.grid.map(r => r.map(x => new Date(x + r.length).getUTCDay()))', 'every(grid)'],
  ['e => e.words.map((w, i) => new Date(i * 1e16).getUTCDay())', 'every(words)'],
  ['e => e.tags !== null && e.tags.every(t => new Date(e.i).getUTCDay() > t.length)', 'isDate(i)'],
  ['e => e.tags !== null && e.tags.some((t, i) => new Date(i + e.i).getUTCDay() > t.length)', 'every(tags)'],
]

describe('lists give what Node gives, always', () => {
  it.each([...ALWAYS, ...NULLABLE, ...REDUCERS])('%s', async (text) => {
    const tried = program(text)
    expect(conditionsOf(tried.guard)).toEqual([])
    expect(await judge(duckdb, [tried], ROWS)).toEqual([])
  })
})

describe('lists give what Node gives, where the guard is true', () => {
  it.each(GUARDED)('%s', async (text, ...conditions) => {
    const tried = program(text)
    expect([...conditionsOf(tried.guard)].sort()).toEqual([...conditions].sort())
    const totals = { compared: 0, guarded: 0 }
    expect(await judge(duckdb, [tried], ROWS, totals)).toEqual([])
    expect(totals.compared).toBeGreaterThan(0)
    expect(totals.guarded).toBeGreaterThan(0)
  })
})

describe('types of lists', () => {
  it.each([
    ['e => e.words.map(w => w.length)', 'integer[]'],
    ['e => e.tags?.map(w => w.length)', 'integer[]?'],
    ['e => e.holes?.filter(h => h !== null)', 'string[]?'],
    ['e => e.holes?.filter(Boolean)', 'string[]?'],
    ["e => e.holes?.filter(h => h !== 'a')", 'string?[]?'],
    ['e => e.holes?.filter(String)', 'string?[]?'],
    ['e => e.words.find(w => w)', 'string?'],
    ['e => e.tags?.some(w => w)', 'boolean?'],
    ['e => e.ids.reduce((a, x) => a + x, 0)', 'number'],
    ['e => e.ids.reduce((a, x) => Math.max(a, x), 0)', 'integer'],
    ['e => e.rates.reduce((a, x) => a ?? x, null)', 'number?'],
    ['e => e.ids.concat([e.n])', 'number[]'],
    ['e => e.grid.flat()', 'number[]'],
    ['e => e.words[0]', 'string?'],
  ])('%s is %s', (text, type) => expect(describeType(program(text).body.type)).toBe(type))
})

/** Text, the construct named, a word of the reason, a word of the cure. */
const REFUSALS: readonly (readonly [text: string, construct: string, why: RegExp, cure: RegExp])[] = [
  // Inner functions
  ['e => e.words.map(w => outside)', 'outside', /variable from outside/, /params/],
  ['e => e.words.map(e.s)', 'e.s', /written here/, /x => /],
  ['e => { const f = 1; return e.words.map(function f(w) { return f }) }', 'f', /no value here/, /const/],
  [
    'e => { const c = 1; return e.words.map(w => { const d = c; const c = w; return d }) }',
    'c',
    /no value here/,
    /const/,
  ],
  [
    'arguments => arguments.words.map(function (w) { return arguments.s })',
    'arguments',
    /not part of the record/,
    /parameter/,
  ],
  ['e => e.ids.map(parseInt)', 'parseInt', /written here/, /x => /],
  ['Boolean => Boolean.words.filter(Boolean)', 'Boolean', /written here/, /x => /],
  ['e => e.words.map((w, i, all) => all)', 'all', /first two parameters/, /name of the array/],
  ['e => e.words.map(async w => w)', 'async w => w', /async/, /JavaScript/],
  ['e => e.words.map(w => w, 1)', '1', /one argument/, /leave/i],
  ['e => e.tags.map(t => t)', 'e.tags.map(t => t)', /may be null/, /\?\.map/],
  ['e => e.holes?.map(h => h.length)', 'h.length', /may be null/, /\?\.length/],
  ["e => e.holes?.filter(h => h !== 'a').map(h => h.length)", 'h.length', /may be null/, /\?\.length/],
  ['e => e.items.flatMap(i => i.sku)', 'i => i.sku', /gives a string/, /`map`/],
  ['e => [e.tags].flatMap(t => t)', 't => t', /string\[\]\?/, /\?\? \[\]/],
  ['e => e.words.map(w => [])', 'e.words.map(w => [])', /element type/, /element/],
  ['e => e.words.forEach(w => w)', 'e.words.forEach(w => w)', /effects/, /map/],
  [
    'e => e.ids.reduceRight((a, x) => a + x, 0)',
    'e.ids.reduceRight((a, x) => a + x, 0)',
    /not compiled/,
    /toReversed/,
  ],
  // What may be undefined in a list
  [
    'e => e.holes?.map(h => h?.trim()).map(h => h === null)',
    'h === null',
    /`undefined` and `null`/,
    /== null/,
  ],
  [
    'e => [[e.boss?.name]].map(l => l.map(x => x === null))',
    'x === null',
    /`undefined` and `null`/,
    /== null/,
  ],
  ['e => [{ a: e.boss?.name }].map(s => s.a === null)', 's.a === null', /`undefined` and `null`/, /== null/],
  [
    'e => [{ a: e.boss?.name }].map(s => s && s.a === null)',
    's.a === null',
    /`undefined` and `null`/,
    /== null/,
  ],
  [
    "e => ([{ a: e.boss?.name }].at(0) ?? { a: 'z' }).a === null",
    "([{ a: e.boss?.name }].at(0) ?? { a: 'z' }).a === null",
    /`undefined` and `null`/,
    /== null/,
  ],
  ['e => [e.boss?.level].map(x => x + 1)', 'x + 1', /NaN/, /\?\? 0/],
  ['e => [e.boss?.name].includes(null)', '[e.boss?.name].includes(null)', /`undefined` and `null`/, /\?\?/],
  [
    'e => e.holes?.includes(e.boss?.name)',
    'e.holes?.includes(e.boss?.name)',
    /`undefined` and `null`/,
    /\?\?/,
  ],
  ['e => e.words.at(0) === null', 'e.words.at(0) === null', /`undefined` and `null`/, /== null/],
  [
    'e => e.holes?.find(h => h === null) === null',
    'e.holes?.find(h => h === null) === null',
    /`undefined`/,
    /== null/,
  ],
  [
    'e => e.words.reduce((a, w) => a, e.boss?.name)',
    'e.words.reduce((a, w) => a, e.boss?.name)',
    /undefined/,
    /\?\?/,
  ],
  // reduce
  ['e => e.words.reduce((a, w) => a + w)', 'e.words.reduce((a, w) => a + w)', /throws for an empty/, /give/i],
  ['e => e.ids.reduce((a, x, i) => a + i, 0)', 'i', /first two parameters/, /name of the array/],
  ['e => e.words.reduce((a, w) => a.concat(w), [])', '[]', /element type/, /flatMap/],
  [
    "e => e.words.reduce((a, w) => w.length, '')",
    '(a, w) => w.length',
    /string and then a integer/,
    /same type/,
  ],
  [
    'e => e.ids.reduce((a, x) => new Date(a).getUTCDay() + x, 0)',
    'e.ids.reduce((a, x) => new Date(a).getUTCDay() + x, 0)',
    /valid/,
    /array of the dates/,
  ],
  // What counts, and what is constant
  [
    "e => ['\\u{1f600}', e.s].map(x => x.slice(1))",
    "['\\u{1f600}', e.s].map(x => x.slice(1))",
    /U\+FFFF/,
    /leave/i,
  ],
  ['e => [1, 2].map(x => x * 2)', '[1, 2].map(x => x * 2)', /constant/, /value/],
  ['e => [0].map((x, i) => -i)', '[0].map((x, i) => -i)', /constant/, /value/],
  ['e => [0, 1].reduce((a, x) => a - x, 0)', '[0, 1].reduce((a, x) => a - x, 0)', /constant/, /value/],
  // Without a function
  ['e => e.words.push(e.s)', 'e.words.push(e.s)', /changes the array/, /concat/],
  ['e => e.words.sort()', 'e.words.sort()', /changes the array/, /toSorted/],
  ['e => e.words.reverse()', 'e.words.reverse()', /changes the array/, /toReversed/],
  [
    'e => e.items.sort((a, b) => a.rank - b.rank)',
    'e.items.sort((a, b) => a.rank - b.rank)',
    /changes/,
    /toSorted/,
  ],
  ['e => e.grid.at(0)?.reverse()', 'e.grid.at(0)?.reverse()', /changes the array/, /toReversed/],
  [
    'e => { const x = e.words.map(w => w); return [x.reverse(), x] }',
    'x.reverse()',
    /changes the array/,
    /toReversed/,
  ],
  ['e => e.ids.toSorted()', 'e.ids.toSorted()', /text of its elements/, /a - b/],
  [
    'e => [e.boss?.level, 1].toSorted((a, b) => Math.sign(a ?? 0) - 1)',
    '[e.boss?.level, 1].toSorted((a, b) => Math.sign(a ?? 0) - 1)',
    /put last/,
    /filter/,
  ],
  ['e => e.items.toSorted((a, b) => a.qty - b.qty)', '(a, b) => a.qty - b.qty', /NaN/, /always there/],
  ['e => e.rates.toSorted((a, b) => a - b)', '(a, b) => a - b', /null or NaN/, /always there/],
  ['e => e.items.toSorted((a, b) => a.rank - b.ms)', '(a, b) => a.rank - b.ms', /by a number/, /a\.x - b\.x/],
  [
    'e => e.words.toSorted((a, b) => (a < b ? -1 : 1))',
    '(a, b) => (a < b ? -1 : 1)',
    /by a number/,
    /a\.x - b\.x/,
  ],
  ['e => e.items.includes(e.user)', 'e.items.includes(e.user)', /same object/, /some/],
  ['e => e.words.indexOf(e.n)', 'e.words.indexOf(e.n)', /never an element/, /type/],
  ['e => e.words.join(e.s)', 'e.words.join(e.s)', /constant/, /text/],
  ['e => e.items.join()', 'e.items.join()', /`join`/, /texts/],
  ['e => e.words.flat()', 'e.words.flat()', /`flat` of a string\[\]/, /leave/i],
  ['e => e.grid.flat(2)', 'e.grid.flat(2)', /one level/, /flat\(\)/],
  ['e => [e.tags].flat()', '[e.tags].flat()', /`flat`/, /\?\? \[\]/],
  ['e => e.words.concat(e.tags)', 'e.words.concat(e.tags)', /null/, /\?\? \[\]/],
  ['e => e.words[-1]', 'e.words[-1]', /no `\[-1\]`/, /at\(-1\)/],
  ['e => e.words[e.j]', 'e.words[e.j]', /name "null"/, /\?\? 0/],
  ['e => e.tags[0]', 'e.tags[0]', /may be null/, /\?\./],
  ['e => e.items[0].sku', 'e.items[0].sku', /may be null/, /\?\.sku/],
]

describe('refusals of lists', () => {
  it.each(REFUSALS)('%s', (text, construct, why, cure) => {
    expect(expectRefusal(text, why, cure).construct).toBe(construct)
  })
})

it('takes a shared tree for what it takes in memory', () => {
  const doubled = Array.from({ length: 60 }, (_, i) => `const x${i + 1} = x${i} + x${i}`)
  const text = `e => { const x0 = e.f; ${doubled.join('; ')}; return e.items.map(i => x60 + i.rank).toSorted((a, b) => a * x60 - b * x60) }`
  const compilation = compile(functionOf(text), [RECORD])
  expect(compilation.ok ? '' : compilation.why).toMatch(/NaN|too large/)
})

it('puts another input under an inner function, and leaves its parameters', async () => {
  const record: Expression = {
    kind: 'property',
    of: { kind: 'input', index: 0, type: structOf([{ name: 'record', type: RECORD }]) },
    name: 'record',
    type: RECORD,
  }
  const input = { kind: 'columns', columns: [`struct_pack(${COLUMNS})`] } as const
  const text = 'e => e.items.map((i, k) => i.qty + k + e.n).concat(e.ids.reduce((a, x) => a + x, e.m))'
  const { body, call } = program(text)
  const [results] = await evaluate(connection, [substitute(body, record)], [input])
  expect(results).toEqual(ROWS.map(call))
})
const COLUMNS = RECORD.fields.map((_, index) => `f${index} := c${index}`).join(', ')

it('sorts long lists, with many of one key, as Node does', async () => {
  const type = listOf(structOf(['x', 'y'].map((name) => ({ name, type: NUMBER }))))
  const text = '(list) => list.toSorted((a, b) => b.x - a.x).map(i => i.y)'
  const compiled = compile(functionOf(text), [type])
  if (!compiled.ok) throw new Error(compiled.why)
  const made = `(SELECT list(struct_pack(f0 := CAST((v * 7919) % 5 AS DOUBLE), f1 := CAST(v AS DOUBLE)) ORDER BY v) FROM range(5000) t(v))`
  const [results] = await evaluate(
    connection,
    [compiled.body],
    [{ kind: 'value', sql: made }],
    ROWS.slice(0, 1),
  )
  const list = Array.from({ length: 5000 }, (_, v) => ({ x: (v * 7919) % 5, y: v }))
  expect(results![0]).toEqual(functionOf(text)(list))
})
