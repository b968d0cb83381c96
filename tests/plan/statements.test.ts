/** The statements of a run of intervals: their kinds, order and ranges, live and in bulk. */
import { describe, expect, test } from 'vitest'
import { collectRows, count, desc, fromArray, job, max } from '../../src/index.ts'
import { Analysis } from '../../src/plan/analysis.ts'
import type { Relation, Series, Statement } from '../../src/plan/relation.ts'
import { statementsOf } from '../../src/plan/statements.ts'
import { buildPlan, type Scope } from '../../src/stream/job.ts'

const out = () => collectRows<any>()
const lines = () => fromArray([], 'string')

/** The statements of intervals [from, to), in words. */
function statements(define: (s: Scope) => unknown, from: number, to: number): string[] {
  const plan = buildPlan(job('statements', { interval: '1s' }, define as (s: Scope) => void))
  const nameOf = (id: number): string => plan.steps[id]!.kind
  const series = ({ step, part }: Series): string => `${nameOf(step)} ${part}`
  const relation = (of: Relation): string => {
    switch (of.kind) {
      case 'blocks':
        return `blocks[${of.from},${of.to})`
      case 'read':
        return `${series(of.series)}[${of.from},${of.to})`
      case 'state':
        return 'state'
      case 'merge':
        return `merge(${of.plus.map(relation).join(' + ')}${of.minus.map((one) => ` - ${relation(one)}`).join('')})`
      case 'union':
        return `union(${of.inputs.map(relation).join(', ')})`
      case 'consolidate':
        return `changes(${relation(of.plus)}${of.minus ? ` - ${relation(of.minus)}` : ''})`
      default:
        return `${of.kind}(${relation(of.input)})`
    }
  }
  const text = (statement: Statement): string => {
    switch (statement.kind) {
      case 'make':
        return `make ${series(statement.series)}[${statement.from},${statement.to}) = ${relation(statement.relation)}`
      case 'apply':
        return `apply ${series(statement.series)} @ ${statement.at} = f(${relation(statement.input)})`
      case 'fold':
        return `fold ${nameOf(statement.state)} @ ${statement.at}${statement.plus.map((one) => ` + ${relation(one)}`).join('')}${statement.minus.map((one) => ` - ${relation(one)}`).join('')}${statement.changes ? ' with changes' : ''}`
      case 'append':
        return `append ${relation(statement.relation)}`
      case 'deliver':
        return `deliver @ ${statement.at}: ${relation(statement.relation)}`
      case 'forget':
        return `forget ${series(statement.series)} before ${statement.before}`
    }
  }
  return statementsOf(new Analysis(plan), { from, to }, { originMs: 0, lengthMs: 1000 }).map(text)
}

describe('WordCount: a window of 30 s that slides by 1 s, the ten most frequent', () => {
  const wordCount = (s: Scope): void =>
    s
      .from(lines())
      .flatMap((line) => line.split(' '))
      .filter((word) => word !== '')
      .window('30s', { slide: '1s' })
      .groupBy((word) => ({ word }))
      .aggregate({ n: count() })
      .top(
        10,
        desc((r) => r.n),
      )
      .to('top', out())

  test('a live interval', () => {
    expect(statements(wordCount, 40, 41)).toEqual([
      'make aggregate partial[40,41) = partial(select(blocks[40,41)))',
      'fold aggregate @ 40 + aggregate partial[40,41) - aggregate partial[10,11)',
      'deliver @ 40: order(finish(state))',
      'forget aggregate partial before 10',
    ])
  })

  test('an interval before the window is full: nothing leaves it', () => {
    expect(statements(wordCount, 3, 4)).toEqual([
      'make aggregate partial[3,4) = partial(select(blocks[3,4)))',
      'fold aggregate @ 3 + aggregate partial[3,4)',
      'deliver @ 3: order(finish(state))',
      'forget aggregate partial before -27',
    ])
  })

  test('a backlog: partials of all intervals in one statement, then fold by fold', () => {
    expect(statements(wordCount, 28, 32)).toEqual([
      'make aggregate partial[28,32) = partial(select(blocks[28,32)))',
      'fold aggregate @ 28 + aggregate partial[28,29)',
      'deliver @ 28: order(finish(state))',
      'fold aggregate @ 29 + aggregate partial[29,30)',
      'deliver @ 29: order(finish(state))',
      'fold aggregate @ 30 + aggregate partial[30,31) - aggregate partial[0,1)',
      'deliver @ 30: order(finish(state))',
      'fold aggregate @ 31 + aggregate partial[31,32) - aggregate partial[1,2)',
      'deliver @ 31: order(finish(state))',
      'forget aggregate partial before 1',
    ])
  })
})

describe('a stream', () => {
  const define = (s: Scope): void =>
    s
      .from(lines())
      .filter((line) => line !== '')
      .to('out', out())

  test('goes to its sink in one pipeline', () => {
    expect(statements(define, 4, 5)).toEqual(['deliver @ 4: select(blocks[4,5))'])
  })

  test('is made once in bulk, and delivered interval by interval', () => {
    expect(statements(define, 4, 6)).toEqual([
      'make select rows[4,6) = select(blocks[4,6))',
      'deliver @ 4: select rows[4,5)',
      'deliver @ 5: select rows[5,6)',
      'forget select rows before 6',
    ])
  })
})

describe('other tables', () => {
  test('a window of a maximum is merged from the partials in it, at its slides only', () => {
    const define = (s: Scope): void =>
      s
        .from(lines())
        .window('4s', { slide: '2s' })
        .aggregate({ m: max((l) => l) })
        .to('out', out())
    expect(statements(define, 10, 12)).toEqual([
      'make aggregate partial[10,12) = partial(blocks[10,12))',
      // interval 11 ends at 12 s, a multiple of 2 s
      'deliver @ 11: finish(merge(aggregate partial[8,12)))',
      'forget aggregate partial before 6',
    ])
    expect(statements(define, 10, 11)).toEqual([
      'make aggregate partial[10,11) = partial(blocks[10,11))',
      'forget aggregate partial before 5',
    ])
  })

  test('a slide of several intervals takes what came in all of them', () => {
    const define = (s: Scope): void =>
      s.from(lines()).window('4s', { slide: '2s' }).aggregate({ n: count() }).to('out', out())
    expect(statements(define, 11, 12)).toEqual([
      'make aggregate partial[11,12) = partial(blocks[11,12))',
      'fold aggregate @ 11 + aggregate partial[10,12) - aggregate partial[6,8)',
      'deliver @ 11: finish(state)',
      'forget aggregate partial before 6',
    ])
  })

  test('running totals fold each interval; bulk makes the partials once', () => {
    const define = (s: Scope): void => s.from(lines()).countByValue().running().to('out', out())
    expect(statements(define, 5, 6)).toEqual([
      'fold state @ 5 + partial(blocks[5,6))',
      'deliver @ 5: finish(state)',
    ])
    expect(statements(define, 5, 7)).toEqual([
      'make aggregate partial[5,7) = partial(blocks[5,7))',
      'fold state @ 5 + aggregate partial[5,6)',
      'deliver @ 5: finish(state)',
      'fold state @ 6 + aggregate partial[6,7)',
      'deliver @ 6: finish(state)',
      'forget aggregate partial before 7',
    ])
  })

  test('changes of running totals come from the touched keys, which are forgotten at once', () => {
    const define = (s: Scope): void => s.from(lines()).countByValue().running().changes().to('out', out())
    expect(statements(define, 5, 6)).toEqual([
      'fold state @ 5 + partial(blocks[5,6)) with changes',
      'deliver @ 5: changes(finish(state after[5,6)) - finish(state before[5,6)))',
      'forget state before before 6',
      'forget state after before 6',
    ])
  })

  test('a bag appends', () => {
    expect(statements((s) => s.from(lines()).running().to('out', out()), 2, 3)).toEqual([
      'append blocks[2,3)',
      'deliver @ 2: state',
    ])
  })
})

describe('for any run, whatever the job', () => {
  const JOBS: readonly ((s: Scope) => unknown)[] = [
    (s) => s.from(lines()).to('out', out()),
    (s) => s.from(lines()).window('3s').countByValue().changes().countByValue().to('out', out()),
    (s) => s.from(lines()).window('2s', { slide: '3s' }).distinct().snapshots().to('out', out()),
    (s) =>
      s
        .from(lines())
        .countByValue()
        .running()
        .top(
          3,
          desc((r) => r.count),
        )
        .changes()
        .to('out', out()),
    (s) =>
      s
        .from(lines())
        .tumbling('2s')
        .union(s.from(lines()).window('3s'))
        .aggregate({ n: count() })
        .to('out', out()),
  ]
  const at = (text: string): number => Number(/@ (\d+)/.exec(text)?.[1] ?? Number.NaN)

  test('a sink gets its intervals in order, each at most once, and the same ones live and in bulk', () => {
    for (const define of JOBS) {
      const bulk = statements(define, 4, 16)
        .filter((text) => text.startsWith('deliver'))
        .map(at)
      const live = Array.from({ length: 12 }, (_, index) => statements(define, 4 + index, 5 + index)).flatMap(
        (all) => all.filter((text) => text.startsWith('deliver')).map(at),
      )
      expect(bulk).toEqual([...new Set(bulk)].sort((a, b) => a - b))
      expect(bulk).toEqual(live)
    }
  })

  test('nothing is read that is not made yet, or already forgotten', () => {
    for (const define of JOBS)
      for (const lengths of [[1], [3, 1, 2], [12]]) {
        const madeTo = new Map<string, number>()
        const forgotten = new Map<string, number>()
        for (let from = 0, run = 0; from < 12; run++) {
          const to = Math.min(12, from + lengths[run % lengths.length]!)
          for (const text of statements(define, from, to)) {
            const body = text.replace(/^make (\w+ \w+)\[(\d+),(\d+)\) = /, '')
            for (const [, series, first, end] of body.matchAll(
              /(\w+ (?:rows|partial|content))\[(-?\d+),(-?\d+)\)/g,
            )) {
              // before the first interval there is nothing
              if (Number(end) <= 0) continue
              expect(Number(first), `${text} of ${from}..${to}`).toBeGreaterThanOrEqual(
                forgotten.get(series!) ?? 0,
              )
              // contents and what tables emit are made only where they change
              const known = /^emit rows$|content$/.test(series!) ? to : (madeTo.get(series!) ?? 0)
              expect(Number(end), `${text} of ${from}..${to}`).toBeLessThanOrEqual(known)
            }
            const made = /^make (\w+ \w+)\[\d+,(\d+)\)/.exec(text)
            if (made) madeTo.set(made[1]!, Number(made[2]))
            const gone = /^forget (\w+ \w+) before (-?\d+)/.exec(text)
            if (gone) forgotten.set(gone[1]!, Number(gone[2]))
          }
          from = to
        }
      }
  })
})
