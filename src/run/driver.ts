/**
 * The loop: performs the scheduler's effects with one engine, the sources and the sinks of a plan.
 *
 * Life of an interval here: cut (sources give blocks) -> load -> execute the plan's statements, delivering to sinks
 * on the way -> commit (its event is told) -> forget (blocks and datasets that nobody needs). One run is under way at
 * a time; cutting goes on beside it.
 */
import type { Engine } from '../engines/engine.ts'
import { compare } from '../engines/verifying.ts'
import { type Interval, type Intervals, intervalAt, intervalsFrom } from '../interval/interval.ts'
import { Analysis } from '../plan/analysis.ts'
import { type Plan, sinksOf, sourcesOf } from '../plan/plan.ts'
import type { Apply, Deliver } from '../plan/relation.ts'
import { statementsOf } from '../plan/statements.ts'
import type { ApplyStep, SinkStep, SourceStep } from '../plan/step.ts'
import type { OpenSink, SinkContext } from '../sinks/sink.ts'
import type { Block, Cut, OpenSource } from '../sources/source.ts'
import type { BlockFiles } from '../store/block-files.ts'
import { apply } from './apply.ts'
import type { Clock } from './clock.ts'
import type { Events, Summary } from './events.ts'
import { type Effect, type SchedulerEvent, type SchedulerState, schedule } from './scheduler.ts'
import { SinkQueue } from './sink-queue.ts'
import { Watchdog } from './watchdog.ts'

export interface DriverOptions {
  readonly plan: Plan
  readonly engine: Engine
  /** Whether functions that get whole datasets are called twice, and what they return compared. */
  readonly verify: boolean
  readonly clock: Clock
  /** Whether intervals follow the wall clock, or are cut one after the other. */
  readonly pace: 'wall' | 'step'
  readonly lastInterval: number
  readonly endsWithSources: boolean
  readonly blockFiles: BlockFiles
  readonly directory: string
  readonly format: SinkContext['format']
  readonly print: SinkContext['print']
  emit<E extends keyof Events>(name: E, event: Events[E]): void
}

interface Waiting {
  readonly interval: Interval
  readonly blocks: ReadonlyMap<number, readonly Block[]>
  readonly bytes: number
}

export class Driver {
  readonly #options: DriverOptions
  readonly #analysis: Analysis
  readonly #sources = new Map<number, OpenSource>()
  readonly #sinks = new Map<number, SinkQueue>()
  readonly #waiting: Waiting[] = []
  #state: SchedulerState
  #finish: (reason: Summary['reason']) => void = () => {}
  #fail: (error: unknown) => void = () => {}
  #cancelWait: () => void = () => {}
  #totals = { intervals: 0, records: 0, rejects: 0 }
  /** Settles when everything that was computed so far is committed. */
  #committed: Promise<void> = Promise.resolve()
  /** The cut and the run under way; they settle and never fail. */
  #cutting: Promise<void> = Promise.resolve()
  #running: Promise<void> = Promise.resolve()
  #failed = false
  readonly #watchdog = new Watchdog()
  /** Aborted at the end. */
  readonly #ended = new AbortController()
  /** Functions whose failures were told. */
  readonly #warned = new Set<string>()

  constructor(options: DriverOptions) {
    this.#options = options
    this.#analysis = new Analysis(options.plan)
    this.#state = {
      intervals: intervalsFrom(options.clock.now(), options.plan.intervalMs),
      clock: options.pace,
      lastInterval: options.lastInterval,
      endsWithSources: options.endsWithSources,
      nextCut: 0,
      waiting: [],
      cutting: false,
      idle: false,
      running: 0,
      sourcesEnded: false,
      stopping: false,
      finished: false,
    }
  }

  /** Runs the job to its end. Everything that was opened is closed, whatever happens. */
  async run(): Promise<Summary> {
    const startMs = this.#options.clock.now()
    const ended = new Promise<Summary['reason']>((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    // a source may fail while others are still being opened: it is told when they are
    ended.catch(() => {})
    try {
      await this.#options.engine.prepare(this.#analysis)
      await this.#open()
      // the first interval begins now, not when the engine began to start
      this.#state = {
        ...this.#state,
        intervals: intervalsFrom(this.#options.clock.now(), this.#options.plan.intervalMs),
      }
      this.#options.engine.start(this.#intervals, this.#watchdog)
      this.#dispatch({ kind: 'time', nowMs: this.#options.clock.now() })
      const reason = await ended
      await this.#committed
      await this.#closeSinks()
      return { ...this.#totals, elapsedMs: this.#options.clock.now() - startMs, reason }
    } finally {
      this.#failed = true
      this.#ended.abort(new Error('the job ended'))
      this.#cancelWait()
      await this.#closeAll()
      await this.#watchdog.close()
    }
  }

  /** Ends the job after the run that is under way. */
  stop(): void {
    this.#dispatch({ kind: 'stop', nowMs: this.#options.clock.now() })
  }

  get #intervals(): Intervals {
    return this.#state.intervals
  }

  #dispatch(event: SchedulerEvent): void {
    if (this.#failed) return
    const [state, effects] = schedule(this.#state, event)
    this.#state = state
    for (const effect of effects) this.#perform(effect)
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'wait': {
        this.#cancelWait()
        this.#cancelWait = this.#options.clock.at(effect.untilMs, () =>
          this.#dispatch({ kind: 'time', nowMs: this.#options.clock.now() }),
        )
        return
      }
      case 'cut':
        this.#cutting = this.#cut(effect.index).catch((error) => this.#fail(error))
        return
      case 'run':
        this.#running = this.#run(effect.from, effect.to).catch((error) => this.#fail(error))
        return
      case 'finish':
        this.#finish(effect.reason)
        return
      default:
        effect satisfies never
    }
  }

  async #open(): Promise<void> {
    const { plan, blockFiles, directory, clock } = this.#options
    for (const step of sinksOf(plan))
      this.#sinks.set(step.id, new SinkQueue(step, await this.#openSink(step)))
    for (const step of sourcesOf(plan))
      this.#sources.set(
        step.id,
        await step.source.open({
          step: step.name,
          intervalMs: plan.intervalMs,
          blockFiles,
          directory,
          now: () => clock.now(),
          warn: (message) => this.#options.emit('warning', `source "${step.name}": ${message}`),
          fail: (error) => this.#fail(error),
        }),
      )
  }

  async #openSink(step: SinkStep): Promise<OpenSink> {
    const { plan, directory, format, print } = this.#options
    const { flow, type, key, name } = step
    return step.sink.open({ job: plan.job, step: name, flow, type, key, directory, format, print })
  }

  /** Cuts an interval: what each source has becomes its blocks. */
  async #cut(index: number): Promise<void> {
    const { plan, clock, endsWithSources, pace } = this.#options
    const interval = intervalAt(this.#intervals, index)
    const draining = endsWithSources && pace === 'step'
    const cuts = await Promise.all(
      sourcesOf(plan).map(
        async (step): Promise<readonly [SourceStep, Cut]> => [
          step,
          await this.#sources.get(step.id)!.cut(interval, draining),
        ],
      ),
    )
    const blocks = new Map(cuts.map(([step, cut]) => [step.id, cut.blocks]))
    const bytes = [...blocks.values()].flat().reduce((sum, block) => sum + block.bytes, 0)
    const ended = cuts.every(([, cut]) => cut.ended && !cut.more)
    const isEmpty = cuts.every(([, cut]) => cut.blocks.length === 0)
    const isWaiting = pace === 'step' && cuts.some(([, cut]) => cut.waiting)
    // nothing came: at the end, or where the step clock waits for a source, that is no interval
    if (isEmpty && (ended ? endsWithSources && index > 0 : isWaiting)) {
      this.#dispatch({ kind: 'cut', nowMs: clock.now(), bytes: undefined, ended })
      return
    }
    this.#waiting.push({ interval, blocks, bytes })
    this.#dispatch({ kind: 'cut', nowMs: clock.now(), bytes, ended })
  }

  /** Computes intervals `[from, to)` and delivers their output. */
  async #run(from: number, to: number): Promise<void> {
    const { engine, clock } = this.#options
    const startMs = clock.precise()
    const taken = this.#waiting.splice(0, to - from)
    for (const { interval, blocks } of taken)
      for (const [source, cut] of blocks) engine.load(source, interval.index, cut)
    for (const statement of statementsOf(this.#analysis, { from, to }, this.#intervals)) {
      if (this.#failed) return
      if (statement.kind === 'deliver') await this.#deliver(statement)
      else if (statement.kind === 'apply') await this.#apply(statement)
      else await engine.execute(statement)
    }
    const counts = await engine.unload(to)
    this.#warnOfFailures()
    const processingMs = (clock.precise() - startMs) / taken.length
    const written = Promise.all([...this.#sinks.values()].map((sink) => sink.written()))
    // nobody waits for it after an earlier commit has failed
    written.catch(() => {})
    this.#committed = this.#committed.then(async () => {
      await written
      for (const waiting of taken) await this.#commit(waiting, counts, processingMs, taken.length)
    })
    this.#committed.catch((error) => this.#fail(error))
    this.#dispatch({ kind: 'ran', nowMs: clock.now() })
  }

  /** Tells the first failure of each function: its records are left out, and that must not stay unseen. */
  #warnOfFailures(): void {
    for (const { step, role, calls, reason } of this.#options.engine.failures()) {
      const name = JSON.stringify([step, role])
      if (this.#warned.has(name)) continue
      this.#warned.add(name)
      const records = calls === 1 ? 'a record, which is' : `${calls} records, which are`
      this.#options.emit(
        'warning',
        `step "${step}" (${role}) failed for ${records} left out: ${reason}. See the step's .rejects; more of it is not told.`,
      )
    }
  }

  /** Gives rows to a function of the user, and what it returns back to the engine. */
  async #apply({ series, at, input }: Apply): Promise<void> {
    const { engine, plan, clock, verify } = this.#options
    const step = plan.steps[series.step] as ApplyStep
    const isSorted = this.#analysis.parent(step).kind === 'order'
    const given = await engine.read(input)
    const call = (): Promise<readonly unknown[]> =>
      apply(step, given, isSorted, {
        job: plan.job,
        interval: intervalAt(this.#intervals, at),
        clock,
        signal: this.#ended.signal,
        watch: this.#watchdog,
      })
    const rows = await call()
    // what enrich is answered may change; it is asked once
    if (verify && step.mode === 'transform') compare(step, rows, await call())
    await engine.write(series, at, rows)
  }

  /** Reads what a sink gets, and lets it write while later intervals are computed. */
  async #deliver({ sink, at, relation }: Deliver): Promise<void> {
    const { engine } = this.#options
    const queue = this.#sinks.get(sink)!
    await queue.ready()
    const interval = intervalAt(this.#intervals, at)
    if (queue.takes === 'parquet') {
      queue.write(interval, {
        rows: () => engine.read(relation),
        parquet: (path) => engine.writeParquet(relation, path),
      })
      await queue.written()
      return
    }
    const rows = await engine.read(relation)
    const parquet = (): Promise<number> => Promise.reject(new Error('this sink takes rows'))
    queue.write(interval, { rows: () => Promise.resolve(rows), parquet })
  }

  /** Tells that an interval is done, and lets go of its blocks. */
  async #commit(
    { interval, blocks, bytes }: Waiting,
    counts: Awaited<ReturnType<Engine['unload']>>,
    processingMs: number,
    together: number,
  ): Promise<void> {
    const { clock, pace, blockFiles, emit } = this.#options
    const own = counts.filter((count) => count.interval === interval.index)
    const records = own.reduce((sum, count) => sum + count.records, 0)
    const rejects = own.reduce((sum, count) => sum + count.rejects, 0)
    this.#totals.intervals++
    this.#totals.records += records
    this.#totals.rejects += rejects
    for (const source of this.#sources.values()) source.done(interval.index)
    for (const block of [...blocks.values()].flat())
      if (block.path !== undefined && !block.inPlace) await blockFiles.remove(block.path)
    const totalDelayMs = pace === 'wall' ? Math.max(0, clock.now() - interval.toMs) : 0
    const backlog = this.#waiting.length
    emit('interval', { interval, records, rejects, bytes, processingMs, totalDelayMs, backlog, together })
  }

  /** Closes the sinks at the end of a run that went well: what they still hold must arrive. */
  async #closeSinks(): Promise<void> {
    for (const [id, sink] of this.#sinks) {
      this.#sinks.delete(id)
      await sink.close()
    }
  }

  async #closeAll(): Promise<void> {
    const closeAll = (opened: Iterable<{ close(): Promise<void> }>): Promise<unknown> =>
      Promise.allSettled([...opened].map((open) => open.close()))
    // what is under way ends first: nothing is closed while it is used
    await Promise.all([
      closeAll(this.#sinks.values()),
      this.#cutting.then(() => closeAll(this.#sources.values())),
      this.#running.then(() => closeAll([this.#options.engine])),
    ])
  }
}
