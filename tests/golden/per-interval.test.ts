/**
 * Whole jobs over files, with outputs that were worked out by hand: each on every engine, its intervals one by one,
 * all together, and as `run` drains the files.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type CollectedRows,
  collectRows,
  csvFiles,
  ndjsonFiles,
  run,
  type Source,
  textFiles,
} from '../../src/index.ts'
import { compareValues } from '../../src/schema/order.ts'
import { decodeWhole } from '../../src/sources/decode.ts'
import type { Block } from '../../src/sources/source.ts'
import { buildPlan, type Job, job } from '../../src/stream/job.ts'
import { compute, newEngine } from '../laws/harness.ts'
import { changes } from './changes.ts'
import type { Golden, GoldenInput } from './golden.ts'
import { rejects } from './rejects.ts'
import { runningTotals } from './running-totals.ts'
import { sessions } from './sessions.ts'
import { topPerGroup } from './top-per-group.ts'
import { union } from './union.ts'
import { wordCount } from './word-count.ts'

const GOLDEN: readonly Golden[] = [wordCount, runningTotals, changes, topPerGroup, union, rejects, sessions]

/** Writes the files of a golden job; a directory for each input. */
function written({ inputs }: Golden): string {
  const directory = mkdtempSync(join(tmpdir(), 'dstreams-golden-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  for (const [name, { files }] of Object.entries(inputs)) {
    mkdirSync(join(directory, name))
    for (const [index, content] of files.entries())
      writeFileSync(join(directory, name, `${index}.txt`), content)
  }
  return directory
}

function sourceOf({ format, schema }: GoldenInput, glob: string): Source<any> {
  const options = { perInterval: { files: 1 } }
  if (format === 'lines') return textFiles(glob, options)
  return format === 'csv' ? csvFiles(glob, schema, options) : ndjsonFiles(glob, schema, options)
}

/** The job, with a sink for each output. */
function built(golden: Golden, directory: string): { job: Job; sinks: Map<string, CollectedRows<any>> } {
  const sinks = new Map<string, CollectedRows<any>>()
  const made = job('golden', { interval: '1s' }, (s) => {
    golden.define(
      (input) => s.from(sourceOf(golden.inputs[input]!, join(directory, input, '*.txt')), input),
      (output) => {
        const sink = collectRows<any>()
        sinks.set(output, sink)
        return sink
      },
    )
  })
  return { job: made, sinks }
}

/** The rows of each interval; those of a bag in an order of their own. */
function seen(
  golden: Golden,
  rowsOf: (output: string, interval: number) => readonly unknown[] | undefined,
): unknown {
  return Object.fromEntries(
    Object.entries(golden.expected).map(([output, { sorted, intervals }]) => [
      output,
      intervals.map((_, interval) => {
        const rows = rowsOf(output, interval)
        return sorted ? rows : rows?.toSorted(compareValues)
      }),
    ]),
  )
}
const expectedOf = (golden: Golden): unknown =>
  seen(golden, (output, interval) => golden.expected[output]!.intervals[interval])

const length = ({ inputs }: Golden): number => Object.values(inputs)[0]!.files.length

/** The blocks of an input: each file is an interval. */
const blockOf = (directory: string, input: string, { format }: GoldenInput, interval: number): Block => {
  const path = join(directory, input, `${interval}.txt`)
  return { format, partition: path, from: 0, records: undefined, bytes: statSync(path).size, path }
}

describe.each(['memory', 'duckdb'] as const)('on %s', (engine) => {
  describe.each(GOLDEN.map((golden) => [golden.title, golden] as const))('%s', (_, golden) => {
    test.each<[string, readonly number[]]>([
      ['one by one', [1]],
      ['all together', [length(golden)]],
      ['one, then the rest', [1, length(golden)]],
    ])('%s', async (_how, runs) => {
      const directory = written(golden)
      const plan = buildPlan(built(golden, directory).job)
      const names = new Map(
        plan.steps.flatMap((step) =>
          step.kind === 'source' && step.output === 'records' ? [[step.id, step.name] as const] : [],
        ),
      )
      const outputs = await compute(
        plan,
        newEngine(engine),
        (source, interval) => [
          blockOf(directory, names.get(source)!, golden.inputs[names.get(source)!]!, interval),
        ],
        length(golden),
        runs,
      )
      expect(seen(golden, (output, interval) => outputs.get(output)?.get(interval))).toStrictEqual(
        expectedOf(golden),
      )
    })

    test('drained by run', async () => {
      const directory = written(golden)
      const { job: made, sinks } = built(golden, directory)
      const { intervals, records, rejects: bad } = await run(made, { engine, until: 'drained' }).finished
      expect(seen(golden, (output, interval) => sinks.get(output)!.intervals.get(interval))).toStrictEqual(
        expectedOf(golden),
      )
      const decoded = await Promise.all(
        Object.entries(golden.inputs).flatMap(([name, input]) =>
          input.files.map((_content, interval) =>
            decodeWhole(blockOf(directory, name, input, interval), sourceOf(input, '*').type),
          ),
        ),
      )
      const rejected = decoded.reduce((sum, one) => sum + one.rejects.length, 0)
      expect({ intervals, records, bad }).toEqual({
        intervals: length(golden),
        records: rejected + decoded.reduce((sum, one) => sum + one.records.length, 0),
        bad: rejected,
      })
    })
  })
})
