/** The scheduler as what it is, a pure function: tables of events and effects, and what holds for all of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Effect,
  IDLE_MS,
  MAX_BACKLOG,
  MAX_RUN_BYTES,
  type SchedulerEvent,
  type SchedulerState,
  schedule,
} from '../../src/run/scheduler.ts'

const START: SchedulerState = {
  intervals: { originMs: 0, lengthMs: 1000 },
  clock: 'wall',
  lastInterval: Number.POSITIVE_INFINITY,
  endsWithSources: false,
  nextCut: 0,
  waiting: [],
  cutting: false,
  idle: false,
  running: 0,
  sourcesEnded: false,
  stopping: false,
  finished: false,
}

const time = (nowMs: number): SchedulerEvent => ({ kind: 'time', nowMs })
const cut = (nowMs: number, bytes: number | undefined, ended = false): SchedulerEvent => ({
  kind: 'cut',
  nowMs,
  bytes,
  ended,
})
const ran = (nowMs: number): SchedulerEvent => ({ kind: 'ran', nowMs })
const stop = (nowMs: number): SchedulerEvent => ({ kind: 'stop', nowMs })

/** Effects as words: `cut 3`, `run 0-2`, `wait 4000`, `finish until`. */
const words = (effects: readonly Effect[]): string =>
  effects
    .map((effect): string => {
      switch (effect.kind) {
        case 'cut':
          return `cut ${effect.index}`
        case 'run':
          return `run ${effect.from}-${effect.to}`
        case 'wait':
          return `wait ${effect.untilMs}`
        case 'finish':
          return `finish ${effect.reason}`
        default:
          return effect satisfies never
      }
    })
    .join(', ')

const BIG = MAX_RUN_BYTES

describe('the scheduler', () => {
  test.each<[string, Partial<SchedulerState>, readonly (readonly [SchedulerEvent, string])[]]>([
    [
      'cuts at the end of an interval, never before, and waits for the next end while it runs',
      {},
      [
        [time(0), 'wait 1000'],
        [time(999), 'wait 1000'],
        [time(1000), 'cut 0'],
        [cut(1001, 5), 'run 0-1, wait 2000'],
        [ran(1400), 'wait 2000'],
        [time(2000), 'cut 1'],
      ],
    ],
    [
      'counts intervals from where the job began',
      { intervals: { originMs: 7000, lengthMs: 500 } },
      [
        [time(7100), 'wait 7500'],
        [time(7500), 'cut 0'],
      ],
    ],
    [
      'goes on cutting beside a run that takes too long, then runs what waits together',
      {},
      [
        [time(1000), 'cut 0'],
        [cut(1000, 1), 'run 0-1, wait 2000'],
        [time(2000), 'cut 1'],
        [cut(2000, 1), 'wait 3000'],
        [time(3000), 'cut 2'],
        [cut(3000, 1), 'wait 4000'],
        [ran(3500), 'run 1-3, wait 4000'],
        [ran(3900), 'wait 4000'],
      ],
    ],
    [
      'catches up with a clock that jumped: one cut after the other, none left out',
      {},
      [
        [time(3000), 'cut 0'],
        [time(3000), ''],
        [cut(3000, 1), 'run 0-1, cut 1'],
        [cut(3000, 1), 'cut 2'],
        [cut(3000, 1), 'wait 4000'],
        [ran(3000), 'run 1-3, wait 4000'],
      ],
    ],
    [
      'a clock that goes back only waits',
      {},
      [
        [time(1000), 'cut 0'],
        [cut(500, 1), 'run 0-1, wait 2000'],
        [ran(-4000), 'wait 2000'],
      ],
    ],
    [
      'runs together only what the bytes allow, and at least one interval',
      { clock: 'step', waiting: [BIG + 1, BIG - 1, 1, 1], nextCut: 4, cutting: true },
      [
        [time(0), 'run 0-1'],
        [ran(0), 'run 1-3'],
        [ran(0), 'run 3-4'],
        [ran(0), ''],
      ],
    ],
    [
      'the step clock cuts at once, until the sources have nothing more',
      { clock: 'step', endsWithSources: true },
      [
        [time(0), 'cut 0'],
        [cut(0, 3), 'run 0-1, cut 1'],
        [cut(0, 3, true), ''],
        [ran(0), 'run 1-2'],
        [ran(0), 'finish drained'],
      ],
    ],
    [
      'a last cut that brought nothing is no interval',
      { clock: 'step', endsWithSources: true },
      [
        [time(0), 'cut 0'],
        [cut(0, 3), 'run 0-1, cut 1'],
        [ran(0), ''],
        [cut(0, undefined, true), 'finish drained'],
      ],
    ],
    [
      'the step clock asks sources again, after a while, that had nothing and have not ended',
      { clock: 'step', endsWithSources: true },
      [
        [time(100), 'cut 0'],
        [cut(100, undefined), `wait ${100 + IDLE_MS}`],
        [time(100 + IDLE_MS), 'cut 0'],
        [cut(150, 7), 'run 0-1, cut 1'],
        [cut(150, undefined), `wait ${150 + IDLE_MS}`],
        [ran(160), `wait ${160 + IDLE_MS}`],
        [time(200), 'cut 1'],
        [cut(200, undefined, true), 'finish drained'],
      ],
    ],
    [
      'sources that have ended do not end a job that ends otherwise',
      { lastInterval: 2 },
      [
        [time(1000), 'cut 0'],
        [cut(1000, 0, true), 'run 0-1, wait 2000'],
        [ran(1000), 'wait 2000'],
        [time(2000), 'cut 1'],
        [cut(2000, 0, true), 'run 1-2'],
        [ran(2000), 'finish until'],
      ],
    ],
    [
      'stop lets the run under way end, and runs nothing more of what was cut',
      { nextCut: 4, waiting: [1, 1, 1], running: 1 },
      [
        [stop(4200), ''],
        [time(5000), ''],
        [ran(5100), 'finish stopped'],
        [time(6000), ''],
      ],
    ],
    [
      'stop lets the cut under way end',
      { cutting: true },
      [
        [stop(1100), ''],
        [cut(1200, 7), 'finish stopped'],
        [ran(1300), ''],
      ],
    ],
    ['stop ends at once what has nothing under way', {}, [[stop(100), 'finish stopped']]],
    [
      'a full backlog is not cut further, until a run makes room',
      { nextCut: MAX_BACKLOG, waiting: new Array(MAX_BACKLOG).fill(1), running: 2 },
      [
        [time(1_000_000), ''],
        [ran(1_000_000), `run 2-${MAX_BACKLOG}, cut ${MAX_BACKLOG}`],
      ],
    ],
  ])('%s', (_name, state, steps) => {
    let now: SchedulerState = { ...START, ...state }
    const found = steps.map(([event]) => {
      const [after, effects] = schedule(now, event)
      now = after
      return words(effects)
    })
    expect(found).toEqual(steps.map(([, effects]) => effects))
  })

  test('does not change the state it is given', () => {
    const frozen: SchedulerState = Object.freeze({ ...START, waiting: Object.freeze([1, 2]), nextCut: 2 })
    const [after] = schedule(frozen, time(3000))
    expect(after).toMatchObject({ running: 2, cutting: true })
    expect(frozen).toMatchObject({ running: 0, cutting: false })
  })
})

/** What may happen next in a world around the scheduler. */
type Move =
  | { readonly move: 'time'; readonly ms: number }
  | { readonly move: 'cut'; readonly bytes: number; readonly ended: boolean }
  | { readonly move: 'ran' }
  | { readonly move: 'stop' }

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ move: fc.constant('time' as const), ms: fc.nat(2500) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      move: fc.constant('cut' as const),
      bytes: fc.constantFrom(0, 1, BIG / 3, BIG, 2 * BIG),
      ended: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ move: 'ran' as const }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => (n === 0 ? STOP : TICK)) },
)
const STOP = { move: 'stop' as const }
const TICK = { move: 'time' as const, ms: 1000 }

/** A world that obeys the effects and checks each. */
class World {
  state: SchedulerState
  nowMs = 0
  cutting: number | undefined
  /** The run under way. */
  running: { from: number; to: number } | undefined
  cuts = 0
  ranTo = 0
  waitsFor: number | undefined
  finished: string | undefined
  stopped = false

  constructor(state: SchedulerState) {
    this.state = state
  }

  tell(event: SchedulerEvent): void {
    const [state, effects] = schedule(this.state, event)
    this.state = state
    if (this.finished) expect(effects).toEqual([])
    for (const effect of effects) this.#obey(effect)
    expect(state.waiting.length).toBeLessThanOrEqual(MAX_BACKLOG)
    expect(this.cuts - this.ranTo, 'cut and not run').toBe(state.waiting.length)
    // whoever waits for nothing is never asked again
    if (!this.finished && this.cutting === undefined && !this.running) expect(this.waitsFor).toBeDefined()
  }

  #obey(effect: Effect): void {
    switch (effect.kind) {
      case 'cut':
        expect([this.cutting, this.stopped]).toEqual([undefined, false])
        expect(effect.index, 'cut in order').toBe(this.cuts)
        expect(effect.index).toBeLessThan(this.state.lastInterval)
        if (this.state.clock === 'wall') expect(this.nowMs).toBeGreaterThanOrEqual(1000 * (effect.index + 1))
        this.cutting = effect.index
        return
      case 'run':
        expect([this.running, this.stopped]).toEqual([undefined, false])
        expect(effect.from, 'none left out, none twice').toBe(this.ranTo)
        expect(effect.to).toBeGreaterThan(effect.from)
        expect(effect.to, 'only what was cut').toBeLessThanOrEqual(this.cuts)
        this.running = effect
        return
      case 'wait':
        expect(effect.untilMs).toBeGreaterThan(this.nowMs)
        this.waitsFor = effect.untilMs
        return
      case 'finish':
        expect([this.finished, this.cutting, this.running]).toEqual([undefined, undefined, undefined])
        if (effect.reason !== 'stopped') expect(this.ranTo, 'everything cut was run').toBe(this.cuts)
        expect(effect.reason === 'stopped').toBe(this.stopped)
        this.finished = effect.reason
    }
  }

  make(next: Move): void {
    const { nowMs } = this
    switch (next.move) {
      case 'time':
        this.nowMs += next.ms
        this.tell(time(this.nowMs))
        return
      case 'cut': {
        if (this.cutting === undefined) return
        const { clock, endsWithSources } = this.state
        // as the driver does: what brought nothing is no interval at the end, nor by the step clock
        const isNone =
          next.bytes === 0 && (next.ended ? endsWithSources && this.cutting > 0 : clock === 'step')
        this.cutting = undefined
        if (!isNone) this.cuts++
        this.tell(cut(nowMs, isNone ? undefined : next.bytes, next.ended))
        return
      }
      case 'ran':
        if (!this.running) return
        this.ranTo = this.running.to
        this.running = undefined
        this.tell(ran(nowMs))
        return
      case 'stop':
        this.stopped = true
        this.tell(stop(nowMs))
    }
  }
}

test('whatever happens: in order, one at a time, none left out, the backlog bounded, an end for all', () => {
  fc.assert(
    fc.property(
      fc.record({
        clock: fc.constantFrom('wall' as const, 'step' as const),
        lastInterval: fc.constantFrom(Number.POSITIVE_INFINITY, 1, 5, 100),
        endsWithSources: fc.boolean(),
      }),
      fc.array(move, { maxLength: 300 }),
      (options, moves) => {
        const world = new World({ ...START, ...options })
        world.tell(time(0))
        for (const next of moves) world.make(next)
        // what is under way ends, and nothing is left over
        if (!world.finished) world.make(STOP)
        world.make({ move: 'cut', bytes: 1, ended: false })
        world.make({ move: 'ran' })
        expect(world.finished).toBeDefined()
      },
    ),
    { numRuns: 300 },
  )
})
