/** The operations of a select on the memory engine: the user's own functions, called record by record. */
import { callerOf, type Failed, positionText, recordText, type Site } from '../../plan/call.ts'
import type { Lambda } from '../../plan/lambda.ts'
import { isSampled } from '../../plan/sample.ts'
import type { Operation, SelectStep } from '../../plan/step.ts'
import type { Row } from './relation.ts'

/** What functions are called with, and who is told when one fails. */
export interface Calls extends Pick<Site, 'job' | 'intervals' | 'watch'> {
  failed(site: Pick<Site, 'step' | 'role'>, failed: Failed): void
}

/** The rows of a select, or the records for which one of its functions failed. */
export function select(
  { operations, output, name }: SelectStep,
  rows: readonly Row[],
  calls: Calls,
): readonly Row[] {
  const rejects: Row[] = []
  // who only looks for the rejects calls again what has been counted
  const counting = output === 'rejects' ? { ...calls, failed: () => {} } : calls
  let current = rows
  for (const operation of operations) {
    const apply = applier(operation, name, counting, (row) => rejects.push(row))
    current = current.flatMap(apply)
  }
  return output === 'rejects' ? rejects : current
}

type Apply = (row: Row) => readonly Row[]

function applier(operation: Operation, name: string, calls: Calls, reject: (row: Row) => void): Apply {
  if (operation.kind === 'sample')
    return (row) => (isSampled(operation.seed, operation.fraction, row.position) ? [row] : [])
  const calling = (lambda: Lambda, role: string): ReturnType<typeof rowCaller> =>
    rowCaller(lambda, { role, step: operation.step ?? name }, calls, reject)
  switch (operation.kind) {
    case 'filter': {
      const call = calling(operation.lambda, operation.kind)
      return (row) => (call(row)?.value ? [row] : [])
    }
    case 'map': {
      const call = calling(operation.lambda, operation.kind)
      return (row) => {
        const returned = call(row)
        return returned ? [{ ...row, value: returned.value }] : []
      }
    }
    case 'flatMap': {
      const call = calling(operation.lambda, operation.kind)
      return (row) =>
        ((call(row)?.value ?? []) as readonly unknown[]).map((value, index) => ({
          value,
          interval: row.interval,
          position: [...row.position, index],
        }))
    }
    case 'extend': {
      const fields = operation.fields.map(
        ({ name: field, role, lambda }) => [field, calling(lambda, role)] as const,
      )
      return (row) => {
        const value: Record<string, unknown> = { record: row.value }
        for (const [field, call] of fields) {
          const returned = call(row)
          if (!returned) return []
          value[field] = returned.value
        }
        return [{ ...row, value }]
      }
    }
    default:
      return operation satisfies never
  }
}

/** Calls a function for a row; where it fails the row becomes a reject, and there is no value. */
function rowCaller(
  lambda: Lambda,
  { step, role }: Pick<Site, 'step' | 'role'>,
  calls: Calls,
  reject: (row: Row) => void,
): (row: Row) => { readonly value: unknown } | undefined {
  const { job, watch } = calls
  const site: Site = { job, step, role, watch, intervals: () => calls.intervals() }
  const call = callerOf(lambda, site)
  const needsPosition = lambda.context.has('random')
  return ({ value, interval, position }) => {
    const outcome = call(value, { interval, position: needsPosition ? positionText(position) : '' })
    if (outcome.ok) return outcome
    calls.failed(site, outcome)
    const { reason, stack = null } = outcome
    const text = recordText(value)
    reject({
      value: { step, function: role, interval, position: positionText(position), reason, stack, text },
      interval,
      position: [],
    })
    return undefined
  }
}
