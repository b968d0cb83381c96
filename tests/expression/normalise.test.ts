/**
 * The rules that undo what tools write, one by one: what each gives back, and what looks alike and has to stay, because
 * it means something else.
 */
import { isDeepStrictEqual } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import { parse, parseRewritten, type Source } from '../../src/expression/parse.ts'
import { functionOf, RECORD } from './oracle.ts'
import { forget, printed } from './tools.ts'

afterAll(forget)

/** A syntax tree without where it stands and how its constants are spelled. */
const shapeOf = (source: Source | undefined): unknown =>
  JSON.parse(
    JSON.stringify(source!.program, (key, value) =>
      ['start', 'end', 'raw', 'directive', 'tail', 'expression'].includes(key) && typeof value !== 'object'
        ? undefined
        : value,
    ),
  )

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the texts are programs
/** What tools write, and what stands for it. */
const REWRITTEN: readonly (readonly [string, string])[] = [
  // ?. and ??
  ['(e) => { var a; return (a = e.b) === null || a === void 0 ? void 0 : a.c }', '(e) => e.b?.c'],
  ['(e) => { var a; return null === (a = e.b) || void 0 === a ? void 0 : a.c }', '(e) => e.b?.c'],
  ['(e) => { var a; return void 0 === (a = e.b) || null === a ? void 0 : a.c }', '(e) => e.b?.c'],
  ['(e) => { var a; return null == (a = e.b) ? void 0 : a.c() }', '(e) => e.b?.c()'],
  ['(e) => { let a; return (a = e.b) == undefined ? undefined : a[e.c] }', '(e) => e.b?.[e.c]'],
  ['(e) => { var a; return (a = e.b) != null ? a.c.d : void 0 }', '(e) => e.b?.c.d'],
  ['(e) => { var a; return (a = e.b) == null ? 1 : a }', '(e) => e.b ?? 1'],
  ['(e) => { var a; return null !== (a = e.b) && void 0 !== a ? a : 1 }', '(e) => e.b ?? 1'],
  [
    '(e) => { var a, b; return null == (b = e.x) || null == (a = b.y) ? void 0 : a.z() }',
    '(e) => e.x?.y?.z()',
  ],
  [
    '(e) => { var a, b; return null === (b = e.x) || void 0 === b || null === (a = b.y) || void 0 === a ? void 0 : a.z }',
    '(e) => e.x?.y?.z',
  ],
  [
    '(e) => { var a, b; return (b = (a = e.x) == null ? void 0 : a.y) == null ? void 0 : b.z }',
    '(e) => e.x?.y?.z',
  ],
  ['(e) => { var a; return null !== (a = e.b) && void 0 !== a && a }', '(e) => e.b ?? false'],
  ['(e) => { var a; return null === (a = e.b) || void 0 === a || a }', '(e) => e.b ?? true'],
  ['(e) => { var a; return null != (a = e.b) && a ? 1 : 2 }', '(e) => e.b ? 1 : 2'],
  ['(e) => { var a; return null != (a = e.b) && a && e.c }', '(e) => (e.b ?? false) && e.c'],
  ['(e) => { var a; return null != (a = e.b) && a.c || e.d ? 1 : 2 }', '(e) => e.b?.c || e.d ? 1 : 2'],
  [
    '(e) => { var a; if (!(null !== (a = e.b) && void 0 !== a && a.c())) { return 1 } return 2 }',
    '(e) => { if (!e.b?.c()) { return 1 } return 2 }',
  ],
  ['(e) => e == null ? void 0 : e.a.b(e)[e.c]', '(e) => e?.a.b(e)[e.c]'],
  ['(e) => e !== null && e !== void 0 ? e : 1', '(e) => e ?? 1'],
  [
    '(e) => { var t; return [e.l.map(function (x) { var t; return (t = x.y) == null ? void 0 : t.z }), (t = e.b) != null ? t : 1] }',
    '(e) => [e.l.map((x) => x.y?.z), e.b ?? 1]',
  ],
  // Texts
  ['(e) => "".concat(e.a, "-").concat(e.b)', '(e) => `${e.a}-${e.b}`'],
  ['(e) => "a".concat(1, e.b, "c")', '(e) => `a${1}${e.b}c`'],
  // Spread
  ['(e) => __assign(__assign({}, e), { x: 1 })', '(e) => ({ ...e, x: 1 })'],
  ['(e) => __assign({ a: 1 }, e.b, e.c)', '(e) => ({ a: 1, ...e.b, ...e.c })'],
  ['(e) => _object_spread_props(_object_spread({}, e), { x: 1 })', '(e) => ({ ...e, x: 1 })'],
  ['(e) => __spreadProps(__spreadValues({}, e), { x: 1 })', '(e) => ({ ...e, x: 1 })'],
  ['(e) => Object.assign({}, e, { x: 1 })', '(e) => ({ ...e, x: 1 })'],
  ['(e) => Object.assign({}, { get a() { return e } })', '(e) => ({ ...{ get a() { return e } } })'],
  ['(e) => ({ ...{ x: e.b }, ...e })', '(e) => ({ x: e.b, ...e })'],
  ['(e) => __spreadArray(__spreadArray([], e.l, true), ["x"], false)', '(e) => [...e.l, "x"]'],
  ['(e) => [].concat(_to_consumable_array(e.l), ["x"])', '(e) => [...e.l, "x"]'],
  ['(e) => _to_consumable_array(e.l).concat(_to_consumable_array(e.k))', '(e) => [...e.l, ...e.k]'],
  // Small things
  ['(e) => [RegExp("a/b\\\\d", "ug"), RegExp("a")]', '(e) => [/a\\/b\\d/gu, /a/]'],
  ['(e) => [!0, !1, (0, f)(e)]', '(e) => [true, false, f(e)]'],
  ['(e) => Math.pow(e.a, __pow(e.b, 2))', '(e) => e.a ** e.b ** 2'],
  ['(e) => null === e.a || "x" != e.b', '(e) => e.a === null || e.b != "x"'],
  ['(e) => e.l.map(function (x) { return x.y })', '(e) => e.l.map((x) => x.y)'],
  [
    '(e) => { const f = __name((x) => x, "f"); __name(f, "f"); return f(e) }',
    '(e) => { const f = (x) => x; return f(e) }',
  ],
  // Coverage
  ['(e) => { cov_1a().f[0]++; cov_1a().s[1]++; return e.s }', '(e) => e.s'],
  [
    '(e) => { cov_1a().f[0]++; const x = (cov_1a().s[0]++, e.x); cov_1a().s[1]++; if (x) { cov_1a().b[0][0]++; cov_1a().s[2]++; return 1 } else { cov_1a().b[0][1]++ } cov_1a().s[3]++; return 2 }',
    '(e) => { const x = e.x; if (x) { return 1 } return 2 }',
  ],
  [
    '(e = (cov_1a().b[0][0]++, 1)) => (cov_1a().b[1][0]++, e.a) && (cov_1a().b[1][1]++, e.b) ? (cov_1a().b[2][0]++, 1) : (cov_1a().b[2][1]++, 2)',
    '(e = 1) => e.a && e.b ? 1 : 2',
  ],
  // Statements
  [
    '(e) => { let s = 0; return e.f ? s = 1 : s = 2, s }',
    '(e) => { let s = 0; if (e.f) { s = 1 } else { s = 2 } return s }',
  ],
  ['(e) => { let s = 0; e.f && (s = 1); return s }', '(e) => { let s = 0; if (e.f) { s = 1 } return s }'],
  [
    '(e) => { "use strict"; var a = e.x, b = a + 1, c; return b }',
    '(e) => { "use strict"; const a = e.x; const b = a + 1; return b }',
  ],
  [
    '(e) => { var a = e.x, y = a === void 0 ? 1 : a; return y }',
    '(e) => { const { x: y = 1 } = e; return y }',
  ],
]

/** What looks like it and is left as it is. */
const LEFT: readonly string[] = [
  // The temporary has another use, or is no temporary
  '(e) => { var a; return [(a = e.b) == null ? void 0 : a.c, a] }',
  '(e) => { var a; return [(a = e.b) == null ? void 0 : a.c, (a = e.c) == null ? 1 : a] }',
  '(e) => { var a = 1; return (a = e.b) == null ? void 0 : a.c }',
  '(e) => { var a; return (a = e.b) == null ? void 0 : a[a.c] }',
  '(e) => { var a; return (a = e.b) == null ? void 0 : a.c + a.d }',
  '(e) => (a = e.b) == null ? void 0 : a.c',
  '(e, a) => (a = e.b) == null ? void 0 : a.c',
  // Something else is tested, or comes out
  '(e) => { var a; return (a = e.b) === null ? void 0 : a.c }',
  '(e) => { var a; return (a = e.b) === null || e === void 0 ? void 0 : a.c }',
  '(e) => { var a; return (a = e.b) === null || a === null ? void 0 : a.c }',
  '(e) => { var a; return (a = e.b) == null ? null : a.c }',
  '(e) => { var a; return (a = e.b) != null || a !== void 0 ? a : 1 }',
  '(e, undefined) => { var a; return (a = e.b) == null ? undefined : a.c }',
  '(e) => { var a; return (a = e.b) == null ? void 0 : (a?.c).d }',
  '(e) => { var a; return (a = e.b) != null && a.c }',
  '(e) => { var a; return (a = e.b) == null || a.c ? 1 : 2 }',
  '(e) => { var a; return (a = e.b) == null && a ? 1 : 2 }',
  '(e) => [RegExp(e.s), RegExp("a", e.s), RegExp("(", ""), RegExp("a", "gg"), RegExp()]',
  '(e) => e.b == null ? void 0 : e.b.c',
  // A function that is called gets no receiver
  '(e) => { var a; return (a = e.b) == null ? void 0 : a(1) }',
  '(e) => (0, e.f)()',
  // Text that is run sees all names
  '(e) => { var a; return [(a = e.b) == null ? void 0 : a.c, eval("a")] }',
  // Not for sure a text
  '(e) => e.a.concat(e.b)',
  '(e) => "a".concat(...e.b)',
  // Not for sure a new object of fields only
  '(e) => Object.assign(e, { a: 1 })',
  '(e) => Object.assign({}, ...e)',
  '(e) => Object.assign({ __proto__: e }, e)',
  '(e) => Object.assign({ set a(x) {} }, e)',
  '(e) => _object_spread_props({}, e)',
  '(e) => ({ ...{ __proto__: e } })',
  // Not for sure a list
  '(e) => [].concat(e.a)',
  '(e) => [, 1].concat([2])',
  '(e) => [1].concat([, 2])',
  '(e) => __spreadArray(e.a, e.b, false)',
  '(e) => __spreadArray([], e.b)',
  // The function is declared here, and does what it wants
  '(e, __assign) => __assign({}, e)',
  '(e, __name) => __name((x) => x, "x")',
  '(e, Math) => Math.pow(e, 2)',
  '(e, Object) => Object.assign({}, e)',
  '(e, cov_1a) => (cov_1a().s[0]++, e)',
  // No counter
  '(e) => (cov_1a().x[0]++, e)',
  '(e) => (cov_1a(e).s[0]++, e)',
  '(e) => (cov_1a().s[e]++, e)',
  '(e) => (f(), e)',
  // What an arrow function has not
  '(e) => e.l.map(function (x) { return this.y + x })',
  '(e) => e.l.map(function () { return arguments.length })',
  '(e) => e.l.map(function f(x) { return x && f(x - 1) })',
  '(e) => e.l.map(function* (x) { yield x })',
  '(e) => e.l.map(async function (x) { return x })',
  // No constants
  '(e) => { var a = e.x; a = 1; return a }',
  '(e) => { let a = e.x; a++; return a }',
  '(e) => { const f = () => a; var a = 1; return f() }',
  '(e) => { const b = f(); var a = 1; function f() { return a } return b + a }',
  '(e) => { if (e.x) { var a = 1 } return a }',
  '(e) => { const a = e.x; const y = a === void 0 ? 1 : a; return y + a }',
]
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the texts are programs

describe('what tools write is undone', () => {
  it.each(REWRITTEN)('%s', (text, wanted) => {
    expect(shapeOf(parseRewritten(text))).toEqual(shapeOf(parse(wanted)))
    expect(shapeOf(parseRewritten(wanted))).toEqual(shapeOf(parse(wanted)))
  })
})

describe('what means something else stays', () => {
  it.each(LEFT)('%s', (text) => {
    expect(shapeOf(parseRewritten(text))).toEqual(shapeOf(parse(text)))
  })
})

describe('names', () => {
  it('are each of one variable, and what is written out means the same', async () => {
    const texts = [
      '(e) => { const x = 1; return [e].map((x) => { { let x = 2 } return x }).concat(x) }',
      '(e) => { var x = 1; { let x = 2; e = x } return [e, x] }',
      'function e(x) { return [typeof e, x, (function x(y) { return typeof x + y })(1)] }',
      '(e) => { try { throw e } catch (e) { var x = e } return [x, e] }',
      '(e) => { const { e: { x } = { x: 1 }, ...r } = { y: e }; return [x, r, ((e, r = e) => [e, r])(2)] }',
      '(e) => { let s = ""; for (let e = 0; e < 2; e++) { s += e } for (const e of [5]) { s += e } return s + e }',
      '(e) => { switch (e) { case 1: let e = 2; return e } return e }',
      '(e) => { l: { const l = e; break l } return ((l) => ({ l, e: l }))(e) }',
    ]
    const undone = await printed(texts)
    for (const [index, text] of texts.entries()) {
      for (const value of [1, 'a', 7]) {
        const wanted = outcome(functionOf(text), value)
        const got = outcome(undone[index]!, value)
        expect(isDeepStrictEqual(got, wanted), `${text}: ${undone[index]}`).toBe(true)
      }
    }
  })
})

function outcome(call: (value: unknown) => unknown, value: unknown): unknown {
  try {
    return call(value)
  } catch (error) {
    return (error as Error).name
  }
}

describe('refusals', () => {
  it('show the text as it is written, and where', () => {
    const text = '(e) => {\n  var _a;\n  return (_a = e.boss) == null ? void 0 : _a.nothing;\n}'
    const compilation = compile(functionOf(text), [RECORD])
    expect(compilation).toMatchObject({ ok: false, construct: '_a.nothing', line: 3, column: 43, text })
  })

  it('show what a call of a tool stands around', () => {
    const text = '(e) => [!0,\n e.s.nothing("".concat(e.s))]'
    expect(compile(functionOf(text), [RECORD])).toMatchObject({
      ok: false,
      construct: 'e.s.nothing("".concat(e.s))',
      line: 2,
      column: 2,
    })
  })
})
