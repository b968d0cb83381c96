/** The driver with a clock, sources, sinks and an engine that do as the test says. */
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Engine } from '../../src/engines/engine.ts'
import { MemoryEngine } from '../../src/engines/memory/engine.ts'
import { Driver, type DriverOptions } from '../../src/run/driver.ts'
import type { IntervalEvent, Summary } from '../../src/run/events.ts'
import { MAX_BACKLOG } from '../../src/run/scheduler.ts'
import { BlockFiles } from '../../src/store/block-files.ts'
import { buildPlan, type Job, job } from '../../src/stream/job.ts'
import { temporaryDirectory } from '../sources/context.ts'
import {
  FakeClock,
  type FakeSink,
  type FakeSource,
  fakeSink,
  fakeSource,
  Gate,
  GatedEngine,
  settle,
  until,
} from './fakes.ts'

interface Drive {
  readonly driver: Driver
  readonly finished: Promise<Summary>
  readonly clock: FakeClock
  readonly events: IntervalEvent[]
}

/** Starts a driver; whatever the test does, it is stopped afterwards. */
function drive(
  what: Job,
  engine: Engine,
  options: Partial<DriverOptions> = {},
  clock = new FakeClock(),
): Drive {
  const events: IntervalEvent[] = []
  const driver = new Driver({
    plan: buildPlan(what),
    engine,
    clock,
    pace: 'wall',
    lastInterval: Number.POSITIVE_INFINITY,
    endsWithSources: false,
    verify: false,
    blockFiles: new BlockFiles(temporaryDirectory()),
    directory: '.',
    format: 'table',
    print() {},
    emit: (name, event) => {
      if (name === 'interval') events.push(event as IntervalEvent)
    },
    ...options,
  })
  const finished = driver.run()
  finished.catch(() => {})
  onTestFinished(() => driver.stop())
  return { driver, finished, clock, events }
}

const copyJob = (source: FakeSource, sink: FakeSink): Job =>
  job('copy', { interval: '1s' }, (s) => s.from(source).to('out', sink))

const wrote = ({ log }: FakeSink): readonly string[] => log.filter((line) => line.startsWith('write '))

describe('the clock', () => {
  test('interval n is cut at its end, and its facts are told when it is committed', async () => {
    const [source, sink, engine] = [fakeSource(), fakeSink(), new GatedEngine()]
    const { clock, events } = drive(copyJob(source, sink), engine, {}, new FakeClock(5500))
    await until(() => clock.armed.length > 0, 'the first wait')
    expect(clock.armed).toEqual([6000])
    expect(source.cuts).toEqual([])
    clock.moveTo(6000)
    await until(() => events.length === 1, 'interval 0')
    // the first interval contains the time at which the job began
    expect(source.cuts).toEqual([{ index: 0, fromMs: 5000, toMs: 6000 }])
    expect(events).toEqual([
      {
        interval: { index: 0, fromMs: 5000, toMs: 6000 },
        records: 1,
        rejects: 0,
        bytes: 10,
        processingMs: 0,
        totalDelayMs: 0,
        backlog: 0,
        together: 1,
      },
    ])
    expect(source.done).toEqual([0])
    clock.moveTo(6999)
    await settle()
    expect(source.cuts).toHaveLength(1)
  })

  test('an interval that takes too long delays the next, whose records wait, and the backlog is run together', async () => {
    const [source, sink, engine] = [fakeSource(), fakeSink(), new GatedEngine()]
    const gate = new Gate()
    engine.gates.set(0, gate)
    const { clock, events } = drive(copyJob(source, sink), engine)
    await until(() => clock.armed.length > 0, 'the first wait')
    clock.moveTo(1000)
    await until(() => engine.runs.length === 1, 'the first run')
    for (const ms of [2000, 3000, 4000]) {
      clock.moveTo(ms)
      await until(() => source.cuts.length === ms / 1000, `the cut at ${ms}`)
    }
    await settle()
    expect([engine.runs, events]).toEqual([[[0, 1]], []])
    clock.moveTo(4400)
    gate.open()
    await until(() => events.length === 4, 'four intervals')
    expect(engine.runs).toEqual([
      [0, 1],
      [1, 4],
    ])
    expect(wrote(sink)).toEqual(['write 0: 0', 'write 1: 1', 'write 2: 2', 'write 3: 3'])
    expect(events.map((event) => [event.interval.index, event.together])).toEqual([
      [0, 1],
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    // it began at 1000 and ended at 4400
    expect(events[0]).toMatchObject({ processingMs: 3400, totalDelayMs: 3400, records: 1 })
    expect(events.slice(1).map(({ totalDelayMs }) => totalDelayMs)).toEqual([2400, 1400, 400])
    expect(source.done).toEqual([0, 1, 2, 3])
  })

  test('a backlog that is full holds back the intake, and none is left out afterwards', async () => {
    const [source, sink, engine] = [fakeSource(), fakeSink(), new GatedEngine()]
    const gate = new Gate()
    engine.gates.set(0, gate)
    const { clock, events } = drive(copyJob(source, sink), engine)
    await until(() => clock.armed.length > 0, 'the first wait')
    clock.moveTo(1000)
    await until(() => engine.runs.length === 1, 'the first run')
    clock.moveTo(1000 * (MAX_BACKLOG + 10))
    await until(() => source.cuts.length === MAX_BACKLOG, 'a full backlog')
    await settle()
    expect(source.cuts).toHaveLength(MAX_BACKLOG)
    gate.open()
    await until(() => events.length === MAX_BACKLOG + 10, 'all intervals')
    expect(events.map(({ interval }) => interval.index)).toEqual(
      Array.from({ length: MAX_BACKLOG + 10 }, (_, index) => index),
    )
    expect(wrote(sink)).toEqual(events.map((_, index) => `write ${index}: ${index}`))
  })

  test('the step clock waits for nothing', async () => {
    const [source, sink, engine] = [fakeSource({ ends: 5 }), fakeSink(), new MemoryEngine()]
    const options = { pace: 'step', endsWithSources: true } as const
    const { finished, events, clock } = drive(copyJob(source, sink), engine, options, new FakeClock(10_250))
    expect(await finished).toEqual({ intervals: 5, records: 5, rejects: 0, elapsedMs: 0, reason: 'drained' })
    expect(events.map(({ interval, totalDelayMs }) => [interval.fromMs, totalDelayMs])).toEqual([
      [10_000, 0],
      [11_000, 0],
      [12_000, 0],
      [13_000, 0],
      [14_000, 0],
    ])
    expect(clock.armed).toEqual([])
  })
})

describe('a sink', () => {
  test('may be behind the computation; an interval counts as done when all sinks have it', async () => {
    const gates = [new Gate(), new Gate()]
    const slow = fakeSink({ write: ({ index }) => gates[index]!.passed })
    const [source, fast, engine] = [fakeSource(), fakeSink(), new GatedEngine()]
    const both = job('both', { interval: '1s' }, (s) => {
      const stream = s.from(source)
      stream.to('slow', slow)
      stream.to('fast', fast)
    })
    const { clock, events, driver, finished } = drive(both, engine)
    await until(() => clock.armed.length > 0, 'the first wait')
    clock.moveTo(1000)
    await until(() => wrote(fast).length === 1, 'interval 0')
    clock.moveTo(2000)
    await until(() => wrote(fast).length === 2, 'interval 1')
    expect([wrote(slow), events, source.done]).toEqual([['write 0: 0'], [], []])
    gates[0]!.open()
    await until(() => events.length === 1, 'the commit of interval 0')
    // a stop waits for what was computed
    driver.stop()
    await settle()
    expect(slow.log).not.toContain('close')
    gates[1]!.open()
    expect(await finished).toMatchObject({ intervals: 2, records: 2, reason: 'stopped' })
    expect([slow.log.at(-1), fast.log.at(-1)]).toEqual(['close', 'close'])
  })
})

describe('stop', () => {
  test('ends the run under way and leaves what waits', async () => {
    const [source, sink, engine] = [fakeSource(), fakeSink(), new GatedEngine()]
    const gate = new Gate()
    engine.gates.set(0, gate)
    const { clock, driver, finished, events } = drive(copyJob(source, sink), engine)
    await until(() => clock.armed.length > 0, 'the first wait')
    clock.moveTo(3000)
    await until(() => source.cuts.length === 3, 'three cuts')
    driver.stop()
    driver.stop()
    await settle()
    expect(engine.closed).toBe(0)
    gate.open()
    expect(await finished).toEqual({
      intervals: 1,
      records: 1,
      rejects: 0,
      elapsedMs: 3000,
      reason: 'stopped',
    })
    expect(wrote(sink)).toEqual(['write 0: 0'])
    expect([source.done, source.closed, engine.closed, sink.log.at(-1)]).toEqual([[0], 1, 1, 'close'])
    expect(events).toHaveLength(1)
    // the clock is not waited for any more
    clock.moveTo(10_000)
    await settle()
    expect(source.cuts).toHaveLength(3)
  })

  test('before anything was opened ends the job all the same', async () => {
    const [source, sink, engine] = [fakeSource(), fakeSink(), new GatedEngine()]
    const { driver, finished } = drive(copyJob(source, sink), engine)
    driver.stop()
    expect(await finished).toMatchObject({ intervals: 0, reason: 'stopped' })
    expect([source.closed, engine.closed]).toEqual([1, 1])
  })
})

describe('totals', () => {
  test('are of all sources, with rejects', async () => {
    const strange = fakeSource({
      rows: async (n) => ['a', 5, null, 'b'].slice(0, n + 1) as string[],
      ends: 3,
    })
    const plain = fakeSource({ ends: 3 })
    const out = fakeSink()
    const two = job('two', { interval: '1s' }, (s) => {
      s.from(strange).union(s.from(plain)).to('out', out)
    })
    const { finished, events } = drive(two, new MemoryEngine(), { pace: 'step', endsWithSources: true })
    // 1 + 2 + 3 and 1 + 1 + 1 records; 5 is no string, twice, and neither is null
    expect(await finished).toMatchObject({ intervals: 3, records: 9, rejects: 3 })
    expect(events.map(({ records, rejects }) => [records, rejects])).toEqual([
      [2, 0],
      [3, 1],
      [4, 2],
    ])
  })
})

describe('a failure ends the job with its error, and everything is closed', () => {
  const failure = new Error('by the test')

  const cases: Record<string, (fakes: { source?: object; sink?: object; engine?: Partial<Engine> }) => void> =
    {
      'of the engine when it starts': (fakes) => {
        fakes.engine = { prepare: () => Promise.reject(failure) }
      },
      'of a sink when it is opened': (fakes) => {
        fakes.sink = { open: () => Promise.reject(failure) }
      },
      'of a source when it is opened': (fakes) => {
        fakes.source = { open: () => Promise.reject(failure) }
      },
      'of a source in a cut': (fakes) => {
        fakes.source = { rows: (n: number) => (n === 1 ? Promise.reject(failure) : ['x']) }
      },
      'of the engine in a run': (fakes) => {
        fakes.engine = { unload: () => Promise.reject(failure) }
      },
      'of a sink in a write': (fakes) => {
        fakes.sink = { write: async ({ index }: { index: number }) => index === 1 && Promise.reject(failure) }
      },
    }

  test.each(Object.keys(cases))('%s', async (name) => {
    const fakes: { source?: object; sink?: object; engine?: Partial<Engine> } = {}
    cases[name]!(fakes)
    const source = fakeSource(fakes.source)
    const sink = fakeSink(fakes.sink)
    const engine = Object.assign(new MemoryEngine(), fakes.engine)
    let closed = 0
    const close = engine.close.bind(engine)
    engine.close = () => {
      closed++
      return close()
    }
    const { finished, clock } = drive(copyJob(source, sink), engine)
    for (let n = 0; n < 5; n++) clock.tick()
    await expect(finished).rejects.toThrow('by the test')
    expect(closed).toBe(1)
    // what was opened to the end
    expect(sink.log.filter((line) => line === 'close')).toHaveLength(
      name.includes('sink when it is opened') || name.includes('engine when it starts') ? 0 : 1,
    )
    expect(source.closed).toBe(name.includes('opened') || name.includes('starts') ? 0 : 1)
    expect(clock.armed).toEqual([])
  })

  test('of a source, by itself', async () => {
    const [source, sink, engine] = [fakeSource(), fakeSink(), new GatedEngine()]
    const { finished, clock } = drive(copyJob(source, sink), engine)
    await until(() => clock.armed.length > 0, 'the first wait')
    source.context!.fail(failure)
    await expect(finished).rejects.toBe(failure)
    expect([source.closed, engine.closed, sink.log]).toEqual([1, 1, ['open', 'close']])
  })

  test('of a source while the next one is opened', async () => {
    const gate = new Gate()
    const [first, second] = [fakeSource(), fakeSource({ open: () => gate.passed })]
    const sink = fakeSink()
    const two = job('two', { interval: '1s' }, (s) => s.from(first).union(s.from(second)).to('out', sink))
    const { finished } = drive(two, new GatedEngine())
    await until(() => second.context !== undefined, 'the second source')
    first.context!.fail(failure)
    await settle()
    gate.open()
    await expect(finished).rejects.toBe(failure)
    expect([first.closed, second.closed, sink.log]).toEqual([1, 1, ['open', 'close']])
  })

  test('of a sink while later intervals are computed: they are not written, and the error is told once', async () => {
    const write = new Gate()
    const sink = fakeSink({ write: () => write.passed })
    const [source, engine] = [fakeSource(), new GatedEngine()]
    const second = new Gate()
    engine.gates.set(1, second)
    const { finished, clock, events } = drive(copyJob(source, sink), engine)
    await until(() => clock.armed.length > 0, 'the first wait')
    clock.moveTo(1000)
    await until(() => wrote(sink).length === 1, 'the write of interval 0')
    clock.moveTo(2000)
    await until(() => engine.runs.length === 2, 'the run of interval 1')
    write.fail(failure)
    await settle()
    second.open()
    await expect(finished).rejects.toMatchObject({ code: 'DS_SINK', cause: failure })
    await settle()
    expect(wrote(sink)).toEqual(['write 0: 0'])
    expect([events, source.done]).toEqual([[], []])
  })

  test('of a source while a sink writes: what is under way ends, nothing is written after the close', async () => {
    const write = new Gate()
    const sink = fakeSink({ write: () => write.passed })
    const [source, engine] = [fakeSource(), new GatedEngine()]
    const { finished, clock } = drive(copyJob(source, sink), engine)
    await until(() => clock.armed.length > 0, 'the first wait')
    clock.moveTo(3000)
    await until(() => engine.runs.length === 2, 'the second run')
    source.context!.fail(failure)
    await settle()
    write.open()
    await expect(finished).rejects.toBe(failure)
    await settle()
    expect(sink.log).toEqual(['open', 'write 0: 0', 'wrote 0', 'close'])
  })

  test('of a source while the engine computes: the engine is closed after that', async () => {
    const [source, sink, engine] = [fakeSource(), fakeSink(), new GatedEngine()]
    const gate = new Gate()
    engine.gates.set(0, gate)
    const { finished, clock } = drive(copyJob(source, sink), engine)
    await until(() => clock.armed.length > 0, 'the first wait')
    clock.moveTo(1000)
    await until(() => engine.runs.length === 1, 'the first run')
    source.context!.fail(failure)
    await settle()
    expect(engine.closed).toBe(0)
    gate.open()
    await expect(finished).rejects.toBe(failure)
    expect(engine.closed).toBe(1)
  })

  test('of a sink when it is closed', async () => {
    const sink = fakeSink({ close: () => Promise.reject(failure) })
    const { finished } = drive(copyJob(fakeSource({ ends: 1 }), sink), new MemoryEngine(), {
      pace: 'step',
      endsWithSources: true,
    })
    await expect(finished).rejects.toMatchObject({
      code: 'DS_SINK',
      what: 'Sink "out" failed when it was closed: by the test.',
    })
  })
})
