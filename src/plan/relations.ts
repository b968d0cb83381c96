/** The relations of one run: how the rows, contents and changes of each step are computed from the others. */
import { STRING, structOf, type Type } from '../schema/type.ts'
import type { Analysis, Windowed } from './analysis.ts'
import { parentsOf } from './plan.ts'
import type {
  AccumulatorShape,
  Fold,
  IntervalColumn,
  RecordShape,
  Relation,
  Run,
  Series,
} from './relation.ts'
import type { AggregateStep, EmitStep, Step } from './step.ts'

/** New and gone rows of a table in one interval. */
interface Delta {
  readonly plus: Relation
  readonly minus: Relation | undefined
}

export class Relations {
  readonly #analysis: Analysis
  readonly #run: Run
  readonly changesAt: (step: Step, at: number) => boolean

  constructor(analysis: Analysis, run: Run, changesAt: (step: Step, at: number) => boolean) {
    this.#analysis = analysis
    this.#run = run
    this.changesAt = changesAt
  }

  // ---- streams -------------------------------------------------------------------------------------------------

  /** The rows of a stream in intervals `[from, to)`, from what was made or pipelined. */
  rows(step: Step, from: number, to: number): Relation {
    if (step.kind === 'emit' || this.rowsAreMade(step))
      return {
        kind: 'read',
        series: { step: step.id, part: 'rows' },
        from,
        to,
        shape: this.#shape(step, intervalOf(from, to)),
      }
    return this.#compute(step, from, to)
  }

  /** The rows of a stream in all intervals of the run, computed. */
  compute(step: Step): Relation {
    return this.#compute(step, this.#run.from, this.#run.to)
  }

  #compute(step: Step, from: number, to: number): Relation {
    const shape = this.#shape(step, intervalOf(from, to))
    const parents = parentsOf(this.#analysis.plan, step)
    switch (step.kind) {
      case 'source':
        return { kind: 'blocks', source: step.of, output: step.output, from, to, shape }
      case 'select':
        return { kind: 'select', input: this.rows(parents[0]!, from, to), step, shape }
      case 'union':
        return { kind: 'union', inputs: parents.map((parent) => this.rows(parent, from, to)), shape }
      case 'order':
        return { kind: 'order', input: this.rows(parents[0]!, from, to), step, byInterval: true, shape }
      case 'aggregate':
        return { kind: 'finish', input: this.partial(step, from, to), shape }
      default:
        throw new Error(`step ${step.name} (${step.kind}) has no rows of its own`)
    }
  }

  /** A stream's aggregate as accumulators per interval and key. */
  partial(step: AggregateStep, from: number, to: number): Relation {
    if (this.partialIsMade(step))
      return {
        kind: 'read',
        series: { step: step.id, part: 'partial' },
        from,
        to,
        shape: accumulators(step, intervalOf(from, to)),
      }
    return this.#partial(step, from, to)
  }

  /** The accumulators of an aggregate in all intervals of the run, computed. */
  partialOf(step: Step): Relation {
    return this.#partial(step as AggregateStep, this.#run.from, this.#run.to)
  }

  #partial(step: AggregateStep, from: number, to: number): Relation {
    const parent = this.#analysis.parent(step)
    const windowed = this.#analysis.windowed(parent)
    const input = windowed ? this.#beforeWindow(windowed, from, to) : this.rows(parent, from, to)
    return { kind: 'partial', input, shape: accumulators(step, intervalOf(from, to)) }
  }

  /** The records that enter a window in `[from, to)`, with the selects after the window already done. */
  #beforeWindow({ window, selects }: Windowed, from: number, to: number): Relation {
    let relation = this.rows(this.#analysis.parent(window), from, to)
    for (const step of selects)
      relation = { kind: 'select', input: relation, step, shape: this.#shape(step, intervalOf(from, to)) }
    return relation
  }

  /** Whether an aggregate's accumulators are kept as datasets: a window remembers them, or they are needed twice. */
  partialIsMade(step: Step): boolean {
    if (step.kind !== 'aggregate') return false
    if (step.flow === 'table') return this.#analysis.windowed(this.#analysis.parent(step)) !== undefined
    const children = this.#analysis.children(step)
    const states = children.filter((child) => child.kind === 'state' && child.of === 'aggregate').length
    const uses = states + (children.length > states ? 1 : 0)
    return uses > 1 || (states > 0 && this.#isBulk)
  }

  /** Whether a stream's rows are kept as datasets: they are needed twice, remembered, or asked for one by one. */
  rowsAreMade(step: Step): boolean {
    if (step.flow !== 'stream' || step.kind === 'sink') return false
    if (step.kind === 'emit' || step.kind === 'apply') return true
    const children = this.#analysis.children(step)
    const uses = children.filter((child) => !(child.kind === 'state' && child.of === 'aggregate')).length
    return uses > 1 || (children.some(isFedOneByOne) && this.#isBulk) || this.remember(step) > 0
  }

  get #isBulk(): boolean {
    return this.#run.to - this.#run.from > 1
  }

  /** For how many intervals after its own a stream's dataset is needed by windows. */
  remember(step: Step): number {
    return Math.max(
      0,
      ...this.#analysis.children(step).map((child) => {
        if (child.kind !== 'window') return 0
        const bag = this.#analysis.contentUses(child) > 0 || this.#analysis.changesAreUsed(child)
        return bag ? this.#span(child.lengthMs + child.slideMs) : 0
      }),
    )
  }

  /** The same for an aggregate's accumulators. */
  rememberPartial(step: Step): number {
    if (step.kind !== 'aggregate' || step.flow !== 'table') return 0
    const windowed = this.#analysis.windowed(this.#analysis.parent(step))
    return windowed ? this.#span(windowed.window.lengthMs + windowed.window.slideMs) : 0
  }

  #span(ms: number): number {
    return ms / this.#analysis.plan.intervalMs
  }

  // ---- tables --------------------------------------------------------------------------------------------------

  /** The content of a table at the end of `at`, from what was made or computed. */
  content(step: Step, at: number): Relation {
    if (!this.#analysis.contentIsMade(step)) return this.computeContent(step, at)
    return this.#madeContent(step, this.#lastChange(step, at))
  }

  #madeContent(step: Step, at: number): Relation {
    return {
      kind: 'read',
      series: { step: step.id, part: 'content' },
      from: at,
      to: at + 1,
      shape: this.#contentShape(step),
    }
  }

  /** The content of a table at the end of `at`, computed from its parents or its state. */
  computeContent(step: Step, at: number): Relation {
    const shape = this.#contentShape(step)
    const parents = parentsOf(this.#analysis.plan, step)
    switch (step.kind) {
      case 'window': {
        const parent = parents[0]!
        const { from, to } = this.#inside(step, this.#lastChange(step, at))
        return {
          kind: 'read',
          series: { step: parent.id, part: 'rows' },
          from,
          to,
          shape: this.#shape(parent, 'column'),
        }
      }
      case 'state':
        if (step.of === 'bag') return { kind: 'state', step: step.id, shape }
        return {
          kind: 'finish',
          input: { kind: 'state', step: step.id, shape: accumulators(parents[0] as AggregateStep, 'none') },
          shape,
        }
      case 'select':
        return { kind: 'select', input: this.content(parents[0]!, at), step, shape }
      case 'union':
        return { kind: 'union', inputs: parents.map((parent) => this.content(parent, at)), shape }
      case 'order':
        return { kind: 'order', input: this.content(parents[0]!, at), step, byInterval: false, shape }
      case 'aggregate':
        return { kind: 'finish', input: this.#accumulated(step, at), shape }
      default:
        throw new Error(`step ${step.name} (${step.kind}) has no content`)
    }
  }

  /** The accumulators of an aggregate of a table. */
  #accumulated(step: AggregateStep, at: number): Relation {
    const shape = accumulators(step, 'none')
    const parent = this.#analysis.parent(step)
    switch (this.#analysis.upkeep(step)) {
      case 'folded':
        return { kind: 'state', step: step.id, shape }
      case 'merged': {
        const { window } = this.#analysis.windowed(parent)!
        const { from, to } = this.#inside(window, this.#lastChange(step, at))
        const partials: Relation = {
          kind: 'read',
          series: { step: step.id, part: 'partial' },
          from,
          to,
          shape: accumulators(step, 'column'),
        }
        return { kind: 'merge', plus: [partials], minus: [], shape }
      }
      case 'derived': {
        const input = this.content(parent, at)
        if (input.shape.interval !== 'column') return { kind: 'partial', input, shape }
        // rows with intervals are put together interval by interval, as everywhere: a reducer's result depends on it
        const partial: Relation = { kind: 'partial', input, shape: accumulators(step, 'column') }
        return { kind: 'merge', plus: [partial], minus: [], shape }
      }
    }
  }

  /** The fold that brings a step's state to the end of `at`, if it has one and `at` changes it. */
  fold(step: Step, at: number): Fold | undefined {
    const changes = this.#analysis.changesAreUsed(step)
    if (step.kind === 'state' && step.of === 'aggregate') {
      const aggregate = this.#analysis.parent(step) as AggregateStep
      const plus = [this.partial(aggregate, at, at + 1)]
      return {
        kind: 'fold',
        state: step.id,
        at,
        plus,
        minus: [],
        changes,
        shape: accumulators(aggregate, 'none'),
      }
    }
    if (step.kind !== 'aggregate' || step.flow !== 'table' || this.#analysis.upkeep(step) !== 'folded')
      return undefined
    if (!this.changesAt(step, at)) return undefined
    const shape = accumulators(step, 'none')
    const windowed = this.#analysis.windowed(this.#analysis.parent(step))
    if (windowed) {
      const { length, slide } = this.#spans(windowed)
      const partials = (from: number, to: number): Relation[] =>
        to <= 0 ? [] : [this.partial(step, Math.max(0, from), to)]
      const plus = partials(at + 1 - slide, at + 1)
      const minus = partials(at + 1 - slide - length, at + 1 - length)
      return { kind: 'fold', state: step.id, at, plus, minus, changes, shape }
    }
    const delta = this.#delta(this.#analysis.parent(step), at)
    const partial = (input: Relation): Relation => ({ kind: 'partial', input, shape })
    return {
      kind: 'fold',
      state: step.id,
      at,
      plus: [partial(delta.plus)],
      minus: delta.minus ? [partial(delta.minus)] : [],
      changes,
      shape,
    }
  }

  /** The rows that came into a table and left it in `at`; only where the analysis says that they are at hand. */
  #delta(step: Step, at: number): Delta {
    const parents = parentsOf(this.#analysis.plan, step)
    switch (step.kind) {
      case 'window': {
        const parent = parents[0]!
        const { length, slide } = this.#spans({ window: step, selects: [] })
        const read = (from: number, to: number): Relation => ({
          kind: 'read',
          series: { step: parent.id, part: 'rows' },
          from: Math.max(0, from),
          to: Math.max(0, to),
          shape: this.#shape(parent, 'column'),
        })
        const entered = Math.min(length, slide)
        return {
          plus: read(at + 1 - entered, at + 1),
          minus: read(at + 1 - slide - length, at + 1 - Math.max(slide, length)),
        }
      }
      case 'state':
        if (step.of === 'bag') return { plus: this.rows(parents[0]!, at, at + 1), minus: undefined }
        return this.#touched(step, parents[0] as AggregateStep, at)
      case 'aggregate':
        return this.#touched(step, step, at)
      case 'select': {
        const shape = this.#contentShape(step)
        const select = (input: Relation): Relation => ({ kind: 'select', input, step, shape })
        const delta = this.#delta(parents[0]!, at)
        return { plus: select(delta.plus), minus: delta.minus && select(delta.minus) }
      }
      case 'union': {
        const shape = this.#contentShape(step)
        // a parent that does not change in this interval has nothing new
        const deltas = parents
          .filter((parent) => this.changesAt(parent, at))
          .map((parent) => this.#delta(parent, at))
        const minus = deltas.flatMap((delta) => delta.minus ?? [])
        return {
          plus: { kind: 'union', inputs: deltas.map((delta) => delta.plus), shape },
          minus: minus.length === 0 ? undefined : { kind: 'union', inputs: minus, shape },
        }
      }
      default:
        throw new Error(`step ${step.name} (${step.kind}) has no changes at hand`)
    }
  }

  /** The keys that a fold touched, as rows after and before it. */
  #touched(step: Step, aggregate: AggregateStep, at: number): Delta {
    const finish = (part: 'before' | 'after'): Relation => ({
      kind: 'finish',
      input: {
        kind: 'read',
        series: { step: step.id, part },
        from: at,
        to: at + 1,
        shape: accumulators(aggregate, 'none'),
      },
      shape: this.#contentShape(step),
    })
    return { plus: finish('after'), minus: finish('before') }
  }

  /** What an emit step gives in `at`. */
  emitted(step: EmitStep, at: number): Relation {
    const parent = this.#analysis.parent(step)
    if (step.mode === 'snapshots') return this.content(parent, at)
    const shape = this.#contentShape(step)
    const { plus, minus } = this.#analysis.isCompared(parent)
      ? {
          plus: this.#madeContent(parent, at),
          minus: this.#madeContent(parent, this.#lastChange(parent, at - 1)),
        }
      : this.#delta(parent, at)
    return { kind: 'consolidate', plus, minus, key: parent.key, shape }
  }

  /** The last interval up to `at` in which a table's content could change; -1 where there was none. */
  #lastChange(step: Step, at: number): number {
    let last = at
    while (last >= 0 && !this.changesAt(step, last)) last--
    return last
  }

  /** The intervals inside a window as of the end of `at`. */
  #inside(window: { readonly lengthMs: number }, at: number): { from: number; to: number } {
    return { from: Math.max(0, at + 1 - this.#span(window.lengthMs)), to: at + 1 }
  }

  #spans({ window }: Windowed): { length: number; slide: number } {
    return { length: this.#span(window.lengthMs), slide: this.#span(window.slideMs) }
  }

  #shape(step: Step, interval: IntervalColumn): RecordShape {
    return { rows: 'records', type: step.type, interval, positions: this.#analysis.positions[step.id]! }
  }

  /** Rows of a content have no interval, except where a later step needs their order: by interval, then position. */
  #contentShape(step: Step): RecordShape {
    return this.#shape(step, this.#analysis.positions[step.id]! > 0 ? 'column' : 'none')
  }
}

/** Whether a step is given its input interval by interval. */
const isFedOneByOne = (step: Step): boolean =>
  step.kind === 'sink' || step.kind === 'apply' || (step.kind === 'state' && step.of === 'bag')

const intervalOf = (from: number, to: number): IntervalColumn => (to - from === 1 ? { at: from } : 'column')

const accumulators = (step: AggregateStep, interval: IntervalColumn): AccumulatorShape => ({
  rows: 'accumulators',
  step,
  interval,
})

/** The type of a table's changes: the row with `op` before its fields, or `{ op, value }` of a scalar. */
export function changesType(type: Type | undefined): Type | undefined {
  if (!type) return undefined
  const op = { name: 'op', type: STRING }
  return structOf(type.kind === 'struct' ? [op, ...type.fields] : [op, { name: 'value', type }])
}

/** The text of a series, for names and maps. */
export const seriesName = ({ step, part }: Series): string => `${step} ${part}`
