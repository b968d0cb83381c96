/**
 * Standard output, for people or for the next program.
 *
 * Which of the two is the choice of who runs the job (`--format`), not of the job. As a table each interval's rows
 * have a heading with the step's name and the interval's time; as NDJSON each row is one line and nothing else is
 * written.
 */
import { DstreamsError } from '../errors.ts'
import type { Interval } from '../interval/interval.ts'
import type { OpenSink, Sink, SinkContext } from './sink.ts'
import { escapeText, textTable } from './text-table.ts'

/** How `stdout` prints. */
export interface StdoutOptions {
  /** Most rows that a table shows of an interval; 20 where it is left out. NDJSON always has all. */
  readonly rows?: number
  /** Most characters that a table shows of a value; 60 where it is left out. */
  readonly width?: number
}

/**
 * Prints rows: of a stream those of each interval, of a table its content each time it may have changed. A table is
 * made for reading, `--format ndjson` for programs: `{"step":"top words","interval":12,"row":{"word":"the","n":5}}`.
 * JSON has no NaN and no infinities: there they are `null`.
 * @example
 * counts.top(10, desc(row => row.n)).to('top words', stdout())
 */
export function stdout(options: StdoutOptions = {}): Sink<unknown> {
  const { rows = 20, width = 60 } = options
  check('rows', rows, 1)
  check('width', width, 4)
  return {
    kind: 'stdout',
    detail: '',
    tableMode: 'content',
    open: async (context) =>
      context.format === 'ndjson' ? jsonLines(context) : tables(context, { rows, width }),
  }
}

function jsonLines({ step, print }: SinkContext): OpenSink {
  return {
    async write(interval, output) {
      const lines = (await output.rows()).map(
        (row) => `${JSON.stringify({ step, interval: interval.index, row })}\n`,
      )
      if (lines.length > 0) await print(lines.join(''))
    },
    async close() {},
  }
}

function tables({ step, flow, type, print }: SinkContext, limits: { rows: number; width: number }): OpenSink {
  let hadRows = false
  return {
    async write(interval, output) {
      const rows = await output.rows()
      // a stream without rows has nothing to say; of a table it is news, once, that nothing is left in it
      if (rows.length === 0 && (flow === 'stream' || !hadRows)) return
      hadRows = rows.length > 0
      const lines = rows.length === 0 ? ['(no rows)'] : textTable(rows, type, limits)
      await print(`${[heading(step, interval), ...lines.map((line) => `  ${line}`)].join('\n')}\n`)
    },
    async close() {},
  }
}

/** `top words, interval 12 (06:03:07 to 06:03:08 UTC)` */
function heading(step: string, { index, fromMs, toMs }: Interval): string {
  const isWhole = fromMs % 1000 === 0 && toMs % 1000 === 0
  const time = (ms: number): string => new Date(ms).toISOString().slice(11, isWhole ? 19 : 23)
  return `${escapeText(step)}, interval ${index} (${time(fromMs)} to ${time(toMs)} UTC)`
}

function check(setting: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new DstreamsError('DS_JOB', {
    what: `stdout: ${setting} is ${value}.`,
    cure: `Give a whole number from ${least}.`,
  })
}
