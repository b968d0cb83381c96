/**
 * When intervals are cut and run: a pure function from state and event to state and effects.
 *
 * Cutting and running are two hands of one clock. At the end of each interval it is cut (what arrived becomes its
 * blocks) whether or not earlier intervals are done, so an interval that takes too long delays the next but never
 * takes its records. What is cut and not yet run is the backlog; it is run together, many intervals in one go.
 *
 *   wall clock   cut 0 | cut 1 | cut 2 | cut 3 | ...      at each end of an interval
 *                      [ run 0    ][ run 1..2 ][ run 3 ]   never overlapping, in order
 *   step clock   cut as fast as the limits allow, until the sources have nothing more
 */
import { type Intervals, intervalAt, intervalsOver } from '../interval/interval.ts'

/** Most intervals that are cut and not run; beyond it cutting waits, and with it intake. */
export const MAX_BACKLOG = 64
/** How long the step clock waits before it asks sources again that had nothing. */
export const IDLE_MS = 20
/** Most input of intervals that are run together, in bytes; one interval may be larger. */
export const MAX_RUN_BYTES = 256 * 1024 * 1024

export interface SchedulerState {
  readonly intervals: Intervals
  readonly clock: 'wall' | 'step'
  /** Number of intervals after which the job ends. */
  readonly lastInterval: number
  /** Whether the job ends when the sources have ended. */
  readonly endsWithSources: boolean
  /** The next interval to cut. */
  readonly nextCut: number
  /** Bytes of the intervals that are cut and not run; the first one is `nextCut - waiting.length`. */
  readonly waiting: readonly number[]
  readonly cutting: boolean
  /** By the step clock: whether the last cut found nothing, though the sources have not ended. */
  readonly idle: boolean
  /** Number of intervals under way; 0 if none. */
  readonly running: number
  readonly sourcesEnded: boolean
  readonly stopping: boolean
  readonly finished: boolean
}

export type SchedulerEvent =
  | { readonly kind: 'time'; readonly nowMs: number }
  /** A cut is done. By the step clock `bytes` is undefined where there was nothing to cut: no interval passes then. */
  | {
      readonly kind: 'cut'
      readonly nowMs: number
      readonly bytes: number | undefined
      readonly ended: boolean
    }
  | { readonly kind: 'ran'; readonly nowMs: number }
  | { readonly kind: 'stop'; readonly nowMs: number }

export type Effect =
  | { readonly kind: 'cut'; readonly index: number }
  | { readonly kind: 'run'; readonly from: number; readonly to: number }
  /** Ask again at this time. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'finish'; readonly reason: 'stopped' | 'drained' | 'until' }

export function schedule(
  before: SchedulerState,
  event: SchedulerEvent,
): readonly [SchedulerState, readonly Effect[]] {
  let state = apply(before, event)
  const effects: Effect[] = []
  if (state.finished) return [state, effects]

  if (state.running === 0 && state.waiting.length > 0 && !state.stopping) {
    const from = state.nextCut - state.waiting.length
    const count = together(state.waiting)
    effects.push({ kind: 'run', from, to: from + count })
    state = { ...state, running: count }
  }
  if (canCut(state)) {
    const due =
      state.clock === 'step' ? !state.idle : intervalsOver(state.intervals, event.nowMs) > state.nextCut
    if (due) {
      effects.push({ kind: 'cut', index: state.nextCut })
      state = { ...state, cutting: true }
    } else effects.push({ kind: 'wait', untilMs: nextTry(state, event.nowMs) })
  }
  const reason = endReason(state)
  if (reason) {
    effects.push({ kind: 'finish', reason })
    state = { ...state, finished: true }
  }
  return [state, effects]
}

function apply(state: SchedulerState, event: SchedulerEvent): SchedulerState {
  switch (event.kind) {
    case 'time':
      return { ...state, idle: false }
    case 'cut': {
      const { bytes, ended } = event
      const cut = {
        ...state,
        cutting: false,
        idle: bytes === undefined && !ended,
        sourcesEnded: ended && state.endsWithSources,
      }
      return bytes === undefined
        ? cut
        : { ...cut, nextCut: state.nextCut + 1, waiting: [...state.waiting, bytes] }
    }
    case 'ran':
      return { ...state, running: 0, waiting: state.waiting.slice(state.running) }
    case 'stop':
      return { ...state, stopping: true }
    default:
      return event satisfies never
  }
}

/** When to cut again: at the end of the interval, or when an idle source may have something. */
const nextTry = (state: SchedulerState, nowMs: number): number =>
  state.clock === 'step' ? nowMs + IDLE_MS : intervalAt(state.intervals, state.nextCut).toMs

const canCut = (state: SchedulerState): boolean =>
  !state.cutting &&
  !state.stopping &&
  !state.sourcesEnded &&
  state.nextCut < state.lastInterval &&
  state.waiting.length < MAX_BACKLOG

/** How many of the waiting intervals are run together: at least one, and as many as the bytes allow. */
function together(waiting: readonly number[]): number {
  let bytes = 0
  let count = 0
  for (const next of waiting) {
    bytes += next
    if (count > 0 && bytes > MAX_RUN_BYTES) break
    count++
  }
  return count
}

function endReason(state: SchedulerState): 'stopped' | 'drained' | 'until' | undefined {
  if (state.running > 0 || state.cutting) return undefined
  // what was cut and not run stays with the sources: nothing of it was committed
  if (state.stopping) return 'stopped'
  if (state.waiting.length > 0) return undefined
  if (state.sourcesEnded) return 'drained'
  return state.nextCut >= state.lastInterval ? 'until' : undefined
}
