/** What tests of plans share: a record type, a sink that only stands there, and building a plan in one call. */
import { Analysis } from '../../src/plan/analysis.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { Step } from '../../src/plan/step.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { fromArray } from '../../src/sources/from-array.ts'
import type { DStream } from '../../src/stream/dstream.ts'
import { buildPlan, job, type Scope } from '../../src/stream/job.ts'

export interface Click {
  user: string
  ms: number
  n: number
  tag: string | null
}
export const CLICK = { user: 'string', ms: 'number', n: 'integer', tag: 'string?' } as const

/** A sink that takes content; nothing is ever written to it. */
export const probe: Sink = {
  kind: 'probe',
  detail: '',
  tableMode: 'content',
  open: () => Promise.reject(new Error('not opened')),
}

/** The plan of a job with intervals of 1 s over one source of clicks. */
export const planOf = (define: (clicks: DStream<Click>, s: Scope) => unknown, interval = '1s'): Plan =>
  buildPlan(job('test', { interval }, (s) => define(s.from(fromArray([], CLICK)), s)))

export const analysisOf = (define: (clicks: DStream<Click>, s: Scope) => unknown): Analysis =>
  new Analysis(planOf(define))

/** The only step of a kind. */
export function only<K extends Step['kind']>(plan: Plan, kind: K): Extract<Step, { kind: K }> {
  const found = plan.steps.filter((step) => step.kind === kind)
  if (found.length !== 1) throw new Error(`${found.length} steps of kind ${kind}`)
  return found[0] as Extract<Step, { kind: K }>
}
