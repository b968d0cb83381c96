/**
 * The frozen graph of steps that a job compiles to, once.
 *
 * A plan is made by the fluent API (stream/) through a `PlanBuilder`, checked as it grows, and frozen. Nothing in it
 * changes while the job runs: what happens in an interval is decided by pure functions from the plan and the
 * interval's numbers.
 */
import { DstreamsError } from '../errors.ts'
import type { Outer } from '../expression/compile.ts'
import type { Lambda } from './lambda.ts'
import type { Operation, SinkStep, SourceStep, Step } from './step.ts'

export interface Plan {
  readonly job: string
  readonly intervalMs: number
  /** In an order in which parents come before children. */
  readonly steps: readonly Step[]
}

/** Why a dataset depends on another: row by row, or by bringing rows together by key. DS-39 reads it. */
export type Dependency = 'narrow' | 'shuffle'

/** How the rows of `step` come from its parents. */
export function dependencyOf(step: Step): Dependency {
  return step.kind === 'aggregate' || step.kind === 'order' || step.kind === 'apply' ? 'shuffle' : 'narrow'
}

export const stepAt = (plan: Plan, id: number): Step => plan.steps[id]!

export const parentsOf = (plan: Plan, step: Step): readonly Step[] =>
  step.parents.map((id) => stepAt(plan, id))

export const childrenOf = (plan: Plan, step: Step): readonly Step[] =>
  plan.steps.filter((other) => other.parents.includes(step.id))

export const sourcesOf = (plan: Plan): readonly SourceStep[] =>
  plan.steps.filter((step): step is SourceStep => step.kind === 'source' && step.output === 'records')

export const sinksOf = (plan: Plan): readonly SinkStep[] =>
  plan.steps.filter((step): step is SinkStep => step.kind === 'sink')

/** A function, with a word for what it is there for. */
export interface Role {
  readonly role: string
  readonly lambda: Lambda
  /** The step that the user made of it, where that is not the step it is in. */
  readonly step?: string | undefined
}

/** The functions of an operation. */
export function functionsOf(operation: Operation): readonly Role[] {
  if (operation.kind === 'sample') return []
  const { kind, step } = operation
  if (kind === 'extend') return operation.fields.map(({ role, lambda }) => ({ role, lambda, step }))
  return [{ role: kind, lambda: operation.lambda, step }]
}

/** Every lambda of a step, with a word for its role. */
export function lambdasOf(step: Step): readonly Role[] {
  switch (step.kind) {
    case 'select':
      return step.operations.flatMap(functionsOf)
    case 'aggregate':
      return [
        ...(step.by.kind === 'fields' ? [{ role: 'groupBy', lambda: step.by.lambda }] : []),
        ...(step.value ? [{ role: 'value', lambda: step.value }] : []),
        ...step.aggregates.flatMap((aggregate) => [
          ...(aggregate.value
            ? [{ role: `${aggregate.name}: ${aggregate.kind}`, lambda: aggregate.value }]
            : []),
          ...aggregate.orders.map(({ value }) => ({ role: `${aggregate.name}: order`, lambda: value })),
          ...(aggregate.merge ? [{ role: `${aggregate.name}: reduce`, lambda: aggregate.merge }] : []),
        ]),
      ]
    case 'apply':
      return [{ role: step.mode, lambda: step.lambda }]
    case 'order':
      return step.orders.map(({ direction, value }) => ({ role: direction, lambda: value }))
    default:
      return []
  }
}

/** Refuses a plan of which a function is not compiled; the error lists all of them. */
export function requireCompiled(plan: Plan): void {
  const found = plan.steps.flatMap((step) =>
    lambdasOf(step).flatMap(({ role, lambda, step: made = step.name }) =>
      lambda.compiled.ok ? [] : [{ made, role, ...lambda.compiled }],
    ),
  )
  const [first] = found
  if (!first) return
  const all = found.map(
    ({ made, role, construct, line, column, why }) =>
      `step "${made}" (${role}) at ${line}:${column}, ${construct}: ${why}`,
  )
  throw new DstreamsError('DS_LAMBDA', {
    what: `Job ${plan.job} is strict, and ${found.length === 1 ? 'a function runs' : `${found.length} functions run`} as JavaScript: ${all.join(' ')}`,
    cure: first.cure,
  })
}

/** Collects the steps of a job while it is being defined. */
export class PlanBuilder {
  readonly job: string
  readonly intervalMs: number
  /** What is known of the variables that the job's functions take from outside. */
  readonly outer: Outer | undefined
  readonly #steps: Step[] = []
  /** Steps whose names were not given by the user. */
  readonly #derived = new Set<number>()

  constructor(job: string, intervalMs: number, outer?: Outer) {
    this.job = job
    this.intervalMs = intervalMs
    this.outer = outer
  }

  /**
   * Adds a step.
   * @param given the name that the user gave it, which must be unique; a derived name gives way to it
   */
  add<S extends Step>(step: Omit<S, 'id' | 'name'>, given?: string): S {
    const id = this.#steps.length
    const name = given ?? this.#derive(step as unknown as Step)
    const other = this.#steps.find((one) => one.name === name)
    if (other && !this.#derived.has(other.id))
      throw new DstreamsError('DS_JOB', {
        what: `Two steps of job ${this.job} are named "${name}".`,
        cure: 'Give each step a name of its own.',
      })
    const added = Object.freeze({ ...step, id, name }) as unknown as Step
    this.#steps.push(added)
    if (given === undefined) this.#derived.add(id)
    if (other) this.#steps[other.id] = Object.freeze({ ...other, name: this.#derive(other) })
    return added as S
  }

  step(id: number): Step {
    return this.#steps[id]!
  }

  /** The id that the next step will have. */
  get nextId(): number {
    return this.#steps.length
  }

  freeze(): Plan {
    if (!this.#steps.some((step) => step.kind === 'source'))
      throw new DstreamsError('DS_JOB', {
        what: `Job ${this.job} has no source.`,
        cure: 'Begin with s.from(...).',
      })
    if (!this.#steps.some((step) => step.kind === 'sink'))
      throw new DstreamsError('DS_JOB', {
        what: `Job ${this.job} has no sink.`,
        cure: 'End a stream with .to(name, sink).',
      })
    return Object.freeze({
      job: this.job,
      intervalMs: this.intervalMs,
      steps: Object.freeze([...this.#steps]),
    })
  }

  /** The kind of a step, numbered where that name is taken. */
  #derive(step: Step): string {
    const kind = step.kind === 'source' ? step.source.kind : step.kind
    for (let number = 1; ; number++) {
      const name = number === 1 ? kind : `${kind} ${number}`
      if (!this.#steps.some((other) => other.name === name)) return name
    }
  }
}
