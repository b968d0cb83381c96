/** Variables from outside a function: known where the text says for sure what they hold, and otherwise not. */
import { describe, expect, it } from 'vitest'
import { JobConstants } from '../../src/expression/outer.ts'
import { functionOf } from './oracle.ts'

/** The job as text: its function is never called. */
function outerOf({
  define,
  params,
  module,
}: {
  define: string
  params: object
  module?: () => string | undefined
}) {
  // a method is a function only inside an object
  const text =
    /^\w+\(/.test(define) && !define.startsWith('function') ? `Object.values({${define}})[0]` : define
  return new JobConstants({ define: functionOf(text), params, ...(module && { module }) })
}

/**
 * Looks for the function `name` of a module's text.
 * @param module a module in which `job` is called with the function that defines a job
 * @param text the text of a function in it
 */
function lookUp(module: string, name: string, text = `e => e.n > ${name}`, params: object = {}) {
  const define = /^job\((.*)\)$/m.exec(module)![1]!
  return outerOf({ define, params, module: () => module }).constant(name, text)
}
/** The job's function alone. */
const inJob = (define: string, name: string, text = `e => e.n > ${name}`, params: object = {}) =>
  outerOf({ define, params }).constant(name, text)

const job = (before: string, after = '') =>
  `${before}\njob((s) => s.filter(e => e.n > X))${after && `\n${after}`}`

describe('parameters of the job', () => {
  it.each([
    [
      '(s, params) => s.filter(e => e.n > params.min)',
      'params',
      'e => e.n > params.min',
      { min: 5, input: 'x' },
    ],
    ['(s, p) => { s.filter(e => e.n > p.min) }', 'p', 'e => e.n > p.min', { min: 5, input: 'x' }],
    ['function (s, p) { s.filter(e => e.n > p.min) }', 'p', 'e => e.n > p.min', { min: 5, input: 'x' }],
    ['(s, { min }) => s.filter(e => e.n > min)', 'min', undefined, 5],
    ['(s, { min: X }) => s.filter(e => e.n > X)', 'X', undefined, 5],
    ['(s, { min = 3 }) => s.filter(e => e.n > min)', 'min', undefined, 5],
    ['(s, params) => { const { min } = params; s.filter(e => e.n > min) }', 'min', undefined, 5],
    ['(s, params) => { const X = params.min * 2; s.filter(e => e.n > X) }', 'X', undefined, 10],
    [
      '(s, p) => { const f = () => s.filter(e => e.n > p.min); f() }',
      'p',
      'e => e.n > p.min',
      { min: 5, input: 'x' },
    ],
    ['(s, { min }) => s.a(e => e.n > min).b(e => e.n > min)', 'min', undefined, 5],
    ['(s, { min }) => s.a(e=>e.n>min)', 'min', undefined, 5],
    ['define(s, { min }) { s.filter(e => e.n > min) }', 'min', undefined, 5],
  ])('%s', (define, name, text, value) => {
    const found = inJob(define, name, text, { min: 5, input: 'x' })
    expect(found?.value).toEqual(value)
  })

  it.each([
    ['another parameter', '(s, params, X) => s.filter(e => e.n > X)'],
    ['the first one', '(X, params) => X.filter(e => e.n > X)'],
    ['one of an inner function', '(s, p) => [1, 2].map((X) => s.filter(e => e.n > X))'],
    ['one that is assigned to', '(s, { min: X }) => { X = 3; s.filter(e => e.n > X) }'],
    ['one that is counted up', '(s, { min: X }) => { X++; s.filter(e => e.n > X) }'],
    ['one that is assigned by a pattern', '(s, { min: X }) => { [X] = [3]; s.filter(e => e.n > X) }'],
    ['one that is assigned by a loop', '(s, { min: X }) => { for (X of [1]) s.filter(e => e.n > X) }'],
    ['one that was not given', '(s, { other: X }) => s.filter(e => e.n > X)'],
    ['the rest', '(s, { ...X }) => s.filter(e => e.n > X)'],
    ['one that is hidden', '(s, { min: X }) => { { const X = f(); s.filter(e => e.n > X) } }'],
    [
      'two meanings of one text',
      '(s, { min: X }) => { s.filter(e => e.n > X); { const X = 3; s.filter(e => e.n > X) } }',
    ],
    ['where text is run', '(s, { min: X }) => { eval("X = 3"); s.filter(e => e.n > X) }'],
    [
      'where parameters have numbers',
      'function (s, { min: X }) { arguments[1] = 3; s.filter(e => e.n > X) }',
    ],
    ['a text that is not there', '(s, { min: X }) => s.filter(e => e.n >= X)'],
  ])('not: %s', (_, define) => {
    expect(inJob(define, 'X', undefined, { min: 5 })).toBeUndefined()
  })
})

describe('constants', () => {
  it.each([
    ['const X = 5', 5],
    ['const X = -5', -5],
    ["const X = 'a'", 'a'],
    ['const X = `a`', 'a'],
    ['const X = true', true],
    ['const X = !0', true],
    ['const X = null', null],
    ['const X = undefined', undefined],
    ['const X = Infinity', Number.POSITIVE_INFINITY],
    ['const X = 60 * 1000', 60_000],
    ['const MINUTE = 60 * 1000; const X = 5 * MINUTE', 300_000],
    ["const X = 'a' + 'b'", 'ab'],
    ['var X = 5', 5],
    ['let X = 5', 5],
    ['export const X = 5', 5],
    ['const X = [1, 2]', [1, 2]],
    ["const X = { a: 1, 'b': [2] }", { a: 1, b: [2] }],
    ['const X = Object.freeze([1, 2])', [1, 2]],
    ['export const X = Object.freeze({ a: 1 })', { a: 1 }],
    ['const X = Object.freeze([1, 2]); f(X)', [1, 2]],
    ['const A = Object.freeze({ a: 1 }); const { a: X } = A; f(A)', 1],
    ['const A = { a: 1 }; const X = A.a', 1],
    ['const X = 5; f(X)', 5],
    ['const X = { a: 1, b: [2] }; f({ a: X.a, b: X.b[0] }, f[X.a])', { a: 1, b: [2] }],
    ['const X = [1, 2]; X.includes(1); f(...X, X[0], X.length, X.map((x) => x + 1))', [1, 2]],
  ])('%s', (before, value) => {
    const isObject = typeof value === 'object' && value !== null
    const use = !isObject ? 'e => e.n > X' : Array.isArray(value) ? 'e => X.includes(e.n)' : 'e => e.n > X.a'
    const module = `${before}\njob((s) => s.filter(${use}))`
    const found = lookUp(module, 'X', use)
    expect(found).toEqual({ value })
    // the same inside the job's function
    if (!before.startsWith('export')) {
      expect(inJob(`(s) => { ${before}; s.filter(${use}) }`, 'X', use)).toEqual({ value })
    }
  })

  it.each([
    ['no value that is written', 'const X = f()'],
    ['of the surroundings', 'const X = process.env.X'],
    ['assigned to', 'let X = 5; X = 6'],
    ['assigned to further down', 'let X = 5', 'export const change = () => { X = 6 }'],
    ['counted up', 'let X = 5; const f = () => X++'],
    ['assigned to by a pattern', 'let X = 5; ({ a: X } = { a: 6 })'],
    ['assigned to by a loop', 'let X = 5; for (X in {}) ;'],
    ['declared twice', 'var X = 5; var X = 6'],
    ['reached or not', 'if (f()) { var X = 5 }'],
    ['declared after it', '', 'const X = 5'],
    ['imported', "import { X } from './x.js'"],
    ['a function', 'function X() {}'],
    ['a class', 'class X {}'],
    ['of a loop', 'for (const X of [1]) job2()'],
    ['a regular expression', 'const X = /a/'],
    ['a bigint', 'const X = 5n'],
    ['made of what is not known', 'const X = [f()]'],
    ['a prototype', 'const X = { __proto__: null }'],
    ['a frozen list of lists', 'const X = Object.freeze([[1]]); f(X)'],
    ['frozen by somebody else', 'const Object = f(); const X = Object.freeze([1]); f(X)'],
    ['a member that is not there', 'const A = { a: 1 }; const X = A.b'],
    ['inherited', 'const A = { a: 1 }; const X = A.toString'],
    ['declared by itself', 'const X = X + 1'],
  ])('not: %s', (_, before, after?: string) => {
    expect(lookUp(job(before, after), 'X')).toBeUndefined()
  })

  it.each([
    ['given away', 'f(X)'],
    ['exported', 'export { X }'],
    ['exported as default', 'export default X'],
    ['another name', 'const other = X'],
    ['an element is set', 'X[0] = 5'],
    ['a field is set', 'X.a = 5'],
    ['a field is deleted', 'delete X.a'],
    ['counted up', 'X[0]++'],
    ['a field is set by a pattern', '[X.a] = [1]; ({ b: X.b } = {})'],
    ['a field is set by a loop', 'for (X.a of [1]) ;'],
    ['pushed to', 'X.push(3)'],
    ['sorted', 'X.sort()'],
    ['pushed to by another name', "X['push'](3)"],
    ['given away while walking', 'X.map((x, i, all) => all.push(1))'],
    ['walked by a function', 'X.map(f)'],
    ['in a record', 'f({ X })'],
  ])('not a list that is changed: %s', (_, after) => {
    const module = `const X = [1, 2]\n${'job((s) => s.filter(e => X.includes(e.n)))'}\n${after}`
    expect(lookUp(module, 'X', 'e => X.includes(e.n)')).toBeUndefined()
  })

  it.each([
    ['a list in it is changed', 'X.a.push(1)'],
    ['a list in it gets a name', 'const a = X.a'],
    ['it is copied, with the list in it', 'f({ ...X })'],
    ['its parts are given away', 'for (const a of [X.a]) f(a)'],
  ])('not a record of lists: %s', (_, after) => {
    const module = `const X = { a: [1], b: 1 }\njob((s) => s.filter(e => e.n > X.b))\n${after}`
    expect(lookUp(module, 'X', 'e => e.n > X.b')).toBeUndefined()
    expect(lookUp(module.slice(0, -after.length), 'X', 'e => e.n > X.b')).toBeDefined()
  })
})

describe('the module', () => {
  it('is not used where the job is not found in it', () => {
    const define = '(s) => s.filter(e => e.n > X)'
    const module = () => 'const X = 5\njob((s) => s.filter(e => e.n >= X))'
    expect(outerOf({ define, params: {}, module }).constant('X', 'e => e.n > X')).toBeUndefined()
  })

  it('is not used where the job is found twice', () => {
    expect(lookUp(job('const X = 5'), 'X')).toEqual({ value: 5 })
    const define = '(s) => s.filter(e => e.n > X)'
    const module = () => `{ const X = 5; job(${define}) }\n{ const X = 6; job(${define}) }`
    expect(outerOf({ define, params: {}, module }).constant('X', 'e => e.n > X')).toBeUndefined()
  })

  it('may hold functions outside the job', () => {
    const module = 'const X = 5\nconst keep = e => e.n > X\njob((s) => s.filter(keep))'
    expect(lookUp(module, 'X')).toEqual({ value: 5 })
  })

  it('is found with other spaces, quotes and comments', () => {
    const module = () => `const X = "a"\njob((s)=>s.filter( e => e.s === 'b' || e.s === X /* here */ ))`
    const define = '(s) => s.filter((e) => e.s === "b" || e.s === X)'
    expect(outerOf({ define, params: {}, module }).constant('X', '(e) => e.s === "b" || e.s === X')).toEqual({
      value: 'a',
    })
  })

  it.each([
    ['takes out types', '(s) => s.filter((e) => e.n > X)', '(s)=>s.filter(e   =>e.n>X       )'],
    [
      'gives functions their names',
      '(s) => s.filter((e) => e.n > X)',
      '(s) => s.filter(__name((e) => e.n > X, "f"))',
    ],
    [
      'leaves imports alone',
      '(s) => s.from(lines(a)).filter((e) => e.n > X)',
      '(s) => s.from(lines(a)).filter((e) => e.n > X)',
    ],
    [
      'makes imports properties',
      '(s) => s.from(lines(a)).filter((e) => e.n > X).to({ stdout }, read())',
      '(s) => s.from((0, __vi_import_0__.lines)(__vi_import_1__.default)).filter((e) => e.n > X).to({ stdout: __vite_ssr_import_2__.stdout }, (0, __vi_import_3__.readAll)())',
    ],
  ])('is found where a tool %s', (_, written, define) => {
    const imports = "import a, { lines, stdout, readAll as read } from 'a'"
    const find = (module: string) =>
      outerOf({ define, params: {}, module: () => module }).constant('X', '(e) => e.n > X')
    expect(find(`${imports}\nconst X = 5\njob(${written})`)).toEqual({ value: 5 })
    expect(find(`${imports}\nconst X = 5\njob(${written.replace('filter', 'other')})`)).toBeUndefined()
  })

  it('may be large', () => {
    const module = () =>
      `const X = 5\njob((s) => s.filter((e) => e.n > X))\n${'(() => { let a = [1]; return (b) => a[b] + 1 })();\n'.repeat(20_000)}`
    const start = performance.now()
    const outer = outerOf({ define: '(s) => s.filter((e) => e.n > X)', params: {}, module })
    expect(outer.constant('X', '(e) => e.n > X')).toEqual({ value: 5 })
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it('is read only for a function that needs it', () => {
    let reads = 0
    const module = () => {
      reads++
      return undefined
    }
    const outer = outerOf({ define: '(s) => 1', params: {}, module })
    expect(reads).toBe(0)
    outer.constant('X', 'e => X')
    expect(reads).toBe(1)
  })
})
