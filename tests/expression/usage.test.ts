/** What a function is found to use of its arguments: too much is slow, too little would be wrong. */
import { describe, expect, it } from 'vitest'
import { usage } from '../../src/expression/usage.ts'
import { functionOf } from './oracle.ts'

const CASES: readonly (readonly [string, readonly (readonly string[] | 'all')[] | 'all'])[] = [
  ['e => e.a + e.b.c', [['a', 'b']]],
  ["e => e['a']", [['a']]],
  ['e => 1', [[]]],
  ['() => 1', []],
  ['e => e', ['all']],
  ['e => f(e)', ['all']],
  ['e => ({ ...e })', ['all']],
  ['e => ({ e })', ['all']],
  ['e => ({ e: e.a })', [['a']]],
  ['e => e[e.a]', ['all']],
  ['e => x.e + e.a', [['a']]],
  ['e => x[e]', ['all']],
  ['e => { const f = () => e.b; return e.a + f() }', [['a', 'b']]],
  ['e => { for (const k in e) return k }', ['all']],
  ['e => { e.a = 1; return e.b }', [['a', 'b']]],
  ['({ a, b: { c } }) => a + c', [['a', 'b']]],
  ['({ a, ...rest }) => rest', ['all']],
  ['({ [x]: a }) => a', ['all']],
  ['({ a } = {}) => a', [['a']]],
  ['(e, ctx) => ctx.random() * e.a', [['a'], ['random']]],
  ['(e, { interval }) => interval.fromMs', [[], ['interval']]],
  ['function (e) { return arguments[0].b + e.a }', 'all'],
  ['e => eval("e.b") + e.a', 'all'],
  ['(...args) => args[0].a', 'all'],
  ['{ method(e) { return e.a } }', [['a']]],
  ['async e => await e.a', [['a']]],
]

describe('usage', () => {
  it.each(CASES)('%s', (text, expected) => {
    const value = functionOf(text) as unknown as Function | { method: Function }
    const used = usage(typeof value === 'function' ? value : value.method)
    expect(used === 'all' ? used : used.map((each) => (each === 'all' ? each : [...each].sort()))).toEqual(
      expected,
    )
  })

  it('knows nothing of a function without a text', () => {
    expect(usage(Math.max)).toBe('all')
    expect(usage(((e: unknown) => e).bind(null))).toBe('all')
  })
})
