/**
 * The pure function from a plan to the statements of a run of intervals `[from, to)`.
 *
 * A live interval is `[n, n + 1)`; a backlog, and later a recovery or a batch run, is the same code over many logged
 * intervals: what comes before state is one statement for all of them, rows carrying their interval, and state folds
 * over the intervals one by one. Both give the same datasets (tests/contracts/bulk.test.ts).
 *
 *   for each stratum:
 *     streams   make what is needed twice, remembered, or needed interval by interval; deliver to sinks
 *     tables    for each interval: fold states, make contents, emit changes and contents, deliver to sinks
 *   forget what nobody remembers
 */
import { type Intervals, intervalAt } from '../interval/interval.ts'
import type { Analysis } from './analysis.ts'
import type { Relation, Run, Series, Statement } from './relation.ts'
import { Relations } from './relations.ts'
import type { Step } from './step.ts'

/** The statements that compute intervals `[run.from, run.to)`, given that all before were computed. */
export function statementsOf(analysis: Analysis, run: Run, intervals: Intervals): readonly Statement[] {
  const writer = new StatementWriter(analysis, run, intervals)
  const last = Math.max(...analysis.strata)
  for (let stratum = 0; stratum <= last; stratum++) {
    const steps = analysis.plan.steps.filter((step) => analysis.strata[step.id] === stratum)
    for (const step of steps) writer.bulk(step)
    const tables = steps.filter((step) => step.flow === 'table')
    const emits = analysis.plan.steps.filter(
      (step) => step.kind === 'emit' && analysis.strata[step.id] === stratum + 1,
    )
    if (tables.length > 0)
      for (let at = run.from; at < run.to; at++) {
        for (const step of tables) writer.table(step, at)
        for (const step of emits) writer.emit(step, at)
        writer.forgetTouched(tables, at)
      }
  }
  writer.forget()
  return writer.statements
}

class StatementWriter {
  readonly statements: Statement[] = []
  readonly #analysis: Analysis
  readonly #run: Run
  readonly #relations: Relations
  /** Series that this run makes, and for how many intervals they are remembered. */
  readonly #made = new Map<string, { series: Series; remember: number }>()

  constructor(analysis: Analysis, run: Run, intervals: Intervals) {
    this.#analysis = analysis
    this.#run = run
    this.#relations = new Relations(analysis, run, (step, at) => this.changesAt(step, at, intervals))
  }

  /** Whether a table's content can be different at the end of `at` from the interval before. */
  changesAt(step: Step, at: number, intervals: Intervals): boolean {
    const slides = this.#analysis.slides(step)
    if (slides.length === 0) return true
    const { toMs } = intervalAt(intervals, at)
    return slides.some((slideMs) => toMs % slideMs === 0)
  }

  /** What a step needs of all intervals of the run at once. */
  bulk(step: Step): void {
    const { from, to } = this.#run
    const relations = this.#relations
    if (step.kind === 'sink' && step.flow === 'stream') this.#deliverStream(step)
    if (relations.partialIsMade(step))
      this.#make(
        { step: step.id, part: 'partial' },
        from,
        to,
        relations.partialOf(step),
        relations.rememberPartial(step),
      )
    if (step.kind === 'apply' && step.flow === 'stream')
      for (let at = from; at < to; at++)
        this.#apply(
          step,
          'rows',
          at,
          relations.rows(this.#analysis.parent(step), at, at + 1),
          relations.remember(step),
        )
    else if (relations.rowsAreMade(step) && step.kind !== 'emit')
      this.#make({ step: step.id, part: 'rows' }, from, to, relations.compute(step), relations.remember(step))
  }

  #deliverStream(step: Step): void {
    const parent = this.#analysis.parent(step)
    if (this.#isPassedOn(parent)) return
    for (let at = this.#run.from; at < this.#run.to; at++)
      this.statements.push({
        kind: 'deliver',
        sink: step.id,
        at,
        relation: this.#relations.rows(parent, at, at + 1),
      })
  }

  /** What a table needs in interval `at`. */
  table(step: Step, at: number): void {
    const relations = this.#relations
    if (step.kind === 'sink') {
      const parent = this.#analysis.parent(step)
      if (relations.changesAt(parent, at))
        this.statements.push({ kind: 'deliver', sink: step.id, at, relation: relations.content(parent, at) })
      return
    }
    if (step.kind === 'state' && step.of === 'bag') {
      const parent = this.#analysis.parent(step)
      this.statements.push({ kind: 'append', state: step.id, relation: relations.rows(parent, at, at + 1) })
    }
    const fold = relations.fold(step, at)
    if (fold) {
      this.statements.push(fold)
      if (fold.changes) {
        this.#note({ step: step.id, part: 'before' }, 0)
        this.#note({ step: step.id, part: 'after' }, 0)
      }
    }
    if (this.#analysis.contentIsMade(step) && relations.changesAt(step, at)) {
      const longest = Math.max(this.#analysis.plan.intervalMs, ...this.#analysis.slides(step))
      const remember = 2 * (longest / this.#analysis.plan.intervalMs)
      if (step.kind === 'apply')
        this.#apply(step, 'content', at, relations.content(this.#analysis.parent(step), at), remember)
      else
        this.#make(
          { step: step.id, part: 'content' },
          at,
          at + 1,
          relations.computeContent(step, at),
          remember,
        )
    }
  }

  /** What a table gives to the stream of its changes or contents in interval `at`. */
  emit(step: Step, at: number): void {
    if (step.kind !== 'emit') return
    const changes = this.#relations.changesAt(this.#analysis.parent(step), at)
    if (this.#isPassedOn(step)) {
      const relation = changes ? this.#relations.emitted(step, at) : this.#relations.rows(step, at, at + 1)
      this.statements.push({ kind: 'deliver', sink: this.#analysis.children(step)[0]!.id, at, relation })
      return
    }
    if (!changes) return
    this.#make(
      { step: step.id, part: 'rows' },
      at,
      at + 1,
      this.#relations.emitted(step, at),
      this.#relations.remember(step),
    )
  }

  /** Whether what a table emits goes to one sink and nowhere else: then it is delivered at once instead of made. */
  #isPassedOn(step: Step): boolean {
    const children = this.#analysis.children(step)
    return step.kind === 'emit' && children.length === 1 && children[0]!.kind === 'sink'
  }

  /** Drops the accumulators before and after the folds of `at`: only that interval's tables needed them. */
  forgetTouched(tables: readonly Step[], at: number): void {
    for (const step of tables)
      for (const part of ['before', 'after'] as const)
        if (this.#made.has(`${step.id} ${part}`))
          this.statements.push({ kind: 'forget', series: { step: step.id, part }, before: at + 1 })
  }

  /** Drops what no later interval remembers. */
  forget(): void {
    for (const { series, remember } of this.#made.values())
      if (series.part !== 'before' && series.part !== 'after')
        this.statements.push({ kind: 'forget', series, before: this.#run.to - remember })
  }

  #make(series: Series, from: number, to: number, relation: Relation, remember: number): void {
    this.#note(series, remember)
    this.statements.push({ kind: 'make', series, from, to, relation })
  }

  #apply(step: Step, part: 'rows' | 'content', at: number, input: Relation, remember: number): void {
    const series = { step: step.id, part }
    this.#note(series, remember)
    this.statements.push({ kind: 'apply', series, at, input })
  }

  #note(series: Series, remember: number): void {
    this.#made.set(`${series.step} ${series.part}`, { series, remember })
  }
}
