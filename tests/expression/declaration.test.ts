/** The declaration of what a function returns that is shown where it does not compile. */
import { expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import { functionOf, RECORD } from './oracle.ts'

it.each([
  [
    'e => ({ name: unknown(e.s), n: e.n, i: e.i, at: e.at, label: e.label, ok: e.n > 1 })',
    "{ name: ..., n: 'number', i: 'integer', at: 'timestamp', label: 'string?', ok: 'boolean' }",
  ],
  [
    'e => { const k = unknown(e); return { k, words: e.words, "a b": e.boss } }',
    "{ k: ..., words: 'string[]', \"a b\": nullable({ name: 'string?', level: 'number', title: 'string' }) }",
  ],
  [
    '({ s }) => ({ s, inner: { deep: unknown(s), t: s.trim() } })',
    "{ s: 'string', inner: { deep: ..., t: 'string' } }",
  ],
  ['e => [{ a: unknown(e), b: e.s }]', "[{ a: ..., b: 'string' }]"],
  ['e => ({ ...e.user.home, [e.s]: unknown(1) })', '...'],
  ['e => unknown(e.s)', '...'],
  ['(e, ctx) => ({ at: ctx.interval.fromMs, s: e.s })', "{ at: ..., s: 'string' }"],
] as const)('%s', (text, expected) => {
  const refusal = compile(functionOf(text), [RECORD], { context: { params: {} } })
  expect(refusal).toMatchObject({ ok: false, returns: expected })
})
