/** What can be said of a plan before any interval: positions, how tables are kept, what is made and remembered. */
import { describe, expect, test } from 'vitest'
import { collect, collectRows, count, desc, first, fromArray, job, max, sum } from '../../src/index.ts'
import { Analysis } from '../../src/plan/analysis.ts'
import { explainPlan } from '../../src/plan/explain.ts'
import type { Step } from '../../src/plan/step.ts'
import { buildPlan, type Scope } from '../../src/stream/job.ts'

const CLICK = { user: 'string', ms: 'number' } as const
const clicks = () => fromArray([], CLICK)
const out = () => collectRows<any>()
const build = (define: (s: Scope) => unknown) =>
  buildPlan(job('analysed', { interval: '1s' }, define as (s: Scope) => void))
const analyse = (define: (s: Scope) => unknown): Analysis => new Analysis(build(define))

describe('positions are carried where a later step needs them, and only there', () => {
  const positions = (define: (s: Scope) => unknown): string => {
    const analysis = analyse(define)
    return analysis.plan.steps.map((step) => `${step.kind} ${analysis.positions[step.id]}`).join(', ')
  }
  test.each<[string, (s: Scope) => unknown, string]>([
    [
      'no order asked for',
      (s) =>
        s
          .from(clicks())
          .filter((c) => c.ms > 1)
          .aggregate({ n: count() })
          .to('out', out()),
      'source 0, select 0, aggregate 0, sink 0',
    ],
    [
      'first',
      (s) =>
        s
          .from(clicks())
          .filter((c) => c.ms > 1)
          .aggregate({ f: first((c) => c.ms) })
          .to('out', out()),
      'source 2, select 2, aggregate 0, sink 0',
    ],
    [
      'a sample of a source',
      (s) => s.from(clicks()).sample(0.5).to('out', out()),
      'source 2, select 0, sink 0',
    ],
    [
      'flatMap appends its index',
      (s) =>
        s
          .from(fromArray([], 'string'))
          .flatMap((l) => l.split(' '))
          .aggregate({ all: collect((w) => w) })
          .to('out', out()),
      'source 2, select 3, aggregate 0, sink 0',
    ],
    [
      'union: the branch, then the columns of all branches',
      (s) =>
        s
          .from(clicks())
          .union(s.from(clicks()))
          .aggregate({ f: first((c) => c.ms) })
          .to('out', out()),
      'source 2, source 2, union 5, aggregate 0, sink 0',
    ],
    [
      'through a window',
      (s) =>
        s
          .from(clicks())
          .window('3s')
          .aggregate({ f: first((c) => c.ms) })
          .to('out', out()),
      'source 2, window 2, aggregate 0, sink 0',
    ],
    [
      'through a bag',
      (s) =>
        s
          .from(clicks())
          .running()
          .aggregate({ f: first((c) => c.ms) })
          .to('out', out()),
      'source 2, state 2, aggregate 0, sink 0',
    ],
    [
      'top and sortBy need none',
      (s) =>
        s
          .from(clicks())
          .top(
            3,
            desc((c) => c.ms),
          )
          .to('out', out()),
      'source 0, order 0, sink 0',
    ],
    [
      'a reduction that is a sum needs none',
      (s) =>
        s
          .from(clicks())
          .groupBy(
            (c) => ({ user: c.user }),
            (c) => c.ms,
          )
          .reduce((a, b) => a + b)
          .to('out', out()),
      'source 0, aggregate 0, sink 0',
    ],
    [
      'any other reduction does',
      (s) =>
        s
          .from(clicks())
          .groupBy(
            (c) => ({ user: c.user }),
            (c) => c.ms,
          )
          .reduce((a, b) => a * b)
          .to('out', out()),
      'source 2, aggregate 0, sink 0',
    ],
    [
      'of two branches only the one that needs them',
      (s) => {
        const stream = s.from(clicks())
        stream
          .map((c) => c.ms)
          .aggregate({ f: first((ms) => ms) })
          .to('one', out())
        stream.map((c) => c.user).to('two', out())
      },
      'source 2, select 2, aggregate 0, sink 0, select 0, sink 0',
    ],
  ])('%s', (_, define, expected) => {
    expect(positions(define)).toBe(expected)
  })
})

describe('how a table is kept', () => {
  const grouped = (s: Scope) => s.from(clicks()).groupBy((c) => ({ user: c.user }))
  const last = (analysis: Analysis): Step => analysis.plan.steps.findLast((step) => step.kind !== 'sink')!
  test.each<[string, (s: Scope) => unknown, string]>([
    [
      'window, with subtract',
      (s) =>
        s
          .from(clicks())
          .window('30s')
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ n: count(), t: sum((c) => c.ms) })
          .to('out', out()),
      'folded',
    ],
    [
      'window, one aggregate without',
      (s) =>
        s
          .from(clicks())
          .window('30s')
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ n: count(), m: max((c) => c.ms) })
          .to('out', out()),
      'merged',
    ],
    [
      'window, selects between',
      (s) =>
        s
          .from(clicks())
          .window('30s')
          .filter((c) => c.ms > 1)
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ n: count() })
          .to('out', out()),
      'folded',
    ],
    [
      'window that leaves gaps',
      (s) => s.from(clicks()).window('1s', { slide: '3s' }).aggregate({ n: count() }).to('out', out()),
      'merged',
    ],
    ['tumbling', (s) => s.from(clicks()).tumbling('2s').aggregate({ n: count() }).to('out', out()), 'folded'],
    [
      'a bag that grows, no subtract needed',
      (s) =>
        s
          .from(clicks())
          .running()
          .aggregate({ m: max((c) => c.ms) })
          .to('out', out()),
      'folded',
    ],
    [
      'changes of running totals, with subtract',
      (s) =>
        grouped(s)
          .aggregate({ n: count() })
          .running()
          .groupBy((r) => ({ n: r.n }))
          .aggregate({ users: count() })
          .to('out', out()),
      'folded',
    ],
    [
      'changes of running totals, without',
      (s) =>
        grouped(s)
          .aggregate({ n: count() })
          .running()
          .aggregate({ m: max((r) => r.n) })
          .to('out', out()),
      'derived',
    ],
    [
      'an aggregate of the rows of a top',
      (s) =>
        grouped(s)
          .aggregate({ n: count() })
          .running()
          .top(
            3,
            desc((r) => r.n),
          )
          .aggregate({ t: sum((r) => r.n) })
          .to('out', out()),
      'derived',
    ],
    ['running totals', (s) => grouped(s).aggregate({ n: count() }).running().to('out', out()), 'folded'],
    ['a bag', (s) => s.from(clicks()).running().to('out', out()), 'appended'],
  ])('%s', (_, define, kept) => {
    const analysis = analyse(define)
    const step = last(analysis)
    expect(explainPlan(analysis.plan).steps[step.id]!.kept).toBe(kept)
  })
})

describe('what is made as a dataset, and for how long it is remembered', () => {
  const made = (define: (s: Scope) => unknown): string[] =>
    explainPlan(build(define)).steps.flatMap((step) =>
      step.made.map(({ part, remember }) => `${step.kind} ${part} ${remember}`),
    )
  test.each<[string, (s: Scope) => unknown, readonly string[]]>([
    [
      'nothing, where all is one pipeline',
      (s) =>
        s
          .from(clicks())
          .filter((c) => c.ms > 1)
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ n: count() })
          .to('out', out()),
      [],
    ],
    [
      'what two steps need',
      (s) => {
        const slow = s.from(clicks()).filter((c) => c.ms > 1)
        slow.to('one', out())
        slow.aggregate({ n: count() }).to('two', out())
      },
      ['select rows 0'],
    ],
    [
      'the partials of a window, for its length and a slide',
      (s) => s.from(clicks()).window('30s').aggregate({ n: count() }).to('out', out()),
      ['aggregate partial 31'],
    ],
    [
      'the same where they are merged',
      (s) =>
        s
          .from(clicks())
          .window('30s', { slide: '5s' })
          .aggregate({ m: max((c) => c.ms) })
          .to('out', out()),
      ['aggregate partial 35'],
    ],
    [
      'the records of a window whose bag is asked for',
      (s) => s.from(clicks()).window('3s').to('out', out()),
      ['source rows 4'],
    ],
    [
      'nothing of running totals',
      (s) =>
        s
          .from(clicks())
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ n: count() })
          .running()
          .to('out', out()),
      [],
    ],
  ])('%s', (_, define, expected) => {
    expect(made(define)).toEqual(expected)
  })
})

test('strata: what a table emits is computed after it', () => {
  const analysis = analyse((s) => {
    const changes = s
      .from(clicks())
      .groupBy((c) => ({ user: c.user }))
      .aggregate({ n: count() })
      .running()
      .changes()
    changes.aggregate({ n: count() }).running().changes().to('out', out())
  })
  expect(analysis.plan.steps.map((step) => `${step.kind} ${analysis.strata[step.id]}`)).toEqual([
    'source 0',
    'aggregate 0',
    'state 0',
    'emit 1',
    'aggregate 1',
    'state 1',
    'emit 2',
    'sink 2',
  ])
})

describe('slides', () => {
  const slides = (define: (s: Scope) => any): readonly number[] => {
    const analysis = analyse((s) => define(s).to('out', out()))
    return analysis.slides(analysis.plan.steps.findLast((step) => step.kind !== 'sink')!)
  }
  test.each<[string, (s: Scope) => any, readonly number[]]>([
    ['a window', (s) => s.from(clicks()).window('3s', { slide: '2s' }), [2000]],
    [
      'what comes after it',
      (s) =>
        s
          .from(clicks())
          .window('3s', { slide: '2s' })
          .filter((c) => c.ms > 1)
          .aggregate({ n: count() })
          .limit(3),
      [2000],
    ],
    ['a state may change in any interval', (s) => s.from(clicks()).running(), []],
    [
      'a union of windows',
      (s) =>
        s
          .from(clicks())
          .window('2s', { slide: '2s' })
          .union(s.from(clicks()).window('3s', { slide: '3s' })),
      [2000, 3000],
    ],
    [
      'a union with a state',
      (s) => s.from(clicks()).window('2s', { slide: '2s' }).union(s.from(clicks()).running()),
      [],
    ],
  ])('%s', (_, define, expected) => {
    expect(slides(define)).toEqual(expected)
  })
})
