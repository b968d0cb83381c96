/**
 * The memory engine: relations evaluated in plain TypeScript by the user's own functions.
 *
 * It is the oracle for the other engines and what unit tests run on. Nothing is clever here: datasets are arrays,
 * states are maps, and every kind of relation is a function of a few lines in relation.ts.
 */
import type { Intervals } from '../../interval/interval.ts'
import type { Analysis } from '../../plan/analysis.ts'
import type { Watch } from '../../plan/call.ts'
import {
  type Blocks,
  blocksOf,
  type EngineStatement,
  type Fold,
  type Read,
  type RecordShape,
  type Relation,
  type Series,
  type StateContent,
} from '../../plan/relation.ts'
import { seriesName } from '../../plan/relations.ts'
import type { SourceStep } from '../../plan/step.ts'
import { keyText } from '../../schema/order.ts'
import { type Decoded, decodeBlock } from '../../sources/decode.ts'
import { rejectError } from '../../sources/reject.ts'
import type { Block } from '../../sources/source.ts'
import type { Engine, SourceCounts } from '../engine.ts'
import { Failures, type FunctionFailures } from '../failures.ts'
import { rowsToParquet } from '../parquet.ts'
import { evaluate, type Group, type Leaves, mergeInto, type Row } from './relation.ts'
import type { Calls } from './select.ts'

/** What the blocks of one interval of a source hold. */
interface Decoding {
  readonly records: Row[]
  readonly rejects: Row[]
}

export class MemoryEngine implements Engine, Leaves {
  readonly name = 'memory'
  #analysis: Analysis | undefined
  /** Blocks by source and interval. */
  readonly #blocks = new Map<number, Map<number, readonly Block[]>>()
  readonly #decoded = new Map<string, Decoding>()
  /** Datasets by series and interval. */
  readonly #datasets = new Map<string, Map<number, readonly (Row | Group)[]>>()
  readonly #states = new Map<number, Map<string, Group>>()
  readonly #bags = new Map<number, Row[]>()
  readonly #failures = new Failures()
  #intervals: Intervals = { originMs: 0, lengthMs: 1 }
  #watch: Watch | undefined

  async prepare(analysis: Analysis): Promise<void> {
    this.#analysis = analysis
  }

  start(intervals: Intervals, watch?: Watch): void {
    this.#intervals = intervals
    this.#watch = watch
  }

  load(source: number, interval: number, blocks: readonly Block[]): void {
    const intervals = this.#blocks.get(source) ?? new Map<number, readonly Block[]>()
    this.#blocks.set(source, intervals.set(interval, blocks))
  }

  async execute(statement: EngineStatement): Promise<void> {
    switch (statement.kind) {
      case 'make':
        return this.#make(
          statement.series,
          statement.from,
          statement.to,
          await this.#evaluate(statement.relation),
        )
      case 'fold':
        return this.#fold(statement)
      case 'append': {
        const bag = this.#bags.get(statement.state) ?? []
        for (const row of await this.#evaluate(statement.relation)) bag.push(row)
        this.#bags.set(statement.state, bag)
        return
      }
      case 'forget': {
        const datasets = this.#datasets.get(seriesName(statement.series))
        for (const interval of datasets?.keys() ?? [])
          if (interval < statement.before) datasets!.delete(interval)
        return
      }
      default:
        return statement satisfies never
    }
  }

  async write(series: Series, at: number, rows: readonly unknown[]): Promise<void> {
    const own = rows.map((value) => ({ value, interval: at, position: [] }))
    this.#make(series, at, at + 1, own)
  }

  async read(relation: Relation): Promise<readonly unknown[]> {
    return (await this.#evaluate(relation)).map((row: Row) => row.value)
  }

  async writeParquet(relation: Relation, path: string): Promise<number> {
    const rows = await this.read(relation)
    await rowsToParquet(rows, (relation.shape as RecordShape).type, path)
    return rows.length
  }

  async unload(before: number): Promise<readonly SourceCounts[]> {
    const counts: SourceCounts[] = []
    for (const [source, intervals] of this.#blocks)
      for (const interval of intervals.keys()) {
        if (interval >= before) continue
        const { records, rejects } = await this.#decode(source, interval)
        const slowBlocks = this.#blocks.get(source)?.get(interval)?.length ?? 0
        counts.push({
          source,
          interval,
          records: records.length + rejects.length,
          rejects: rejects.length,
          slowBlocks,
        })
        intervals.delete(interval)
        this.#decoded.delete(`${source} ${interval}`)
      }
    return counts
  }

  failures(): readonly FunctionFailures[] {
    return this.#failures.take()
  }

  async close(): Promise<void> {
    this.#datasets.clear()
    this.#states.clear()
    this.#bags.clear()
  }

  // ---- leaves of relations -------------------------------------------------------------------------------------

  blocks({ source, output, from, to }: Blocks): readonly Row[] {
    const rows: Row[] = []
    for (let interval = from; interval < to; interval++)
      for (const row of this.#decoded.get(`${source} ${interval}`)?.[output] ?? []) rows.push(row)
    return rows
  }

  dataset(relation: Read): readonly (Row | Group)[] {
    const datasets = this.#datasets.get(seriesName(relation.series))
    const rows: (Row | Group)[] = []
    for (let interval = relation.from; interval < relation.to; interval++)
      for (const row of datasets?.get(interval) ?? []) rows.push(row)
    return rows
  }

  state(relation: StateContent): readonly (Row | Group)[] {
    if (relation.shape.rows === 'records') return this.#bags.get(relation.step) ?? []
    return [...(this.#states.get(relation.step)?.values() ?? [])]
  }

  get calls(): Calls {
    return {
      job: this.#analysis!.plan.job,
      intervals: () => this.#intervals,
      watch: this.#watch,
      failed: (site, failed) => this.#failures.add(site, failed),
    }
  }

  // ---- mechanism -----------------------------------------------------------------------------------------------

  async #evaluate(relation: Relation): Promise<readonly any[]> {
    for (const { source, from, to } of blocksOf(relation))
      for (let interval = from; interval < to; interval++) await this.#decode(source, interval)
    return evaluate(relation, this)
  }

  #make(series: Series, from: number, to: number, rows: readonly (Row | Group)[]): void {
    const name = seriesName(series)
    const datasets = this.#datasets.get(name) ?? new Map<number, readonly (Row | Group)[]>()
    this.#datasets.set(name, datasets)
    if (to - from === 1) {
      // rows of a content have no interval of their own: they become those of the interval they are made in
      datasets.set(from, series.part === 'content' ? rows : rows.map((row) => ({ ...row, interval: from })))
      return
    }
    for (let interval = from; interval < to; interval++)
      datasets.set(
        interval,
        rows.filter((row) => row.interval === interval),
      )
  }

  async #fold({ state, at, plus, minus, changes, shape }: Fold): Promise<void> {
    const groups = this.#states.get(state) ?? new Map<string, Group>()
    this.#states.set(state, groups)
    const added: Group[][] = []
    for (const relation of plus) added.push([...(await this.#evaluate(relation))])
    const removed: Group[][] = []
    for (const relation of minus) removed.push([...(await this.#evaluate(relation))])
    const touched = new Set([...added, ...removed].flat().map((group) => keyText(group.key)))
    const snapshot = (): Group[] => [...touched].flatMap((text) => groups.get(text) ?? [])
    if (changes) this.#make({ step: state, part: 'before' }, at, at + 1, snapshot())
    for (const group of added) mergeInto(groups, shape.step, group, 1)
    for (const group of removed) mergeInto(groups, shape.step, group, -1)
    for (const text of touched) if (groups.get(text)?.records === 0) groups.delete(text)
    if (changes) this.#make({ step: state, part: 'after' }, at, at + 1, snapshot())
  }

  async #decode(source: number, interval: number): Promise<Decoding> {
    const name = `${source} ${interval}`
    const found = this.#decoded.get(name)
    if (found) return found
    const decoding: Decoding = { records: [], rejects: [] }
    const step = this.#analysis!.plan.steps[source] as SourceStep
    for (const block of this.#blocks.get(source)?.get(interval) ?? [])
      for await (const chunk of decodeBlock(block, step.source.type, step.source.validate))
        collect(decoding, chunk, block, interval, step)
    this.#decoded.set(name, decoding)
    return decoding
  }
}

/** Adds a chunk of a block to what an interval holds. */
function collect(decoding: Decoding, chunk: Decoded, block: Block, interval: number, step: SourceStep): void {
  for (const { ordinal, value } of chunk.records)
    decoding.records.push({ value, interval, position: [block.partition, ordinal] })
  for (const { ordinal, reason, text } of chunk.rejects) {
    if (step.source.onReject === 'fail') throw rejectError(step, block, ordinal, reason, text)
    const value = { source: step.name, partition: block.partition, ordinal, reason, text }
    decoding.rejects.push({ value, interval, position: [block.partition, ordinal] })
  }
}
