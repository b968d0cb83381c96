/**
 * What can be said of a plan once, before any interval: which steps need positions, which tables are kept by folding
 * and which are recomputed, what has to be made because it is needed twice or remembered, and in which order.
 *
 *   window(30 s)        a bag of records of the last 30 s
 *    └ select            still a bag: done before the window, record by record
 *       └ aggregate      folded: state + partials that entered - partials that left (DS-21),
 *                        or merged from the partials in the window where the algebra has no subtract (DS-20)
 */
import { DstreamsError } from '../errors.ts'
import { childrenOf, functionsOf, type Plan, parentsOf, stepAt } from './plan.ts'
import type { AggregateStep, Operation, SelectStep, Step, WindowStep } from './step.ts'

/** How a table's content is kept. */
export type Upkeep =
  /** A state in the engine, changed by folds. */
  | 'folded'
  /** Merged at each slide from the partial accumulators in the window. */
  | 'merged'
  /** Computed from its parents' content when asked for. */
  | 'derived'

/** A bag of the records of a window: the window step and the selects between it and the asking step. */
export interface Windowed {
  readonly window: WindowStep
  /** Selects after the window, first one first; they are done before it. */
  readonly selects: readonly SelectStep[]
}

export class Analysis {
  readonly plan: Plan
  /** Number of position columns of each step's rows; 0 where no later step needs them. */
  readonly positions: readonly number[]
  /**
   * Order of computation: streams of stratum k for all intervals of a run, then its tables interval by interval, then
   * stratum k + 1, whose streams are emitted by tables of stratum k.
   */
  readonly strata: readonly number[]

  constructor(plan: Plan) {
    this.plan = plan
    this.positions = positionsOf(plan)
    this.strata = strataOf(plan)
  }

  /** The window that a bag of records comes from, if it is one. */
  windowed(step: Step): Windowed | undefined {
    if (step.kind === 'window') return { window: step, selects: [] }
    if (step.kind !== 'select' || step.flow !== 'table') return undefined
    const inner = this.windowed(this.parent(step))
    return inner && { window: inner.window, selects: [...inner.selects, step] }
  }

  parent(step: Step): Step {
    return stepAt(this.plan, step.parents[0]!)
  }

  children(step: Step): readonly Step[] {
    return childrenOf(this.plan, step)
  }

  /** How an aggregate of a table is kept. */
  upkeep(step: AggregateStep): Upkeep {
    const parent = this.parent(step)
    const windowed = this.windowed(parent)
    const invertible = step.aggregates.every((aggregate) => aggregate.invertible)
    if (windowed)
      return invertible && windowed.window.slideMs <= windowed.window.lengthMs ? 'folded' : 'merged'
    const changes = this.changes(parent)
    return changes === 'inserts' || (changes === 'both' && invertible) ? 'folded' : 'derived'
  }

  /** Whether a table's changes are at hand without comparing contents, and whether they are only ever new rows. */
  changes(step: Step): 'inserts' | 'both' | undefined {
    switch (step.kind) {
      case 'window':
        return 'both'
      case 'state':
        return step.of === 'bag' ? 'inserts' : 'both'
      case 'select':
        return this.changes(this.parent(step))
      case 'union': {
        const all = parentsOf(this.plan, step).map((parent) => this.changes(parent))
        if (all.includes(undefined)) return undefined
        return all.includes('both') ? 'both' : 'inserts'
      }
      case 'aggregate':
        return this.upkeep(step) === 'folded' ? 'both' : undefined
      default:
        return undefined
    }
  }

  /** Whether somebody computes from a table's changes rather than from its content. */
  changesAreUsed(step: Step): boolean {
    return this.children(step).some((child) => {
      if (child.kind === 'emit') return child.mode === 'changes' && this.changes(step) !== undefined
      if (child.kind === 'aggregate') return !this.windowed(step) && this.upkeep(child) === 'folded'
      return (child.kind === 'select' || child.kind === 'union') && this.changesAreUsed(child)
    })
  }

  /** How many steps compute from a table's content. */
  contentUses(step: Step): number {
    return this.children(step).filter((child) => {
      if (child.kind === 'emit') return child.mode === 'snapshots' || this.changes(step) === undefined
      if (child.kind === 'aggregate') return this.upkeep(child) === 'derived'
      if (child.kind === 'select' || child.kind === 'union') return this.contentUses(child) > 0
      return true
    }).length
  }

  /** Whether a table's content is made as a dataset: it is computed, and needed more than once. */
  contentIsMade(step: Step): boolean {
    const computed =
      step.kind === 'order' ||
      step.kind === 'apply' ||
      step.kind === 'select' ||
      step.kind === 'union' ||
      (step.kind === 'aggregate' && this.upkeep(step) !== 'folded')
    if (!computed || step.flow !== 'table') return false
    return step.kind === 'apply' || this.contentUses(step) > 1 || this.isCompared(step)
  }

  /** Whether a table's changes come from comparing its contents. */
  isCompared(step: Step): boolean {
    return (
      this.changes(step) === undefined &&
      this.children(step).some((child) => child.kind === 'emit' && child.mode === 'changes')
    )
  }

  /** The slides at which a table's content changes; empty where it may change in any interval. */
  slides(step: Step): readonly number[] {
    if (step.kind === 'window') return [step.slideMs]
    if (step.kind === 'state') return []
    const parents = parentsOf(this.plan, step).map((parent) => this.slides(parent))
    return parents.some((slides) => slides.length === 0) ? [] : parents.flat()
  }
}

function strataOf(plan: Plan): readonly number[] {
  const strata: number[] = []
  for (const step of plan.steps) {
    const inherited = Math.max(0, ...step.parents.map((parent) => strata[parent]!))
    strata.push(step.kind === 'emit' ? inherited + 1 : inherited)
  }
  return strata
}

/** Positions are carried from the source down to the last step that needs them, and only then (DESIGN section 3). */
function positionsOf(plan: Plan): readonly number[] {
  const needed = new Set<number>()
  for (const step of [...plan.steps].reverse()) {
    if (step.kind === 'aggregate' && step.aggregates.some((aggregate) => aggregate.ordered))
      needed.add(step.parents[0]!)
    if (step.kind === 'select' && step.operations.some(needsPosition)) needed.add(step.parents[0]!)
    if (isRejects(step) && hasPositions(plan, stepAt(plan, step.parents[0]!))) needed.add(step.parents[0]!)
    if (!needed.has(step.id)) continue
    if (makesRows(step))
      throw new DstreamsError('DS_JOB', {
        what: `The rows of step "${step.name}" of job ${plan.job} have no order of arrival, and a later step (first, last, collect, reduce, sample or ctx.random) needs one.`,
        cure: 'Order them by a field instead: topK(k, asc(...)), min, max; or use that step before the aggregate.',
      })
    for (const parent of step.parents) needed.add(parent)
  }
  const counts: number[] = []
  for (const step of plan.steps) counts.push(needed.has(step.id) ? countPositions(plan, step, counts) : 0)
  return counts
}

const needsPosition = (operation: Operation): boolean =>
  operation.kind === 'sample' || functionsOf(operation).some(({ lambda }) => lambda.context.has('random'))

const isRejects = (step: Step): boolean => step.kind === 'select' && step.output === 'rejects'

/** Whether a step makes rows of its own, that came from nowhere. */
const makesRows = (step: Step): boolean =>
  step.kind === 'aggregate' ||
  step.kind === 'apply' ||
  step.kind === 'emit' ||
  isRejects(step) ||
  (step.kind === 'state' && step.of === 'aggregate')

/** Whether the rows of a step can be traced to positions. */
const hasPositions = (plan: Plan, step: Step): boolean =>
  !makesRows(step) && parentsOf(plan, step).every((parent) => hasPositions(plan, parent))

function countPositions(plan: Plan, step: Step, counts: readonly number[]): number {
  if (step.kind === 'source') return 2
  const parents = parentsOf(plan, step).map((parent) => counts[parent.id]!)
  if (step.kind === 'union') return 1 + parents.reduce((sum, count) => sum + count, 0)
  if (step.kind === 'select')
    return parents[0]! + step.operations.filter((operation) => operation.kind === 'flatMap').length
  return parents[0]!
}
