/**
 * What the compiler makes of a function's text: which type comes out, and what is refused, where and with which
 * cure. Whether the compiled meaning is right is the matter of duckdb.test.ts and fuzz.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { compile, isSum, type Purpose } from '../../src/expression/compile.ts'
import type { Expression } from '../../src/expression/tree.ts'
import {
  describe as describeType,
  INTEGER,
  NUMBER,
  nullable,
  numberOf,
  rangeOf,
  STRING,
  structOf,
  type Type,
} from '../../src/schema/type.ts'
import { functionOf, RECORD } from './oracle.ts'
import { expectRefusal } from './refusals.ts'

function compiled(text: string, inputs: readonly Type[] = [RECORD], purpose: Purpose = 'value'): Expression {
  const compilation = compile(functionOf(text), inputs, { purpose })
  if (!compilation.ok) throw new Error(`${text}: ${compilation.construct}: ${compilation.why}`)
  return compilation.body
}

function refused(fn: Function, inputs: readonly Type[] = [RECORD]) {
  const compilation = compile(fn, inputs)
  if (compilation.ok) throw new Error(`${fn} was compiled`)
  return compilation
}

describe('types of results', () => {
  it.each([
    ['e => e.n', 'number'],
    ['e => e.i', 'integer'],
    ['e => e.user.home?.city', 'string?'],
    ['e => e.user.home?.size', 'number?'],
    ['e => e.boss?.name?.length', 'integer?'],
    ['e => e.s.length', 'integer'],
    ['e => e.i + e.i', 'number'],
    ['e => +e.j', 'integer'],
    ['e => -e.j', 'number'],
    ['e => Math.floor(e.i)', 'integer'],
    ['e => Math.floor(e.n)', 'number'],
    ['e => Math.max(e.i, e.j)', 'integer'],
    ['e => Math.max(e.i, e.n)', 'number'],
    ['e => e.j ?? 0', 'integer'],
    ['e => e.j ?? 0.5', 'number'],
    ['e => e.j || null', 'integer?'],
    ['e => e.label || e.s', 'string'],
    ['e => e.label && e.s', 'string?'],
    ['e => e.s && e.label', 'string?'],
    ['e => e.boss && e.s', 'string?'],
    ['e => e.flag ? e.i : e.n', 'number'],
    ['e => e.flag ? [] : [e.s]', 'string[]'],
    ['e => [e.s, null]', 'string?[]'],
    ['e => ({ s: e.s, t: { j: e.j } })', '{ s: string, t: { j: integer? } }'],
    ['e => null', 'null'],
    ['e => 1', 'integer'],
    ['e => 1.5', 'number'],
    ['e => 9007199254740992', 'number'],
    ['e => e.s + e.i', 'string'],
    ["e => e.s.split(' ')", 'string[]'],
    ["e => e.label?.split(' ')", 'string[]?'],
  ])('%s is %s', (text, type) => {
    expect(describeType(compiled(text).type)).toBe(type)
  })

  it.each([
    ['e => e.f', 'finite'],
    ['e => e.u', 'infinite'],
    ['e => e.n', 'any'],
    ['e => e.f + e.f', 'infinite'],
    ['e => e.f * e.f', 'infinite'],
    ['e => e.i * e.i + 1', 'infinite'],
    ['e => e.i - e.at', 'finite'],
    ['e => e.u - e.u', 'any'],
    ['e => e.u * 2', 'any'],
    ['e => e.f / e.f', 'any'],
    ['e => e.f / 0', 'any'],
    ['e => e.i / 2', 'finite'],
    ['e => e.f / 0.1', 'infinite'],
    ['e => e.u / 2', 'infinite'],
    ['e => e.n / 2', 'any'],
    ['e => e.f % 2', 'finite'],
    ['e => e.u % 2', 'any'],
    ['e => e.f % e.f', 'any'],
    ['e => Math.min(e.f, e.u)', 'infinite'],
    ['e => Math.round(e.n)', 'any'],
    ['e => -e.u', 'infinite'],
    ['e => 1e999', 'infinite'],
    ['e => NaN', 'any'],
    ['e => e.flag ? e.f : e.u', 'infinite'],
  ])('%s is %s', (text, range) => {
    const { type } = compiled(text)
    expect(type.kind).toBe('number')
    expect(rangeOf(type)).toBe(range)
  })
})

describe('forms of functions', () => {
  const field = compiled('e => e.s')
  const record = {
    shorthand(e: { s: string }) {
      return e.s
    },
  }
  it.each([
    ['a block', functionOf('e => { return e.s }')],
    ['a directive', functionOf('function (e) { "use strict"; return e.s }')],
    ['a named function', functionOf('function name(e) { return e.s }')],
    ['a method', record.shorthand],
    ['destructuring', functionOf('({ s }) => s')],
    ['renaming', functionOf('({ s: other }) => (((other)))')],
    ['a constant', functionOf('e => { const { s } = e, t = s; return t }')],
    ['a comment', functionOf('e /* , x */ => // :\n e.s // end')],
    ['brackets', functionOf("e => e['s']")],
  ])('%s', (_, fn) => {
    expect(compile(fn, [RECORD])).toEqual({ ok: true, body: field })
  })

  it('takes all spellings of undefined and of true', () => {
    expect(compiled('e => void 0')).toEqual(compiled('e => null'))
    expect(compiled('e => {return}')).toEqual(compiled('e => undefined'))
    expect(compiled('() => 5')).toEqual(compiled('e => 5'))
    expect(compiled('e => !0')).toEqual(compiled('e => true'))
  })

  it('shadows names', () => {
    expect(compiled('Math => Math.s')).toEqual(field)
    expect(compiled('undefined => undefined.s')).toEqual(field)
    const two = refused(functionOf('(e, undefined) => (e.boss != undefined ? e.boss.level : 1)'), [
      RECORD,
      RECORD,
    ])
    expect(two.why).toMatch(/same object/)
  })
})

describe('conditions', () => {
  it('compiles only the truth of the operands', () => {
    expect(compiled('e => e.s && e.n > 5', [RECORD], 'test').type).toEqual({
      kind: 'boolean',
      nullable: false,
    })
    expect(compiled('e => e.boss?.name || e.j', [RECORD], 'test').type.kind).toBe('boolean')
    expect(compiled('e => (e.s && e.n) ? 1 : 2').type.kind).toBe('integer')
    expect(compile(functionOf('e => e.s && e.n > 5'), [RECORD]).ok).toBe(false)
  })
})

describe('reducers', () => {
  it.each([
    ['(a, b) => a + b', [NUMBER, NUMBER], true],
    ['(a, b) => b + a', [INTEGER, NUMBER], true],
    ['function (a, b) { return a + b }', [numberOf('any'), INTEGER], true],
    ['(a, b) => a + a', [NUMBER, NUMBER], false],
    ['(a, b) => a - b', [NUMBER, NUMBER], false],
    ['(a, b) => a + b + 0', [NUMBER, NUMBER], false],
    ['(a, b) => a + b', [STRING, STRING], false],
    ['(a, b) => a + b', [nullable(NUMBER), NUMBER], false],
    ['(a, b) => Math.max(a, b)', [NUMBER, NUMBER], false],
    [
      '(a, b) => a.x + b.x',
      [structOf([{ name: 'x', type: NUMBER }]), structOf([{ name: 'x', type: NUMBER }])],
      false,
    ],
  ] as const)('%s of %o is a sum: %s', (text, inputs, expected) => {
    expect(isSum({ ok: true, body: compiled(text, inputs) })).toBe(expected)
  })

  it('does not take a refusal for a sum', () => {
    expect(isSum(compile(functionOf('(a, b) => a + c'), [NUMBER, NUMBER]))).toBe(false)
  })
})

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the texts are programs
/** Text, the construct named, a word of the reason, a word of the cure. */
const REFUSALS: readonly (readonly [text: string, construct: string, why: RegExp, cure: RegExp])[] = [
  // Functions
  ['async e => e.s', 'async e => e.s', /async/i, /JavaScript/],
  ['function* (e) { return e.s }', 'function* (e) { return e.s }', /generator/i, /array/i],
  ['e => {}', '{}', /returns nothing/i, /return/i],
  ['(e, context) => e.s', 'context', /second parameter/i, /leave it out/i],
  ['(...rest) => 1', '...rest', /only names/i, /plain/i],
  ['([a]) => a', '[a]', /array/i, /methods/i],
  ['({ absent }) => absent', 'absent', /no field `absent`/i, /use one of: n, m/i],
  ['class A {}', 'class A {}', /not a function/i, /JavaScript/],
  // Names
  ['e => e.n > limit', 'limit', /`limit` is a variable from outside/i, /params\.limit/],
  ['e => parse(e.s)', 'parse(e.s)', /`parse` is a function from outside/i, /JavaScript/],
  ['e => this.x', 'this', /`this`/i, /parameter/i],
  ['function (e) { return arguments[0] }', 'arguments', /not part of the record/i, /parameter/i],
  ['e => e.absent', 'e.absent', /no field `absent`; JavaScript gives undefined/i, /use one of/i],
  ['e => e.constructor', 'e.constructor', /no field/i, /use one of/i],
  ['e => e[e.s]', 'e[e.s]', /brackets/i, /JavaScript/],
  ['e => e.words[e.s]', 'e.words[e.s]', /`\[\]` of a string converts/i, /number/i],
  ['e => e.n.toLocaleString()', 'e.n.toLocaleString()', /`toLocaleString` of a number/i, /JavaScript/],
  ['e => e.n.length', 'e.n.length', /`.length` of a number/i, /JavaScript/],
  ['e => Math.random()', 'Math.random()', /`Math.random`/i, /JavaScript/],
  ['e => Math.pi', 'Math', /not known in SQL/i, /JavaScript/],
  ['e => Math.max()', 'Math.max()', /no argument/i, /one/i],
  ['e => Math.floor(e.n, 1)', 'Math.floor(e.n, 1)', /one argument/i, /JavaScript/],
  // Effects and other syntax
  ['e => (e.n = 1)', 'e.n = 1', /assignment/i, /const/],
  ['e => e.n++', 'e.n++', /assignment/i, /const/],
  ['e => new Map(e.n)', 'new Map(e.n)', /`new`/i, /JavaScript/],
  ["e => 's' in e", "'s' in e", /`in`/i, /!= null/],
  ['e => [w => w]', 'w => w', /inside the lambda/i, /JavaScript/],
  ['e => 1n', '1n', /bigint/i, /number/i],
  ["e => '\\ud800'", "'\\ud800'", /surrogate/i, /JavaScript/],
  ['e => `\\udfff`', '\\udfff', /surrogate/i, /JavaScript/],
  ['e => String.raw`a`', 'String.raw`a`', /tag/i, /JavaScript/],
  ['e => import("x")', 'import("x")', /`import`/, /JavaScript/],
  ['e => e.f?.()', 'e.f?.()', /function/i, /without/i],
  ['e => (() => 1)()', '(() => 1)()', /only methods/i, /JavaScript/],
  // Null and undefined
  ['e => e.boss.name', 'e.boss.name', /may be null/i, /`\?\.name`/i],
  ['e => e.label.trim()', 'e.label.trim()', /may be null/i, /`\?\.trim`.*\?\?/i],
  ['e => (e.user.home?.city).length', '(e.user.home?.city).length', /may be null/i, /`\?\.length`/i],
  ['e => e.user.home?.city.length', 'e.user.home?.city.length', /may be null/i, /`\?\.length`/i],
  ['({ boss: { name } }) => name', 'name', /may be null/i, /`\?\./i],
  ['e => e.boss ? 1 : e.boss.level', 'e.boss.level', /may be null/, /`\?\.level`/],
  ['e => e.boss || e.boss.level', 'e.boss.level', /may be null/, /`\?\.level`/],
  ['e => e.boss ?? e.boss.level', 'e.boss.level', /may be null/, /`\?\.level`/],
  ['e => e.boss === null && e.boss.level', 'e.boss.level', /may be null/, /`\?\.level`/],
  ['e => e.label !== null ? e.boss.level : 1', 'e.boss.level', /may be null/, /`\?\.level`/],
  ['e => (e.boss || e.flag) ? e.boss.level : 1', 'e.boss.level', /may be null/, /`\?\.level`/],
  ['e => !(e.boss && e.flag) ? e.boss.level : 1', 'e.boss.level', /may be null/, /`\?\.level`/],
  ['e => (e.boss && e.boss.level) + e.boss.level', 'e.boss.level', /may be null/, /`\?\.level`/],
  ['e => e.boss?.name === null', 'e.boss?.name === null', /`undefined` and `null`/, /== null/i],
  [
    "e => ({ a: e.boss?.name } ?? { a: 'z' }).a === null",
    "({ a: e.boss?.name } ?? { a: 'z' }).a === null",
    /`undefined` and `null`/,
    /== null/i,
  ],
  ['e => e.label === undefined', 'e.label === undefined', /`undefined` and `null`/, /== null/i],
  ['e => e.boss?.name === e.label', 'e.boss?.name === e.label', /`undefined` and `null`/, /\?\? null/i],
  ['e => e.label === e.boss?.name', 'e.label === e.boss?.name', /`undefined` and `null`/, /\?\? null/i],
  ['e => e.boss?.level + 1', 'e.boss?.level + 1', /`undefined` counts as NaN/, /\?\? 0/i],
  ['e => (e.flag ? e.boss?.level : 1) < 1', '(e.flag ? e.boss?.level : 1) < 1', /NaN/i, /\?\? 0/i],
  ['e => (e.boss?.level && e.n) + 1', '(e.boss?.level && e.n) + 1', /NaN/i, /\?\? 0/i],
  ['e => +e.boss?.level', '+e.boss?.level', /NaN/i, /\?\? 0/i],
  ['e => Math.abs(e.boss?.level)', 'Math.abs(e.boss?.level)', /NaN/i, /\?\? 0/i],
  ['e => ({ a: e.boss?.level }).a * 2', '({ a: e.boss?.level }).a * 2', /NaN/i, /\?\? 0/i],
  ['e => `${e.boss?.name}`', '`${e.boss?.name}`', /undefined/i, /\?\? ''/i],
  // Operators
  ['e => e.s - 1', 'e.s - 1', /string/i, /number/i],
  ['e => e.flag + 1', 'e.flag + 1', /boolean/i, /\? 1 : 0/i],
  ['e => e.n + null', 'e.n + null', /null/i, /number/i],
  ['e => -0', '-0', /-0/i, /write 0/i],
  ['e => e.n + 0 * -1', '0 * -1', /-0/i, /write 0/i],
  ['e => Math.ceil(-0.5)', 'Math.ceil(-0.5)', /-0/i, /write 0/i],
  ["e => ''.length * -1", "''.length * -1", /constant/i, /value/i],
  ['e => e.s + e.words', 'e.s + e.words', /string\[\] as text/i, /field/i],
  ['e => e.s < 1', 'e.s < 1', /string/i, /number/i],
  ['e => e.label < e.s', 'e.label < e.s', /null is compared/i, /\?\? ''/i],
  ['e => e.s == e.n', 'e.s == e.n', /converts/i, /`===`/i],
  ['e => e.s === e.n', 'e.s === e.n', /never the same/i, /same type/i],
  ['e => e.flag === 1', 'e.flag === 1', /never the same/i, /same type/i],
  ['e => e.words === e.tags', 'e.words === e.tags', /same object/i, /elements/i],
  ['e => e.user !== e.user', 'e.user !== e.user', /same object/i, /fields/i],
  ['e => e.s || e.n', 'e.s || e.n', /sides of `\|\|` are a string and a number/i, /same type/i],
  ['e => e.flag ? e.s : 1', 'e.flag ? e.s : 1', /arms of `\? :`/i, /same type/i],
  ['e => e.flag ? { a: 1 } : { b: 1 }', 'e.flag ? { a: 1 } : { b: 1 }', /arms/i, /same type/i],
  // Records and lists
  ['e => ({ ...e.boss })', '...e.boss', /may be null/i, /test it before/i],
  ['e => ({ ...e.words })', '...e.words', /string\[\]/i, /record/i],
  ['e => ({ [e.s]: 1 })', 'e.s', /computed/i, /name/i],
  ['e => ({ f() { return 1 } })', 'f() { return 1 }', /method/i, /JavaScript/],
  ['e => ({ get a() { return 1 } })', 'get a() { return 1 }', /method/i, /JavaScript/],
  ['e => ({ __proto__: e })', '__proto__: e', /prototype/i, /name/i],
  ['e => ({})', '{}', /without fields/i, /field/i],
  ['e => []', '[]', /element type/i, /element/i],
  ['e => [e.s, e.n]', '[e.s, e.n]', /elements of an array/i, /same type/i],
  ['e => [, 1]', '[, 1]', /holes/i, /null/i],
  ['e => [...e.tags]', '...e.tags', /null throws/i, /\?\? \[\]/],
  ['e => [...e.s]', '...e.s', /spread string/i, /list/i],
  ['e => [...e.words, e.n]', '[...e.words, e.n]', /parts of an array/i, /same type/i],
  // Methods
  ['e => e.s.includes(e.label)', 'e.s.includes(e.label)', /string\?/i, /string/i],
  ['e => e.s.includes(e.i)', 'e.s.includes(e.i)', /integer/i, /string/i],
  ['e => [e.n].includes(e.s)', '[e.n].includes(e.s)', /never an element/i, /type/i],
  ['e => Math.max(...e.ids)', '...e.ids', /spread/i, /JavaScript/],
]
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the texts are programs

describe('refusals', () => {
  it.each(REFUSALS)('%s', (text, construct, why, cure) => {
    expect(expectRefusal(text, why, cure)).toMatchObject({ construct, text })
  })

  it('refuses what has no text of its own', () => {
    expect(refused(((e: unknown) => e).bind(null)).why).toMatch(/native or bound/)
    expect(refused(Math.max).cure).toBe('Wrap it in an arrow function.')
    const { get } = Object.getOwnPropertyDescriptor(functionOf('{ get s() { return 1 } }'), 's')!
    expect(refused(get!).why).toMatch(/not a function/)
  })

  it('says where, in the lines of the function itself', () => {
    expect(refused(functionOf('e => limit'))).toMatchObject({ line: 1, column: 6 })
    expect(refused(functionOf('e =>\n  e.n +\r\n  (limit)'))).toMatchObject({
      line: 3,
      column: 4,
      construct: 'limit',
    })
    const { method } = functionOf('{ method(e) { return limit } }') as unknown as { method: Function }
    expect(refused(method)).toMatchObject({ line: 1, column: 20, construct: 'limit' })
  })

  it('shortens a long construct', () => {
    const { construct } = refused(functionOf(`e => new Thing(${'e.n, '.repeat(50)} 1)`))
    expect(construct).toHaveLength(80)
    expect(construct).toMatch(/\.\.\.$/)
  })

  it('takes a time that grows gently with nesting', () => {
    const started = performance.now()
    const chain = Array.from({ length: 40 }, () => 'e.boss && e.boss.level').join(' && ')
    expect(compile(functionOf(`e => ${chain} ? 1 : 0`), [RECORD]).ok).toBe(true)
    let nested = 'e.n'
    for (let depth = 0; depth < 40; depth++) nested = `((${nested}) == null ? e.n : e.m)`
    expect(compile(functionOf(`e => ${nested}`), [RECORD]).ok).toBe(true)
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('refuses what would be too large, at once', () => {
    const doubling = Array.from({ length: 60 }, (_, index) => `const a${index + 1} = a${index} + a${index};`)
    expect(refused(functionOf(`e => { const a0 = e.n; ${doubling.join('')} return a60 }`)).why).toMatch(
      /too large/,
    )
    expect(refused(functionOf(`e => ${'e.n + '.repeat(300)} 1`)).why).toMatch(/too large/)
    expect(refused(functionOf(`e => ${'!'.repeat(4_000)}e.n`)).why).toMatch(/too (large|deeply)/)
  })
})
