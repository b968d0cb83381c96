/** What can't be is refused when the job is built, with an error that names the step, the value and the cure. */
import { describe, expect, test } from 'vitest'
import {
  asc,
  collect,
  collectRows,
  count,
  desc,
  first,
  fromArray,
  job,
  max,
  sum,
  topK,
  variance,
} from '../../src/index.ts'
import { Analysis } from '../../src/plan/analysis.ts'
import { buildPlan, type Scope } from '../../src/stream/job.ts'

const CLICK = { user: 'string', ms: 'number', n: 'integer', tags: 'string[]' } as const
const clicks = () => fromArray([], CLICK)
const build = (define: (s: Scope) => unknown, interval = '1s') => {
  const plan = buildPlan(job('refused', { interval }, define as (s: Scope) => void))
  new Analysis(plan)
  return plan
}
const sink = () => collectRows<any>()

describe('refused', () => {
  test.each<[string, (s: Scope) => unknown, RegExp]>([
    ['no source', () => {}, /^Job refused has no source\. Begin with s\.from/],
    [
      'no sink',
      (s) => s.from(clicks()).map((c) => c.user),
      /^Job refused has no sink\. End a stream with \.to/,
    ],
    [
      'two sinks of one name',
      (s) => {
        const stream = s.from(clicks())
        stream.to('out', sink())
        stream.to('out', sink())
      },
      /^Two steps of job refused are named "out"\./,
    ],
    [
      'a source and a sink of one name',
      (s) => s.from(clicks(), 'both').to('both', sink()),
      /^Two steps of job refused are named "both"\./,
    ],
    [
      'a window that is no multiple of the interval',
      (s) => s.from(clicks()).window('2500ms', { slide: '2s' }).to('out', sink()),
      /window of 2500ms sliding by 2s does not fit intervals of 1s/,
    ],
    [
      'a slide that is no multiple of the interval',
      (s) => s.from(clicks()).window('3s', { slide: '1500ms' }).to('out', sink()),
      /window of 3s sliding by 1500ms does not fit intervals of 1s/,
    ],
    [
      'a tumbling window that is none',
      (s) => s.from(clicks()).tumbling('1100ms').to('out', sink()),
      /1100ms.*1100ms.*1s/,
    ],
    [
      'a length that is no duration',
      (s) => s.from(clicks()).window('soon').to('out', sink()),
      /The length of the window is "soon"/,
    ],
    [
      'a slide that is no duration',
      (s) => s.from(clicks()).window('3s', { slide: '0s' }).to('out', sink()),
      /The slide of the window is "0s"/,
    ],
    [
      'the first row of an aggregate: it has no order of arrival',
      (s) =>
        s
          .from(clicks())
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ n: count() })
          .aggregate({ first: first((r) => r.n) })
          .to('out', sink()),
      /^The rows of step "aggregate" of job refused have no order of arrival/,
    ],
    [
      'a sample of an aggregate',
      (s) =>
        s
          .from(clicks())
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ n: count() })
          .sample(0.5)
          .to('out', sink()),
      /no order of arrival/,
    ],
    [
      'collect after running totals',
      (s) =>
        s
          .from(clicks())
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ n: count() })
          .running()
          .aggregate({ all: collect((r) => r.n) })
          .to('out', sink()),
      /no order of arrival/,
    ],
    [
      'collect of changes',
      (s) =>
        s
          .from(clicks())
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ n: count() })
          .running()
          .changes()
          .aggregate({ all: collect((r) => r.n) })
          .to('out', sink()),
      /no order of arrival/,
    ],
    [
      'a union of other fields',
      (s) =>
        s
          .from(clicks(), 'one')
          .union(s.from(fromArray([], { user: 'string' }), 'two') as never)
          .to('out', sink()),
      /^Steps "one" and "two" have different fields, so they have no union\./,
    ],
    [
      'a union of the same fields with other types',
      (s) =>
        s
          .from(fromArray([], { a: 'string' }), 'one')
          .union(s.from(fromArray([], { a: 'number' }), 'two') as never)
          .to('out', sink()),
      /^Steps "one" and "two" have different fields/,
    ],
    [
      'a scalar key',
      (s) =>
        s
          .from(clicks())
          .groupBy(((c: { user: string }) => c.user) as unknown as () => { user: string })
          .aggregate({ n: count() })
          .to('out', sink()),
      /^The key of groupBy after step "fromArray" is a string\. Return an object/,
    ],
    [
      'a sum of text',
      (s) =>
        s
          .from(clicks())
          .aggregate({ total: sum(((c: { user: string }) => c.user) as never) })
          .to('out', sink()),
      /^Aggregate "total" after step "fromArray" of job refused: sum of values of type string\./,
    ],
    [
      'a variance of lists',
      (s) =>
        s
          .from(clicks())
          .aggregate({ v: variance((c) => c.tags as never) })
          .to('out', sink()),
      /variance of values of type list/,
    ],
    [
      'an aggregate named like the key',
      (s) =>
        s
          .from(clicks())
          .groupBy((c) => ({ user: c.user }))
          .aggregate({ user: count() } as never)
          .to('out', sink()),
      /^The aggregate "user" after step "fromArray" has the name of a field of the key\./,
    ],
    [
      'flatMap to something else than a list',
      (s) =>
        s
          .from(clicks())
          .flatMap(((c: { user: string }) => c.user) as never)
          .to('out', sink()),
      /^The function of flatMap after step "fromArray" returns a string\./,
    ],
    [
      'top of no rows',
      (s) =>
        s
          .from(clicks())
          .top(
            0,
            desc((c) => c.ms),
          )
          .to('out', sink()),
      /^top takes 0 rows\./,
    ],
    [
      'top of no rows of each key',
      (s) =>
        s
          .from(clicks())
          .groupBy((c) => ({ user: c.user }))
          .top(
            0,
            desc((c) => c.ms),
          )
          .to('out', sink()),
      /^topK takes 0 records\./,
    ],
    ['limit of half a row', (s) => s.from(clicks()).limit(0.5).to('out', sink()), /^limit takes 0\.5 rows\./],
    [
      'topK of none',
      (s) =>
        s
          .from(clicks())
          .aggregate({
            best: topK(
              0,
              asc((c) => c.ms),
            ),
          })
          .to('out', sink()),
      /^topK takes 0 records\./,
    ],
    [
      'a fraction above 1',
      (s) => s.from(clicks()).sample(1.1).to('out', sink()),
      /^The fraction of sample is 1\.1\./,
    ],
    [
      'a sample of two',
      (s) => s.from(clicks()).sample(2).to('out', sink()),
      /^The fraction of sample is 2\./,
    ],
    [
      'a fraction that is none',
      (s) => s.from(clicks()).sample(Number.NaN).to('out', sink()),
      /^The fraction of sample is NaN\./,
    ],
    [
      'a scale out of range',
      (s) =>
        s
          .from(clicks())
          .aggregate({ t: sum((c) => c.ms, { scale: 501 }) })
          .to('out', sink()),
      /^The scale of sum is 501\./,
    ],
    [
      'rejects of a step without functions',
      (s) =>
        s
          .from(clicks())
          .union(s.from(clicks()))
          .rejects.to('out', sink() as never),
      /^Step "union" \(union\) has no rejects\./,
    ],
  ])('%s', (_, define, message) => {
    expect(() => build(define)).toThrow(
      expect.objectContaining({ code: 'DS_JOB', message: expect.stringMatching(message) }),
    )
  })

  test('streams of two jobs', () => {
    let other: unknown
    build((s) => {
      other = s.from(clicks(), 'foreign')
      ;(other as { to: Function }).to('x', sink())
    })
    expect(() =>
      build((s) =>
        s
          .from(clicks())
          .union(other as never)
          .to('out', sink()),
      ),
    ).toThrow(/^Step "foreign" belongs to another job\./)
  })

  test.each(['', '1', '1 s', '-1s', '0s', '1.5ms', '1w'])('the interval %j', (interval) => {
    expect(() => build((s) => s.from(clicks()).to('out', sink()), interval)).toThrow(
      expect.objectContaining({
        code: 'DS_JOB',
        what: expect.stringContaining(`The interval is "${interval}"`),
      }),
    )
  })

  test.each(['', 'a b', 'a/b', 'x'.repeat(101), 'ü'])('the name %j of a job', (name) => {
    expect(() => job(name, { interval: '1s' }, () => {})).toThrow(expect.objectContaining({ code: 'DS_JOB' }))
  })
})

describe('a plan', () => {
  test('is frozen, parents before children, each name once', () => {
    const plan = build((s) => {
      const stream = s.from(clicks())
      const users = stream.map((c) => ({ user: c.user, ms: c.ms }))
      users
        .union(users.filter((u) => u.ms > 1))
        .window('2s')
        .groupBy((u) => ({ user: u.user }))
        .aggregate({ m: max((u) => u.ms) })
        .top(
          3,
          desc((r) => r.m),
        )
        .to('top', sink())
      stream.rejects.to('rejects', sink())
    })
    expect(
      Object.isFrozen(plan) &&
        Object.isFrozen(plan.steps) &&
        plan.steps.every((step) => Object.isFrozen(step)),
    ).toBe(true)
    expect(plan.steps.map(({ id }) => id)).toEqual(plan.steps.map((_, index) => index))
    for (const step of plan.steps) for (const parent of step.parents) expect(parent).toBeLessThan(step.id)
    expect(new Set(plan.steps.map(({ name }) => name)).size).toBe(plan.steps.length)
  })

  test('derived names are made unique', () => {
    const plan = build((s) => s.from(clicks()).union(s.from(clicks()), s.from(clicks())).to('out', sink()))
    expect(plan.steps.map(({ name }) => name)).toEqual([
      'fromArray',
      'fromArray 2',
      'fromArray 3',
      'union',
      'out',
    ])
  })

  test('a name that was derived can still be given elsewhere', () => {
    const plan = build((s) => s.from(clicks(), 'union').union(s.from(clicks())).to('out', sink()))
    expect(plan.steps.map(({ name }) => name)).toEqual(['union', 'fromArray', 'union 2', 'out'])
  })
  test('a derived name gives way to one that is given later', () => {
    const plan = build((s) => s.from(clicks()).distinct().to('aggregate', sink()))
    expect(plan.steps.map(({ name }) => name)).toEqual(['fromArray', 'aggregate 2', 'aggregate'])
  })
})
