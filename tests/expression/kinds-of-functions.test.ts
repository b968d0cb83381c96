/** Functions of every kind that JavaScript has: what has a text of its own compiles, and the rest says why not. */
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import { functionOf, RECORD } from './oracle.ts'

const compiled = (fn: Function) => compile(fn, [RECORD])
/** Written as text, because the loader of this test would rewrite it. */
const WANTED = compiled(functionOf('e => e.n > 1 && e.s !== ""'))

describe('functions that compile', () => {
  const body = 'e.n > 1 && e.s !== ""'
  const KINDS: readonly (readonly [string, Function])[] = [
    ['a function', functionOf(`function (e) { return ${body} }`)],
    ['a function with a name', functionOf(`function keep(e) { return ${body} }`)],
    ['a block body', functionOf(`(e) => { return ${body} }`)],
    ['strict', functionOf(`(e) => { "use strict"; return ${body} }`)],
    ['in parentheses', functionOf(`(e) => (${body})`)],
    ['with comments', functionOf(`(/* a record */ e) => /* kept? */ ${body} // yes`)],
    ['over lines', functionOf(`(\r\n e,\u2028) => {\n\r return ${body}\n}`)],
    ['a method', (functionOf(`{ keep(e) { return ${body} } }`) as any).keep],
    ['a method by a text', (functionOf(`{ 'to keep'(e) { return ${body} } }`) as any)['to keep']],
    ['a method by a computed name', (functionOf(`{ ['k' + 1](e) { return ${body} } }`) as any).k1],
    ['a method of a class', (functionOf(`class { keep(e) { return ${body} } }`) as any).prototype.keep],
    ['of the constructor Function', new Function('e', `return ${body}`)],
    ['of eval', functionOf(`eval("(e) => ${body.replaceAll('"', "'")}")`)],
    [
      'with a toString of its own',
      Object.assign(functionOf(`(e) => ${body}`), { toString: () => 'e => false' }),
    ],
    ['with properties', Object.assign(functionOf(`(e) => ${body}`), { call: null, apply: null })],
  ]

  it.each(KINDS)('%s', (_, fn) => {
    expect(WANTED.ok).toBe(true)
    expect(compiled(fn)).toEqual(WANTED)
  })
})

describe('functions that do not', () => {
  const CLASS = functionOf(
    'class { static keep(e) { return super.keep(e) } n(e) { return this.m } #p(e) {} get p() { return this.#p } }',
  ) as any
  const KINDS: readonly (readonly [string, Function, RegExp])[] = [
    ['bound', functionOf('e => e.s').bind(null), /native or bound/],
    ['native', String.prototype.trim, /native or bound/],
    ['a proxy', new Proxy(functionOf('e => e.s'), {}), /native or bound/],
    ['async', functionOf('async e => e.s'), /async/],
    ['an async method', (functionOf('{ async keep(e) { return e.s } }') as any).keep, /async/],
    ['a generator', functionOf('function* (e) { yield e.s }'), /generator/],
    ['a generator method', (functionOf('{ *keep(e) { yield e.s } }') as any).keep, /generator/],
    ['an async generator', functionOf('async function* (e) { yield e.s }'), /async/],
    ['a class', functionOf('class { constructor(e) { this.s = e.s } }'), /not a function/],
    [
      'a getter',
      Object.getOwnPropertyDescriptor(functionOf('{ get s() { return 1 } }'), 's')!.get!,
      /not a function/,
    ],
    ['a setter', Object.getOwnPropertyDescriptor(functionOf('{ set s(e) {} }'), 's')!.set!, /not a function/],
    ['a method that uses this', CLASS.prototype.n, /`this`/],
    ['a method that uses super', CLASS.keep, /can not be parsed|super/i],
    ['arguments', functionOf('function () { return arguments[0].s }'), /`arguments`|in brackets/],
    ['eval inside', functionOf('e => eval("e.s")'), /`eval`/],
    ['new.target', functionOf('function (e) { return new.target }'), /MetaProperty/],
  ]

  it.each(KINDS)('%s', (_, fn, why) => {
    const compilation = compiled(fn)
    if (compilation.ok) throw new Error('it was compiled')
    expect(compilation.why).toMatch(why)
    expect(compilation.cure).toMatch(/^[A-Z`].*\.$/)
  })

  it('a private method', () => {
    expect(compiled(new CLASS().p)).toMatchObject({
      ok: false,
      why: expect.stringMatching(/parsed|not a function|nothing/),
    })
  })
})
