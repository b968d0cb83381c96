/**
 * Ends the process when a function of the user never returns.
 *
 * Such a function holds the main thread, so nothing there can notice. A thread of its own looks at a few numbers in
 * shared memory: how many calls began, and of which function the call under way is. When they have not moved for longer
 * than that function's limit, it says what hangs, and ends the process.
 */
import { Worker } from 'node:worker_threads'
import type { Watch } from '../plan/call.ts'

/** Cells of the shared memory. */
const CALLS = 0
const CURRENT = 1
const INTERVAL = 2

export class Watchdog implements Watch {
  readonly #cells = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT))
  #worker: Worker | undefined
  readonly #ids = new Map<string, number>()

  register(step: string, role: string, limitMs: number): number {
    const name = JSON.stringify([step, role])
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    const id = this.#ids.size + 1
    this.#ids.set(name, id)
    this.#worker ??= this.#start()
    const message = `error DS_FUNCTION: A function of step ${JSON.stringify(step)} (${role}) has not returned for ${limitMs / 1000} s, in interval `
    this.#worker.postMessage({ id, limitMs, message })
    return id
  }

  begin(id: number, interval: number): void {
    this.#cells[INTERVAL] = interval
    this.#cells[CALLS]!++
    this.#cells[CURRENT] = id
  }

  end(): void {
    this.#cells[CURRENT] = 0
  }

  /** Stops watching. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(THREAD, { eval: true, workerData: this.#cells.buffer })
    worker.unref()
    return worker
  }
}

/** Runs in the thread. As a text, so that it needs no file of its own wherever this one was bundled to. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const cells = new Int32Array(workerData)
const functions = new Map()
parentPort.on('message', (added) => functions.set(added.id, added))
const LOOK_MS = 100
let calls = -1
let looks = 0
setInterval(() => {
  const moved = cells[${CALLS}] !== calls || cells[${CURRENT}] === 0
  calls = cells[${CALLS}]
  looks = moved ? 0 : looks + 1
  const hanging = functions.get(cells[${CURRENT}])
  if (!hanging || looks * LOOK_MS < hanging.limitMs) return
  writeSync(2, hanging.message + cells[${INTERVAL}] + '.\\n' +
    '  Mend it, or give it more time: { limit }.\\n  The process was ended; the interval under way was not committed.\\n')
  process.kill(process.pid, 'SIGKILL')
}, LOOK_MS)
`
