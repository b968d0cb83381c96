/**
 * What is forgotten is needed by nobody, and what is kept stays bounded (law 6): the statements of random jobs, in runs
 * of random lengths, against a ledger of what was made and forgotten.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Analysis } from '../../src/plan/analysis.ts'
import { inputsOf, type Relation, type Series, type Statement } from '../../src/plan/relation.ts'
import { statementsOf } from '../../src/plan/statements.ts'
import { buildPlan } from '../../src/stream/job.ts'
import { describeBranches, jobOf, jobs, runLengths } from '../laws/jobs.ts'

const INTERVALS = 40
/** The longest window of these jobs with its slide, twice: contents of a slide are kept for the next one. */
const LONGEST = 2 * (4 + 3)

const nameOf = ({ step, part }: Series): string => `${step} ${part}`

function relationsOf(statement: Statement): readonly Relation[] {
  switch (statement.kind) {
    case 'make':
    case 'append':
    case 'deliver':
      return [statement.relation]
    case 'apply':
      return [statement.input]
    case 'fold':
      return [...statement.plus, ...statement.minus]
    case 'forget':
      return []
  }
}

const readsOf = (relation: Relation): readonly Relation[] =>
  relation.kind === 'read' ? [relation] : inputsOf(relation).flatMap(readsOf)

/** Which datasets there are, as statements are executed; a read that comes too early or too late throws. */
class Ledger {
  readonly #datasets = new Map<string, Map<number, 'kept' | 'forgotten'>>()
  /** Reads of what was not there: right only if it is never made, because nothing was emitted then. */
  readonly #missing = new Set<string>()
  highest = 0

  execute(statement: Statement): void {
    for (const relation of relationsOf(statement)) for (const read of readsOf(relation)) this.#read(read)
    if (statement.kind === 'make') this.#make(statement.series, statement.from, statement.to)
    if (statement.kind === 'apply') this.#make(statement.series, statement.at, statement.at + 1)
    if (statement.kind === 'fold' && statement.changes)
      for (const part of ['before', 'after'] as const)
        this.#make({ step: statement.state, part }, statement.at, statement.at + 1)
    if (statement.kind === 'forget')
      for (const interval of this.#of(statement.series).keys())
        if (interval < statement.before) this.#of(statement.series).set(interval, 'forgotten')
  }

  /** How many datasets of one series are kept at most. */
  kept(): number {
    const counts = [...this.#datasets.values()].map(
      (series) => [...series.values()].filter((state) => state === 'kept').length,
    )
    return Math.max(0, ...counts)
  }

  #of(series: Series): Map<number, 'kept' | 'forgotten'> {
    const name = nameOf(series)
    const found = this.#datasets.get(name) ?? new Map<number, 'kept' | 'forgotten'>()
    this.#datasets.set(name, found)
    return found
  }

  #make(series: Series, from: number, to: number): void {
    for (let interval = from; interval < to; interval++) {
      if (this.#missing.has(`${nameOf(series)} ${interval}`))
        throw new Error(`${nameOf(series)} of ${interval} was read before it was made`)
      if (this.#of(series).has(interval)) throw new Error(`${nameOf(series)} of ${interval} was made twice`)
      this.#of(series).set(interval, 'kept')
    }
  }

  #read(read: Relation): void {
    if (read.kind !== 'read') return
    for (let interval = read.from; interval < read.to; interval++) {
      const state = this.#of(read.series).get(interval)
      if (state === 'forgotten')
        throw new Error(`${nameOf(read.series)} of ${interval} was read after it was forgotten`)
      if (state === undefined) this.#missing.add(`${nameOf(read.series)} ${interval}`)
    }
  }
}

test('statements read what is there, make it once, and keep a bounded number of datasets', () => {
  fc.assert(
    fc.property(jobs, runLengths, (branches, lengths) => {
      const analysis = new Analysis(buildPlan(jobOf(branches)))
      const ledger = new Ledger()
      const longestRun = Math.max(...lengths)
      for (let from = 0, run = 0; from < INTERVALS; run++) {
        const to = from + lengths[run % lengths.length]!
        for (const statement of statementsOf(analysis, { from, to }, { originMs: 0, lengthMs: 1000 }))
          ledger.execute(statement)
        expect(ledger.kept(), describeBranches(branches)).toBeLessThanOrEqual(LONGEST + longestRun)
        from = to
      }
    }),
    { numRuns: 300 },
  )
})

test('a sink gets the same intervals live and in bulk, in order and once', () => {
  const deliveries = (analysis: Analysis, lengths: readonly number[]): Map<number, number[]> => {
    const found = new Map<number, number[]>()
    for (let from = 0, run = 0; from < 12; run++) {
      const to = Math.min(12, from + lengths[run % lengths.length]!)
      for (const statement of statementsOf(analysis, { from, to }, { originMs: 0, lengthMs: 1000 }))
        if (statement.kind === 'deliver')
          found.set(statement.sink, [...(found.get(statement.sink) ?? []), statement.at])
      from = to
    }
    return found
  }
  fc.assert(
    fc.property(jobs, runLengths, (branches, lengths) => {
      const analysis = new Analysis(buildPlan(jobOf(branches)))
      const live = deliveries(analysis, [1])
      for (const intervals of live.values())
        expect(intervals).toEqual([...new Set(intervals)].toSorted((a, b) => a - b))
      expect(deliveries(analysis, lengths), describeBranches(branches)).toEqual(live)
      expect(live.size).toBe(branches.length)
    }),
    { numRuns: 100 },
  )
})
