/**
 * Fusing: a select whose only child is a select becomes one step with both their operations, so that a chain of map,
 * filter and flatMap is one pass over the records (DS-37). Steps are numbered again; the last one's name is kept.
 */
import { childrenOf, type Plan } from './plan.ts'
import type { Operation, SelectStep, Step } from './step.ts'

export function fuse(plan: Plan): Plan {
  const children = new Map<number, number>()
  for (const step of plan.steps)
    for (const parent of step.parents) children.set(parent, (children.get(parent) ?? 0) + 1)

  const kept: Step[] = []
  /** Where each old step went: its new number. */
  const numbers = new Map<number, number>()
  for (const step of plan.steps) {
    const parents = step.parents.map((parent) => numbers.get(parent)!)
    const before = step.parents.length === 1 ? kept[parents[0]!] : undefined
    const isFused =
      step.kind === 'select' &&
      before?.kind === 'select' &&
      before.output === 'records' &&
      children.get(step.parents[0]!) === 1
    if (isFused) {
      const fused: SelectStep = {
        ...step,
        id: before.id,
        parents: before.parents,
        operations: [...before.operations, ...named(step, plan)],
      }
      kept[before.id] = Object.freeze(fused)
      numbers.set(step.id, before.id)
      continue
    }
    const id = kept.length
    numbers.set(step.id, id)
    const of = step.kind === 'source' ? { of: numbers.get(step.of) ?? id } : {}
    const own = step.kind === 'select' ? { operations: named(step, plan) } : {}
    kept.push(Object.freeze({ ...step, ...of, ...own, id, parents }) as Step)
  }
  return Object.freeze({ ...plan, steps: Object.freeze(kept) })
}

/** A select's operations, each with the name of the step that the user made of it. */
const named = (step: SelectStep, plan: Plan): readonly Operation[] =>
  step.operations.map((operation) => {
    if (operation.kind === 'sample' || operation.step !== undefined) return operation
    // an aggregate's functions are those of the aggregate that comes next
    const next =
      operation.kind === 'extend' && childrenOf(plan, step).find(({ kind }) => kind === 'aggregate')
    return { ...operation, step: (next || step).name }
  })
