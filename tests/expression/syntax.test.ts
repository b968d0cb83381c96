/** Bodies, destructuring and spread, compared with Node over hostile rows, bit for bit; and what of them is refused. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import { type Dialect, judge, programOf } from './fuzz.ts'
import { connect, evaluate, functionOf, INPUT, RECORD, ROWS } from './oracle.ts'

let connection: DuckDBConnection
let duckdb: Dialect
beforeAll(async () => {
  connection = await connect()
  duckdb = { name: 'DuckDB', evaluate: (trees, rows) => evaluate(connection, trees, [INPUT], rows) }
})
afterAll(() => connection.closeSync())

const LAMBDAS = [
  // bodies
  'e => { if (e.flag) return 1; return 2 }',
  'e => { if (e.flag) { return e.s } else { return e.t } }',
  "e => { if (e.n > 1) return 'big'; if (e.n < -1) return 'small'; return 'middle' }",
  'e => { if (e.flag) return e.s }',
  'e => { if (e.flag) return; return e.n }',
  'e => { if (e.boss == null) return -1; return e.boss.level }',
  'e => { if (!e.boss) { return null } return e.boss.title.length }',
  "e => { if (e.boss !== null && e.boss.level > 0) { const title = e.boss.title; return title + '!' } return e.s }",
  "e => { if (e.label === null) { if (e.flag) return 'none' } else { return e.label } return e.s }",
  'e => { if (e.flag) { const a = e.n; if (e.ok) return a } const a = e.m; return a + 1 }',
  'e => { let a = e.n; const b = a * 2; var c = b - a; return c }',
  'e => { const a = e.n, b = a + e.m; { const a = 5; if (e.flag) return a + b } return a }',
  "e => { 'use strict'; ; e.n; return e.n }",
  'function (e) { if (e.n) { return [e.s] } return [] }',
  "e => { switch (e.s) { case 'a': return 1; case '': case ' ': return 2; default: return 3 } }",
  'e => { switch (e.i) { case 0: return e.s; case 1: { const t = e.t; return t } } return null }',
  'e => { switch (true) { case e.n > 1: return 1; case e.flag: break; default: return 2 } return 3 }',
  'e => { if (e.flag) { } else if (e.ok) { return 1 } else { return 2 } return 3 }',
  'e => { if (e.flag) return e.s.trim(); if (e.label) return e.label.trim(); return e.boss ? e.boss.title : e.t }',
  // destructuring
  '({ n: number, user: { name, home } }) => ({ number, name, city: home?.city })',
  'e => { const { s, user: { name: who } } = e; return s + who }',
  "({ s = 'none', label = 'x' }) => ({ s, label })",
  '(e = {}) => e.n',
  "({ ['s']: text }) => text",
  // objects
  'e => ({ ...e })',
  'e => ({ ...e, n: e.m, extra: e.s })',
  'e => ({ s: 1, ...e.user, name: e.s })',
  'e => ({ a: 1, a: e.n })',
  'e => (e.boss ? { ...e.boss, level: 1 } : null)',
  "e => ({ ['key']: e.n, 'other key': e.m })",
  'e => ({ ...{ a: e.n, b: e.s } }).b',
  'e => ({ e, s: e.s }).e.n',
  // the rest
  'e => (e.m, e.n)',
  'e => typeof e.n',
  "e => typeof e.s === 'string'",
  "e => typeof e.label === 'string' ? 1 : 0",
  "e => typeof e.boss === 'object'",
  "e => typeof e.maybe !== 'number'",
  "e => { if (typeof e.flag === 'boolean') return e.n; return e.m }",
] as const

describe('compiled', () => {
  it.each(LAMBDAS)('%s', async (text) => {
    const compiled = programOf(text)
    if (!compiled)
      throw new Error(`${text} is refused: ${JSON.stringify(compile(functionOf(text), [RECORD]))}`)
    expect(await judge(duckdb, [compiled], ROWS)).toEqual([])
  })

  it('filters by the truth of what is returned', async () => {
    const fn = functionOf('e => { if (e.flag) return e.s; if (e.boss) return e.boss.level; return e.label }')
    const compiled = compile(fn, [RECORD], { purpose: 'test' })
    if (!compiled.ok) throw new Error(compiled.why)
    const [answers] = await evaluate(connection, [compiled.body])
    expect(answers).toEqual(ROWS.map((row) => Boolean(fn(row))))
  })
})

describe('refused', () => {
  it.each([
    ['e => { for (const w of e.words) return w; return null }', /loop/, /map, filter/],
    ['e => { let a = 1; a = 2; return a }', /assigned to `a`/, /const of its own/],
    ['e => { let a = 1; a++; return a }', /assigned to `a`/, /const/],
    ['e => { try { return e.n } catch { return 0 } }', /throws/, /leave/i],
    ["e => { if (e.flag) throw new Error('x'); return 1 }", /exception/, /filter/i],
    ['e => { e.n = 1; return e.n }', /assignment/, /one expression/],
    ['e => { const f = () => 1; return f() }', /function inside|not compiled/, /./],
    ['e => { function f() {} return 1 }', /function inside/, /called/],
    ['e => { while (e.flag) {} return 1 }', /loop/, /list/],
    ['e => { debugger; return 1 }', /debugger/, /leave/i],
    ['e => { a: return 1 }', /LabeledStatement/, /without/],
    ["e => { switch (e.s) { default: return 1; case 'a': return 2 } }", /default/, /last/],
    ["e => { switch (e.s) { case 'a': e.n; case 'b': return 2 } }", /goes on/, /break/],
    ['e => { if (e.flag) return e.s; return e.n }', /string and a number/, /same type/],
    ['e => ({ ...e.boss })', /null/, /test it before/i],
    ['e => ({ ...e.words })', /record/, /name the fields/i],
    ['e => { const { title = 1 } = e.boss ?? { title: undefined }; return 1 }', /null/, /./],
    ['({ user: { name = 5 } }) => { const { x = 1 } = { x: undefined }; return x }', /undefined/, /\?\?/],
    ['({ s, ...rest }) => s', /rest/, /name/i],
    ['e => typeof e.boss?.name', /undefined/, /null/],
    ['e => {}', /returns nothing/, /return/i],
  ] as const)('%s', (text, why, cure) => {
    const refusal = compile(functionOf(text), [RECORD])
    if (refusal.ok) throw new Error(`${text} was compiled`)
    expect(refusal.why).toMatch(why)
    expect(refusal.cure).toMatch(cure)
  })

  it('bodies with too many ways through them, at once', () => {
    const ifs = Array.from(
      { length: 40 },
      (_, index) => `if (e.n > ${index}) { if (e.flag) return ${index} }`,
    )
    const refusal = compile(functionOf(`e => { ${ifs.join(' ')} return -1 }`), [RECORD])
    expect(refusal).toMatchObject({ ok: false, why: expect.stringMatching(/too (many|large)/) })
  })
})
