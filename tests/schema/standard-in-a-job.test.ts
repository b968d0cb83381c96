/** Schemas of zod and valibot in a whole job, on both engines, from a file and from memory. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import {
  collectRows,
  fromArray,
  job,
  ndjsonFiles,
  nullable,
  type RejectedRecord,
  run,
  type SchemaLike,
  schema,
} from '../../src/index.ts'

const fields = { id: 'string', n: 'integer', note: 'string?' } as const

interface Case {
  readonly name: string
  readonly like: SchemaLike
  readonly rows: readonly unknown[]
  /** What is made of each row, in their order: the record, or a part of the reason why it is none. */
  readonly expected: readonly (object | string)[]
}

const cases: readonly Case[] = [
  {
    name: 'plain zod',
    like: z.object({ id: z.string(), n: z.int(), note: z.string().nullable() }),
    rows: [
      { id: 'a', n: 1, note: 'x' },
      { id: 'b', n: 2 },
      { id: 3, n: 3 },
      { id: 'd', n: 1.5 },
    ],
    expected: [{ id: 'a', n: 1, note: 'x' }, { id: 'b', n: 2, note: null }, 'id is 3', 'n is 1.5'],
  },
  {
    name: 'refinements of zod',
    like: z.object({ id: z.string().regex(/^[a-z]+$/, 'small letters only'), n: z.int().min(10) }),
    rows: [
      { id: 'ok', n: 10 },
      { id: 'NO', n: 10 },
      { id: 'ok', n: 9 },
    ],
    expected: [{ id: 'ok', n: 10 }, 'id: small letters only', 'n: '],
  },
  {
    name: 'a refinement of the whole record',
    like: z.object({ from: z.int(), to: z.int() }).refine((r) => r.from < r.to, 'backwards'),
    rows: [
      { from: 1, to: 2 },
      { from: 2, to: 1 },
    ],
    expected: [{ from: 1, to: 2 }, 'backwards'],
  },
  {
    name: 'transforms that keep the type',
    like: z.object({ id: z.string().trim().toLowerCase(), n: z.number().transform((n) => n * 2) }),
    rows: [
      { id: ' Ann ', n: 1.5 },
      { id: '', n: 0 },
    ],
    expected: [
      { id: 'ann', n: 3 },
      { id: '', n: 0 },
    ],
  },
  {
    name: 'a transform to another type',
    like: z.object({ id: z.string().transform((text) => text.length) }),
    rows: [{ id: 'abc' }],
    expected: ['id is 3, not string'],
  },
  {
    name: 'optional, nullish and default in zod',
    like: z.object({
      id: z.string().min(1),
      a: z.int().optional(),
      b: z.int().nullish(),
      c: z.int().default(7),
    }),
    rows: [{ id: 'x' }, { id: 'x', a: 1, b: null, c: 3 }, { id: '' }],
    expected: [{ id: 'x', a: null, b: null, c: 7 }, { id: 'x', a: 1, b: null, c: 3 }, 'id: '],
  },
  {
    name: 'valibot beside its fields',
    like: schema(
      fields,
      v.object({
        id: v.pipe(v.string(), v.minLength(2), v.toUpperCase()),
        n: v.number(),
        note: v.optional(v.string()),
      }),
    ),
    rows: [
      { id: 'ab', n: 1 },
      { id: 'a', n: 1 },
      { id: 'cd', n: 1, note: 'y' },
      { id: 'ab', n: '1' },
    ],
    expected: [{ id: 'AB', n: 1, note: null }, 'id: ', { id: 'CD', n: 1, note: 'y' }, 'n is "1"'],
  },
]

describe.each(['memory', 'duckdb'] as const)('on %s', (engine) => {
  const outcome = async (source: (like: SchemaLike) => any, like: SchemaLike): Promise<unknown[]> => {
    const kept = collectRows()
    const rejected = collectRows<RejectedRecord>()
    const reading = job('reading', { interval: '1s' }, (s) => {
      const records = s.from(source(like))
      records.to('kept', kept)
      ;(records.rejects as any).to('rejected', rejected)
    })
    await run(reading, { engine, until: 'drained' }).finished
    const reasons = new Map(rejected.rows.map(({ ordinal, reason }) => [ordinal, reason]))
    const records = [...kept.rows]
    return Array.from({ length: reasons.size + records.length }, (_, n) => reasons.get(n) ?? records.shift())
  }
  /** A row fits as it is; of a reason the beginning is enough, its words are the validator's. */
  const matching = (expected: Case['expected']): unknown[] =>
    expected.map((one) => (typeof one === 'string' ? expect.stringContaining(one) : one))

  test.each(cases)('$name, from NDJSON', async ({ like, rows, expected }) => {
    const directory = await mkdtemp(join(tmpdir(), 'dstreams-standard-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const path = join(directory, 'rows.ndjson')
    await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    expect(await outcome((one) => ndjsonFiles(path, one), like)).toEqual(matching(expected))
  })

  test.each(cases)('$name, from memory', async ({ like, rows, expected }) => {
    expect(await outcome((one) => fromArray(rows, one), like)).toEqual(matching(expected))
  })
})

describe('a schema inside a literal', () => {
  test('is taken for its fields', () => {
    const inner = { a: schema({ b: 'string' }), c: z.string().nullable() } as unknown as SchemaLike
    expect(fromArray([], inner).type).toEqual(fromArray([], { a: { b: 'string' }, c: 'string?' }).type)
  })

  test.each<[string, unknown]>([
    ['a field', { o: schema({ a: 'string' }, z.object({ a: z.string().min(3) })) }],
    ['an item of a list', [schema({ a: 'string' }, z.object({ a: z.string().min(3) }))]],
    ['a Standard Schema', { o: z.string().min(3) }],
  ])('must not have a validator, which would never run: %s', (_, like) => {
    expect(() => fromArray([], like as SchemaLike)).toThrow(
      expect.objectContaining({
        code: 'DS_JOB',
        what: expect.stringContaining('has a validator of its own'),
        cure: expect.stringContaining('schema({ ... }, standard)'),
      }),
    )
  })
})

test('nullable(schema): null fits, everything else is held against the schema', () => {
  const { validate } = nullable(z.object({ a: z.string().min(3) }))
  expect(validate!(null)).toEqual({ ok: true, value: null })
  expect(validate!({ a: 'abc' })).toEqual({ ok: true, value: { a: 'abc' } })
  expect(validate!({ a: 'ab' })).toMatchObject({ ok: false })
})

test.each<[string, z.ZodType, string]>([
  ['a date', z.object({ at: z.date() }), "This zod schema can't describe its fields: Date"],
  ['a bigint', z.object({ n: z.bigint() }), "This zod schema can't describe its fields: BigInt"],
  [
    'a shared schema',
    z.object({ a: z.object({ x: z.int() }).meta({ id: 'point' }) }),
    'The Standard Schema of a is shared or recursive',
  ],
])('what zod or its JSON Schema can not say is an error with a cure: %s', (_, like, what) => {
  expect(() => fromArray([], like as never)).toThrow(
    expect.objectContaining({
      code: 'DS_JOB',
      what: expect.stringContaining(what),
      cure: expect.stringMatching(/./),
    }),
  )
})
