/** What every refusal of a lambda has to be: the construct, and two sentences, why and cure. */
import { expect } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import type { Refusal } from '../../src/expression/tree.ts'
import { functionOf, RECORD } from './oracle.ts'

/** The refusal of a lambda over `RECORD`, with the sentences that were asked for; an error where it compiles. */
export function expectRefusal(text: string, why: RegExp, cure: RegExp): Refusal {
  const compilation = compile(functionOf(text), [RECORD])
  if (compilation.ok) throw new Error(`${text} was compiled`)
  expect(compilation.why).toMatch(why)
  expect(compilation.cure).toMatch(cure)
  for (const sentence of [compilation.why, compilation.cure]) expect(sentence).toMatch(/^[A-Z`].*[^.]\.$/)
  return compilation
}
