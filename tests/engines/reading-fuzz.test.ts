/**
 * What DuckDB reads of random and damaged input is what the reference reads, record for record.
 *
 * Each line is a file of its own, since one odd line sends its whole file to the reference. A failing case prints
 * its seed; run it again with DSTREAMS_SEED=...
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DuckDBEngine } from '../../src/engines/duckdb/engine.ts'
import { resolveSchema, type SchemaLike } from '../../src/schema/literal.ts'
import { decodeWhole } from '../../src/sources/decode.ts'
import type { Block, BlockFormat, Source } from '../../src/sources/source.ts'
import { buildPlan, job } from '../../src/stream/job.ts'
import { compute } from '../laws/harness.ts'

const seed = Number(process.env.DSTREAMS_SEED ?? Date.now() % 1_000_000)
const FILES = 80
const RUNS = Number(process.env.DSTREAMS_RUNS ?? 4)

const SCHEMA = { n: 'integer?', x: 'number?', s: 'string?', ok: 'boolean?' } as const

/** Number tokens of every kind that JSON allows, most of them near a limit. */
const numberToken = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x.toExponential()),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.maxSafeInteger().map((n) => `${n}.0`),
  fc
    .tuple(fc.integer(), fc.integer({ min: -330, max: 312 }))
    .map(([digits, exponent]) => `${digits}e${exponent}`),
  fc.tuple(fc.integer(), fc.nat(), fc.integer({ min: -20, max: 20 })).map(([a, b, e]) => `${a}.${b}E${e}`),
  fc.stringMatching(/^-?(0|[1-9]\d{0,40})(\.\d{1,40})?$/),
)
const stringToken = fc.oneof(
  fc.string({ unit: 'binary' }).map((s) => JSON.stringify(s)),
  fc.string().map((s) => JSON.stringify(s)),
  fc
    .string({ unit: fc.constantFrom('a', '\\', 'u', 'd', '8', '0', '"', '\t', '\uFEFF', 'é') })
    .map((s) => `"${s}"`),
)
const token = fc.oneof(
  numberToken,
  stringToken,
  fc.constantFrom('null', 'true', 'false', '[]', '{}', 'NaN', '[1,{"a":[]}]'),
)
const field = fc
  .tuple(fc.constantFrom('n', 'x', 's', 'ok', 'other', 'N'), token)
  .map(([name, value]) => `"${name}":${value}`)
const line = fc.oneof(
  // one field of the right kind, so that much of it is read by the scan
  fc.tuple(numberToken, stringToken).map(([x, s]) => `{"x":${x},"s":${s}}`),
  numberToken.map((n) => `{"n":${n}}`),
  fc.array(field, { maxLength: 4 }).map((fields) => `{${fields.join(',')}}`),
)
/** A line with a few of its characters changed. */
const damaged = fc
  .tuple(
    line,
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(
          '',
          ',',
          '}',
          '{',
          '"',
          '\\',
          ' ',
          '\n',
          '\r',
          '\u0000',
          '\u000b',
          '[',
          ']',
          ':',
          '1',
          'e',
          '-',
          '.',
          '\uFEFF',
        ),
      ),
      { maxLength: 2 },
    ),
  )
  .map(([text, changes]) =>
    changes.reduce(
      (changed, [place, put]) =>
        changed.slice(0, place % (changed.length + 1)) +
        put +
        changed.slice((place % (changed.length + 1)) + 1),
      text,
    ),
  )

const textLine = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    '"',
    "'",
    ',',
    '\\',
    ' ',
    '\t',
    '\r',
    '\n',
    '\u0000',
    '\u0001',
    '\uFEFF',
    '\u2028',
    'é',
    '😀',
    '#',
  ),
  maxLength: 12,
})

describe(`reading at random (seed ${seed})`, () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'dstreams-fuzz-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test.each<[string, BlockFormat, SchemaLike, fc.Arbitrary<string>]>([
    ['ndjson', 'ndjson', SCHEMA, damaged],
    ['lines', 'lines', 'string', textLine],
  ])('%s', { timeout: 120_000 }, async (_, format, schema, content) => {
    const { type } = resolveSchema(schema)
    const source: Source<any> = {
      kind: 'given',
      detail: '',
      type,
      format,
      onReject: 'keep',
      canEnd: true,
      isFinite: true,
      open: () => Promise.reject(new Error('not opened')),
    }
    const probe = {
      kind: 'probe',
      detail: '',
      tableMode: 'content',
      open: () => Promise.reject(new Error('not opened')),
    } as const
    const plan = buildPlan(job('fuzz', { interval: '1s' }, (s) => s.from(source).to('out', probe)))
    let files = 0
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: FILES, maxLength: FILES }), async (contents) => {
        const blocks = contents.map((text): Block => {
          const path = join(directory, `${files++}`)
          writeFileSync(path, text)
          return { format, partition: path, from: 0, records: undefined, bytes: statSync(path).size, path }
        })
        const expected = await Promise.all(
          blocks.map(async (block) => (await decodeWhole(block, type)).records.map(({ value }) => value)),
        )
        const outputs = await compute(
          plan,
          new DuckDBEngine(),
          (_source, interval) => [blocks[interval]!],
          contents.length,
          [FILES],
        )
        const found = contents.map((_text, interval) => outputs.get('out')!.get(interval))
        for (const [interval, text] of contents.entries())
          expect(found[interval], JSON.stringify(text)).toStrictEqual(expected[interval])
      }),
      { seed, numRuns: RUNS, endOnFailure: true },
    )
  })
})
