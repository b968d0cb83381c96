/** A chain of map, filter, flatMap and sample becomes one step; a branch ends it. */
import { describe, expect, test } from 'vitest'
import { collectRows, count, fromArray, job } from '../../src/index.ts'
import { fuse } from '../../src/plan/fuse.ts'
import type { Step } from '../../src/plan/step.ts'
import { buildPlan, type Scope } from '../../src/stream/job.ts'

const build = (define: (s: Scope) => unknown) =>
  buildPlan(job('fused', { interval: '1s' }, define as (s: Scope) => void))
const words = () => fromArray([], 'string')
const out = () => collectRows<any>()

/** A step as `kind(operations) <- parents`. */
const text = ({ kind, parents, ...step }: Step): string =>
  `${kind}${'operations' in step ? `(${step.operations.map((operation) => operation.kind).join()})` : ''}${parents.length > 0 ? ` <- ${parents.join()}` : ''}`
const shape = (define: (s: Scope) => unknown): string[] => build(define).steps.map(text)

describe('fusing', () => {
  test('a chain is one select', () => {
    expect(
      shape((s) =>
        s
          .from(words())
          .map((w) => w.trim())
          .filter((w) => w !== '')
          .flatMap((w) => w.split(','))
          .sample(0.5)
          .to('out', out()),
      ),
    ).toEqual(['source', 'select(map,filter,flatMap,sample) <- 0', 'sink <- 1'])
  })

  test('ends where two steps go on from one', () => {
    expect(
      shape((s) => {
        const trimmed = s
          .from(words())
          .map((w) => w.trim())
          .filter((w) => w !== '')
        trimmed
          .filter((w) => w !== 'a')
          .map((w) => `${w}!`)
          .to('one', out())
        trimmed.map((w) => `${w}?`).to('two', out())
      }),
    ).toEqual([
      'source',
      'select(map,filter) <- 0',
      'select(filter,map) <- 1',
      'sink <- 2',
      'select(map) <- 1',
      'sink <- 4',
    ])
  })

  test('does not cross a sink, a union, an aggregate or a window', () => {
    expect(
      shape((s) => {
        const filtered = s.from(words()).filter((w) => w !== '')
        filtered.to('seen', out())
        filtered
          .map((w) => w.trim())
          .union(s.from(words()))
          .map((w) => `${w}.`)
          .window('2s')
          .filter((w) => w !== 'x')
          .countByValue()
          .filter((r) => r.count > 1)
          .to('out', out())
      }),
    ).toEqual([
      'source',
      'select(filter) <- 0',
      'sink <- 1',
      'select(map) <- 1',
      'source',
      'union <- 3,4',
      'select(map) <- 5',
      'window <- 6',
      'select(filter) <- 7',
      'aggregate <- 8',
      'select(filter) <- 9',
      'sink <- 10',
    ])
  })

  test('the last name is kept, and rejects still belong to their source', () => {
    const plan = build((s) => {
      s.from(words(), 'first')
        .map((w) => w.trim())
        .filter((w) => w !== '')
        .to('one', out())
      const second = s.from(words(), 'second')
      second
        .filter((w) => w !== '')
        .map((w) => w.trim())
        .to('two', out())
      second.rejects.aggregate({ n: count() }).to('bad', out())
    })
    const rejects = plan.steps.find((step) => step.kind === 'source' && step.output === 'rejects')!
    expect(plan.steps[(rejects as { of: number }).of]!.name).toBe('second')
    expect(plan.steps.map(({ name }) => name)).not.toContain('select')
    for (const step of plan.steps)
      if (step.kind === 'source' && step.output === 'records') expect(step.of).toBe(step.id)
  })

  test('fusing again changes nothing', () => {
    const plan = build((s) =>
      s
        .from(words())
        .map((w) => w.trim())
        .filter((w) => w !== '')
        .countByValue()
        .map((r) => r.value)
        .to('out', out()),
    )
    expect(fuse(plan).steps.map(text)).toEqual(plan.steps.map(text))
  })
})
