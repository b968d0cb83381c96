/** Time, sources, sinks and an engine whose every move the test decides. */
import { setImmediate } from 'node:timers/promises'
import { MemoryEngine } from '../../src/engines/memory/engine.ts'
import type { Interval } from '../../src/interval/interval.ts'
import type { Clock } from '../../src/run/clock.ts'
import { STRING } from '../../src/schema/type.ts'
import type { OpenSink, Sink } from '../../src/sinks/sink.ts'
import type { Block, Cut, Source, SourceContext } from '../../src/sources/source.ts'

/** Waits for something that no timer brings; gives up after many turns of the event loop. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 20_000; turn++) {
    if (holds()) return
    await setImmediate()
  }
  throw new Error(`it never came: ${what}`)
}

/** Lets everything happen that can happen without time passing. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

/** A promise that the test settles. */
export class Gate {
  open!: () => void
  fail!: (error: unknown) => void
  readonly passed = new Promise<void>((resolve, reject) => {
    this.open = resolve
    this.fail = reject
  })

  constructor() {
    this.passed.catch(() => {})
  }
}

/** A clock that stands until the test moves it. */
export class FakeClock implements Clock {
  #nowMs: number
  #ticks = 0
  #timers: { readonly ms: number; readonly callback: () => void }[] = []

  constructor(nowMs = 0) {
    this.#nowMs = nowMs
  }

  now(): number {
    return this.#nowMs
  }

  precise(): number {
    return this.#nowMs
  }

  at(ms: number, callback: () => void): () => void {
    const timer = { ms, callback }
    this.#timers.push(timer)
    queueMicrotask(() => this.#useTicks())
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  get armed(): readonly number[] {
    return this.#timers.map(({ ms }) => ms).toSorted((a, b) => a - b)
  }

  /** Moves to a time, with everything that is due on the way. */
  moveTo(ms: number): void {
    for (;;) {
      const next = this.#timers.filter((timer) => timer.ms <= ms).toSorted((a, b) => a.ms - b.ms)[0]
      if (!next) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#nowMs = Math.max(this.#nowMs, next.ms)
      next.callback()
    }
    this.#nowMs = Math.max(this.#nowMs, ms)
  }

  /** Moves to the time that is waited for next, now or as soon as somebody waits. */
  tick(): void {
    this.#ticks++
    this.#useTicks()
  }

  #useTicks(): void {
    while (this.#ticks > 0 && this.#timers.length > 0) {
      this.#ticks--
      this.moveTo(this.armed[0]!)
    }
  }
}

export interface FakeSource extends Source<string> {
  readonly cuts: Interval[]
  readonly done: number[]
  readonly closed: number
  context: SourceContext | undefined
}

interface SourceFakes {
  /** The rows of interval n; an error that is thrown fails the cut. */
  rows?(interval: number): readonly string[] | Promise<readonly string[]>
  /** After how many cuts the source has ended. */
  ends?: number
  isFinite?: boolean
  canEnd?: boolean
  open?(context: SourceContext): Promise<void>
}

/** A source of lines in memory. Each cut takes `[n]` unless `rows` says otherwise. */
export function fakeSource(fakes: SourceFakes = {}): FakeSource {
  const { rows = (n) => [String(n)], ends = Number.POSITIVE_INFINITY } = fakes
  const cuts: Interval[] = []
  const done: number[] = []
  let closed = 0
  let given = 0
  const cut = async (interval: Interval): Promise<Cut> => {
    cuts.push(interval)
    const taken = await rows(interval.index)
    const block: Block = {
      format: 'rows',
      partition: 'fake',
      from: given,
      records: taken.length,
      bytes: 10 * taken.length,
      rows: taken,
    }
    given += taken.length
    return { blocks: taken.length === 0 ? [] : [block], more: false, ended: cuts.length >= ends }
  }
  const source: FakeSource = {
    kind: 'fake',
    detail: 'of a test',
    type: STRING,
    format: 'rows',
    onReject: 'keep',
    canEnd: fakes.canEnd ?? true,
    isFinite: fakes.isFinite ?? false,
    cuts,
    done,
    context: undefined,
    get closed() {
      return closed
    },
    async open(context) {
      source.context = context
      await fakes.open?.(context)
      return {
        cut,
        done: (interval) => void done.push(interval),
        close: async () => void closed++,
      }
    },
  }
  return source
}

export interface FakeSink extends Sink<any> {
  /** What happened to it, in order: `open`, `write 0: a b`, `wrote 0`, `close`. */
  readonly log: string[]
}

interface SinkFakes {
  open?(): Promise<void>
  write?(interval: Interval): Promise<void>
  close?(): Promise<void>
}

/** A sink that notes what it is told. */
export function fakeSink(fakes: SinkFakes = {}): FakeSink {
  const log: string[] = []
  return {
    kind: 'fake',
    detail: '',
    tableMode: 'content',
    log,
    async open(): Promise<OpenSink> {
      log.push('open')
      await fakes.open?.()
      return {
        async write(interval, output) {
          log.push(`write ${interval.index}: ${(await output.rows()).join(' ')}`)
          await fakes.write?.(interval)
          log.push(`wrote ${interval.index}`)
        },
        async close() {
          log.push('close')
          await fakes.close?.()
        },
      }
    },
  }
}

/** The memory engine, but a run of intervals that begins at n ends when the test opens the gate of n. */
export class GatedEngine extends MemoryEngine {
  readonly gates = new Map<number, Gate>()
  /** The runs that were begun, as `[from, to]` of what was loaded for them. */
  readonly runs: [number, number][] = []
  closed = 0
  #loaded: number[] = []
  #done = 0

  override load(...loading: Parameters<MemoryEngine['load']>): void {
    this.#loaded.push(loading[1])
    super.load(...loading)
  }

  override async unload(before: number): ReturnType<MemoryEngine['unload']> {
    const from = this.#done
    this.#done = before
    this.runs.push([Math.min(...this.#loaded), Math.max(...this.#loaded) + 1])
    this.#loaded = []
    await this.gates.get(from)?.passed
    return super.unload(before)
  }

  override async close(): Promise<void> {
    this.closed++
    await super.close()
  }
}
