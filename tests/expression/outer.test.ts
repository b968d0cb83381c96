/**
 * Variables from outside: what is known of them for sure compiles, and whatever is not runs as JavaScript.
 *
 * Each job is built of text, so that its module is known; its plan tells what compiled, and a run that it is right.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { lambdasOf } from '../../src/plan/plan.ts'
import { buildPlan, type Job } from '../../src/stream/job.ts'

const directory = mkdtempSync(join(tmpdir(), 'dstreams-outer-'))
afterAll(() => rmSync(directory, { recursive: true }))

const API = pathToFileURL(join(import.meta.dirname, '../../src/index.ts')).href
let modules = 0

/** The job of a module whose job filters numbers `e.n` by a function that is written in it. */
async function jobOf({
  top = '',
  inside = '',
  filter = 'e => e.n > limit',
  params = 'params',
  options = '',
}): Promise<Job> {
  const path = join(directory, `job${modules++}.mjs`)
  writeFileSync(
    path,
    `import { collectRows, count, fromArray, job } from '${API}'
${top}
export default job('outer', { interval: '1s'${options} }, (s, ${params}) => {
  ${inside}
  s.from(fromArray([], { n: 'integer', text: 'string' })).filter(${filter}).to('out', collectRows())
})
`,
  )
  return ((await import(/* @vite-ignore */ path)) as { default: Job }).default
}

/** What became of the filter: the constants in its tree, or why it is not compiled. */
async function filterOf(parts: Parameters<typeof jobOf>[0], params: Record<string, string | number> = {}) {
  const plan = buildPlan(await jobOf(parts), { params })
  const { compiled } = plan.steps.flatMap(lambdasOf)[0]!.lambda
  if (!compiled.ok) return compiled.why
  const values: unknown[] = []
  JSON.stringify(compiled.body, (_, node) => {
    if (node?.kind === 'literal') values.push(node.value)
    return node
  })
  return values
}

describe('known', () => {
  it.each([
    ['a constant of the module', { top: 'const limit = 5' }, [5]],
    ['let that nothing assigns to', { top: 'let limit = 5' }, [5]],
    ['var, as bundlers write it', { top: 'var limit = 5' }, [5]],
    ['a text', { top: "const name = 'x\\u00e9'", filter: 'e => e.text === name' }, ['xé']],
    ['a negative number', { top: 'const limit = -1.5' }, [-1.5]],
    ['arithmetic of literals', { top: 'const limit = 60 * 1000 + 2 ** 3' }, [60_008]],
    ['a constant made of another', { top: 'const a = 5\nconst limit = a * 2' }, [10]],
    ['a template without holes', { top: 'const name = `abc`', filter: 'e => e.text === name' }, ['abc']],
    ['an exported constant', { top: 'export const limit = 5' }, [5]],
    ['a constant in the job', { inside: 'const limit = 7' }, [7]],
    ['the nearest of two', { top: 'const limit = 1', inside: 'const limit = 7' }, [7]],
    [
      'a field of a frozen object',
      { top: 'const limits = Object.freeze({ min: 3 })', filter: 'e => e.n > limits.min' },
      [3],
    ],
    [
      'a field of an object that is only read',
      {
        top: 'const limits = { min: 3, inner: { max: 9 } }',
        filter: 'e => e.n > limits.min && e.n < limits.inner.max',
      },
      [3, 9],
    ],
    ['a list', { top: "const names = ['a', 'b']", filter: 'e => names.includes(e.text)' }, ['a', 'b']],
    ['taken out of an object', { top: 'const { min: limit } = { min: 4 }' }, [4]],
    [
      'a function of the module',
      { top: 'const limit = 5\nconst keep = e => e.n > limit', filter: 'keep' },
      [5],
    ],
  ] as const)('%s', async (_, parts, expected) => {
    expect(await filterOf(parts)).toEqual(expected)
  })

  it('parameters of the job, under any name and taken apart', async () => {
    const options = ", params: { min: 'number', name: { default: 'ann' } }"
    expect(
      await filterOf({ options, filter: 'e => e.n > params.min && e.text !== params.name' }, { min: 5 }),
    ).toEqual([5, 'ann'])
    expect(await filterOf({ options, params: 'p', filter: 'e => e.n > p.min' }, { min: 6 })).toEqual([6])
    expect(await filterOf({ options, params: '{ min }', filter: 'e => e.n > min' }, { min: 7 })).toEqual([7])
    expect(await filterOf({ options, inside: 'const { min: limit } = params' }, { min: 8 })).toEqual([8])
    expect(await filterOf({ options, inside: 'const limit = params.min' }, { min: '9' })).toEqual([9])
  })

  it('what is passed beside the function', async () => {
    expect(await filterOf({ filter: '(e, { params }) => e.n > params.min, { min: 5 }' })).toEqual([5])
    expect(await filterOf({ filter: '(e, ctx) => e.n > ctx.params.min, { min: 6 }' })).toEqual([6])
    expect(await filterOf({ filter: '(e, { params: { min } }) => e.n > min, { min: 7 }' })).toEqual([7])
  })
})

describe('not known', () => {
  it.each([
    ['let that is changed', { top: 'let limit = 5\nlimit = 6' }],
    ['var that is counted up', { top: 'var limit = 5\nlimit++' }],
    ['a variable that a loop assigns', { top: 'let limit = 5\nfor (limit of [6]) {}' }],
    [
      'a variable that is taken out of an object later',
      { top: 'let limit = 5;\n({ limit } = { limit: 6 })' },
    ],
    ['var that is declared twice', { top: 'var limit = 5\nvar limit = 6' }],
    ['var that may not be reached', { inside: 'if (s === 5) { var limit = 5 }' }],
    ['let without a value', { top: 'let limit' }],
    ['a call', { top: 'const limit = Number("5")' }],
    ['an import', { top: "import { sep as limit } from 'node:path'" }],
    ['a function', { top: 'function limit() {}' }],
    [
      'a parameter of a function in between',
      { top: 'const limit = 1', filter: '((limit) => e => e.n > limit)(5)' },
    ],
    ['a variable in between', { top: 'const limit = 1', inside: 'var limit = Number(2)' }],
    [
      'an object that is changed',
      { top: 'const limits = { min: 3 }\nlimits.min = 4', filter: 'e => e.n > limits.min' },
    ],
    [
      'an object that is changed further down',
      {
        top: 'const limits = { inner: { min: 3 } }\nlimits.inner.min = 4',
        filter: 'e => e.n > limits.inner.min',
      },
    ],
    [
      'an object that is passed on',
      {
        top: 'const limits = { min: 3 }\nObject.assign(limits, { min: 4 })',
        filter: 'e => e.n > limits.min',
      },
    ],
    [
      'an object under another name',
      {
        top: 'const limits = { min: 3 }\nconst other = limits\nother.min = 4',
        filter: 'e => e.n > limits.min',
      },
    ],
    [
      'a list that is changed',
      { top: "const names = ['a']\nnames.push('b')", filter: 'e => names.includes(e.text)' },
    ],
    [
      'a part that is an object and goes elsewhere',
      {
        top: 'const limits = { inner: { min: 3 } }\nconst i = limits.inner\ni.min = 4',
        filter: 'e => e.n > limits.inner.min',
      },
    ],
    [
      'an exported object that others may change',
      { top: 'export const limits = { min: 3 }', filter: 'e => e.n > limits.min' },
    ],
    ['a default', { top: 'const { limit = 5 } = {}' }],
    [
      'a name that the function declares too',
      { top: 'const limit = 5', filter: 'e => { const a = e.n > limit; const limit = 1; return a }' },
    ],
    [
      'the name of an inner function',
      { top: 'const f = 5', filter: 'e => [e.n].map(function f(n) { return f === n })[0]' },
    ],
    [
      'a parameter that is assigned to',
      { params: '{ min: limit }', inside: 'limit = 3', options: ', params: { min: { default: 5 } }' },
    ],
    ['anything where text is run', { top: 'const limit = 5', inside: 'eval("1")' }],
    [
      'what is inside of a frozen object and changed',
      {
        top: 'const limits = Object.freeze({ inner: { min: 3 } })\nlimits.inner.min = 4',
        filter: 'e => e.n > limits.inner.min',
      },
    ],
    ['-0', { top: 'const limit = -0', filter: 'e => e.n / limit > 0' }],
  ] as const)('%s', async (_, parts) => {
    expect(await filterOf(parts)).toEqual(expect.any(String))
  })

  it('the same text at two places that mean different things', async () => {
    const inside = `const a = ((limit) => { const other = e => e.n > limit; return other })(1); const limit = 7`
    expect(await filterOf({ inside })).toMatch(/variable from outside/)
  })

  it('a parameter that was not given names itself when it is read', async () => {
    const options = ", params: { min: 'number' }"
    expect(await filterOf({ options, filter: 'e => e.n > params.min' })).toMatch(/no field `min`/)
  })

  it('the context beyond its constants', async () => {
    expect(await filterOf({ filter: '(e, ctx) => ctx.interval.index > 0' })).toMatch(
      /when the record is computed/,
    )
    expect(await filterOf({ filter: '(e, { random }) => random() > 0.5' })).toMatch(
      /when the record is computed/,
    )
    expect(await filterOf({ filter: '(e, { params }) => e.n > params.max, { min: 5 }' })).toMatch(
      /no field `max`/,
    )
  })
})
