/** Reducers of a record that are sums of each field, and those that only look so. */
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import { sumsOf } from '../../src/expression/sums.ts'
import type { Expression } from '../../src/expression/tree.ts'
import { INTEGER, NUMBER, nullable, numberOf, STRING, structOf, TIMESTAMP } from '../../src/schema/type.ts'
import { functionOf } from './oracle.ts'

const REDUCED = structOf([
  { name: 'n', type: NUMBER },
  { name: 'total', type: numberOf('any') },
  { name: 'maybe', type: nullable(NUMBER) },
  { name: 'text', type: STRING },
])
const RECORD = structOf([
  { name: 'v', type: NUMBER },
  { name: 'i', type: nullable(INTEGER) },
  { name: 'n', type: NUMBER },
  { name: 's', type: STRING },
  { name: 'at', type: TIMESTAMP },
])

const sums = (text: string) => sumsOf(compile(functionOf(text), [REDUCED, RECORD]))
/** The tree of an expression of the record, which is the second input. */
function added(text: string): Expression {
  const compilation = compile(functionOf(`(acc, e) => ${text}`), [REDUCED, RECORD])
  if (!compilation.ok) throw new Error(compilation.why)
  return compilation.body
}

describe('sums of fields', () => {
  it.each([
    ['(acc, e) => ({ n: acc.n + 1, total: acc.total + e.v })', { n: '1', total: 'e.v' }],
    ['(acc, e) => ({ total: e.v * 2 + acc.total })', { total: 'e.v * 2' }],
    [
      '({ n, total }, { v }) => { const m = n + 1; return { n: m, total: total + v } }',
      { n: '1', total: 'e.v' },
    ],
    ['(acc, e) => ({ n: acc.n + (e.v > 1 ? 1 : 0) })', { n: 'e.v > 1 ? 1 : 0' }],
    ['(a, b) => ({ n: a.n + b.n })', { n: 'e.n' }],
    ['(acc, e) => ({ n: acc.n + e.i })', { n: 'e.i ?? 0' }],
    ['(acc, e) => ({ n: acc.n + e.s.indexOf("a") })', { n: 'e.s.indexOf("a")' }],
  ])('%s', (text, expected) => {
    const found = sums(text)!
    expect(found.map(({ field }) => field)).toEqual(Object.keys(expected))
    expect(found.map((each) => each.added)).toEqual(Object.values(expected).map(added))
  })

  it.each([
    '(acc, e) => acc.n + e.v',
    '(acc, e) => ({ n: acc.n + 1, total: acc.total * 2 })',
    '(acc, e) => ({ n: acc.n + acc.n })',
    '(acc, e) => ({ n: acc.n + acc.total * e.v })',
    '(acc, e) => ({ n: acc.total + 1 })',
    '(acc, e) => ({ n: e.n + 1 })',
    '(acc, e) => ({ n: acc.n - 1 })',
    '(acc, e) => ({ n: acc.n })',
    '(acc, e) => ({ n: (acc.n + e.v) + e.n })',
    '(acc, e) => ({ maybe: acc.maybe + 1 })',
    '(acc, e) => ({ text: acc.text + e.s })',
    '(acc, e) => ({ n: e.v > 1 ? acc.n + 1 : acc.n })',
    '(acc, e) => { const day = new Date(acc.n).toISOString(); return { n: acc.n + 1 } }',
  ])('not %s', (text) => {
    expect(compile(functionOf(text), [REDUCED, RECORD]).ok).toBe(true)
    expect(sums(text)).toBeUndefined()
  })

  it('not what does not compile', () => {
    expect(sums('(acc, e) => ({ n: acc.n + limit })')).toBeUndefined()
  })
})
