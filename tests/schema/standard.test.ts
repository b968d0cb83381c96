/** zod and valibot where a schema is taken. */
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { resolveSchema, type SchemaLike, schema, typeOf } from '../../src/schema/literal.ts'
import type { StandardSchema } from '../../src/schema/standard.ts'
import { describe as textOf } from '../../src/schema/type.ts'
import { decodeWhole } from '../../src/sources/decode.ts'

/** What is read of these records: values, and reasons of rejects. */
async function read(like: SchemaLike, rows: readonly unknown[]): Promise<unknown[]> {
  const { type, validate } = resolveSchema(like)
  const { records, rejects } = await decodeWhole(
    { format: 'rows', partition: 'p', from: 0, records: rows.length, bytes: 0, rows },
    type,
    validate,
  )
  return [
    ...records.map(({ ordinal, value }) => ({ ordinal, is: value })),
    ...rejects.map(({ ordinal, reason }) => ({ ordinal, is: `! ${reason}` })),
  ]
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ is }) => is)
}

describe('zod describes its own fields', () => {
  test.each<[string, z.ZodType, string]>([
    [
      'scalars',
      z.object({ s: z.string(), n: z.number(), i: z.int(), b: z.boolean() }),
      '{ s: string, n: number, i: integer, b: boolean }',
    ],
    [
      'nullable and optional',
      z.object({ a: z.string().nullable(), b: z.number().optional(), c: z.int().nullish() }),
      '{ a: string?, b: number?, c: integer? }',
    ],
    [
      'lists and objects',
      z.object({
        tags: z.array(z.string()),
        o: z.object({ x: z.number() }),
        l: z.array(z.object({ q: z.int() })),
      }),
      '{ tags: string[], o: { x: number }, l: { q: integer }[] }',
    ],
    ['refined', z.object({ s: z.email(), n: z.number().min(3) }), '{ s: string, n: number }'],
    ['a scalar', z.string(), 'string'],
  ])('%s', (_, like, text) => {
    expect(textOf(typeOf(like as unknown as StandardSchema))).toBe(text)
  })

  test('a plain schema needs no validator, any other keeps its own', () => {
    const plain = z.object({
      s: z.string(),
      o: z.object({ l: z.array(z.number()) }),
      b: z.boolean().nullable(),
    })
    expect(resolveSchema(plain).validate).toBeUndefined()
    for (const other of [
      z.object({ s: z.string().min(1) }),
      z.object({ s: z.string().trim() }),
      z.object({ o: z.object({ n: z.number().max(5) }) }),
      z.object({ l: z.array(z.string()).min(1) }),
      z.object({ s: z.string() }).refine(() => true),
      z.strictObject({ s: z.string() }),
      z.object({ l: z.array(z.email()) }),
      z.object({
        s: z
          .string()
          .nullable()
          .refine(() => true),
      }),
    ])
      expect(resolveSchema(other as unknown as StandardSchema).validate).toBeTypeOf('function')
  })

  test('refinements make rejects with their path, transforms change the record', async () => {
    const like = z.object({ name: z.string().trim().min(2), age: z.int().min(18) })
    expect(
      await read(like, [
        { name: ' ann ', age: 20 },
        { name: 'bo', age: 17 },
        { name: ' x ', age: 30 },
        { name: 'cy', age: '40' },
      ]),
    ).toEqual([
      { name: 'ann', age: 20 },
      expect.stringMatching(/^! age: .*18/),
      expect.stringMatching(/^! name: /),
      '! age is "40", not integer',
    ])
  })

  test('an optional field that is missing', async () => {
    expect(
      await read(z.object({ a: z.string(), b: z.number().nullable() }), [{ a: 'x', b: null }, { a: 'x' }]),
    ).toEqual([
      { a: 'x', b: null },
      { a: 'x', b: null },
    ])
  })

  test('a refined optional field that is missing fits: for zod it is not there', async () => {
    expect(
      await read(z.object({ a: z.string().min(1), b: z.number().optional() }), [
        { a: 'x', b: 1 },
        { a: 'x' },
      ]),
    ).toEqual([
      { a: 'x', b: 1 },
      { a: 'x', b: null },
    ])
  })
})

describe('null and missing', () => {
  const given = [
    { a: 'x', b: null, c: null, o: { d: null } },
    { a: 'x', o: {} },
  ]
  const both = [
    { a: 'x', b: null, c: null, o: { d: null } },
    { a: 'x', b: null, c: null, o: { d: null } },
  ]

  test('fit where a field may be null, and where it may be missing', async () => {
    expect(
      await read(
        z.object({
          a: z.string().min(1),
          b: z.number().nullable(),
          c: z.number().optional(),
          o: z.object({ d: z.string().optional() }),
        }),
        given,
      ),
    ).toEqual(both)
  })

  test('where the schema can not be asked which it is', async () => {
    const fields = { a: 'string', b: 'number?', c: 'number?', o: { d: 'string?' } } as const
    expect(
      await read(
        schema(
          fields,
          v.object({
            a: v.string(),
            b: v.nullable(v.number()),
            c: v.nullable(v.number()),
            o: v.object({ d: v.nullable(v.string()) }),
          }),
        ),
        given,
      ),
    ).toEqual(both)
    expect(
      await read(
        schema(
          fields,
          v.object({
            a: v.string(),
            b: v.optional(v.number()),
            c: v.optional(v.number()),
            o: v.object({ d: v.optional(v.string()) }),
          }),
        ),
        given,
      ),
    ).toEqual(both)
  })
})

test('what a transform makes must still have the type of its field', async () => {
  const like = z.object({
    s: z.string().transform((text) => text.length as unknown as string),
    n: z.number().transform((n) => n * -0),
  })
  expect(await read(like, [{ s: 'abc', n: 1 }])).toEqual(['! s is 3, not string'])
  expect(await read(z.object({ n: z.number().transform((n) => n * -0) }), [{ n: 1 }])).toStrictEqual([
    { n: 0 },
  ])
})

describe('what a Standard Schema can not say', () => {
  test.each<[string, z.ZodType, string]>([
    ['a union', z.object({ id: z.union([z.string(), z.number()]) }), 'The Standard Schema of id is '],
    [
      'a record',
      z.object({ map: z.record(z.string(), z.number()) }),
      'The Standard Schema of map is an object without fields',
    ],
    ['anything', z.object({ any: z.unknown() }), 'The Standard Schema of any is without a type'],
    [
      'a list of anything',
      z.object({ list: z.array(z.unknown()) }),
      'The Standard Schema of list[] is without a type',
    ],
    ['only null', z.object({ nothing: z.null() }), 'The Standard Schema of nothing is '],
  ])('%s is an error that names the field', (_, like, what) => {
    expect(() => typeOf(like as unknown as StandardSchema)).toThrow(
      expect.objectContaining({ code: 'DS_JOB', what: expect.stringContaining(what) }),
    )
  })

  test('async checks are refused', async () => {
    const like = schema({ a: 'string' }, z.object({ a: z.string().refine(async () => true) }))
    await expect(read(like, [{ a: 'x' }])).rejects.toMatchObject({ code: 'DS_JOB' })
  })
})

describe('valibot', () => {
  const like = v.object({ id: v.pipe(v.string(), v.minLength(3)), n: v.number() })

  test('needs its fields beside it, and the error says how', () => {
    expect(() => typeOf(like)).toThrow(
      expect.objectContaining({
        code: 'DS_JOB',
        what: expect.stringContaining('valibot'),
        cure: expect.stringContaining('schema('),
      }),
    )
  })

  test('with its fields beside it, it checks and transforms', async () => {
    const checked = schema(
      { id: 'string', n: 'number' },
      v.object({ id: v.pipe(v.string(), v.minLength(3), v.toUpperCase()), n: v.number() }),
    )
    expect(textOf(checked.type)).toBe('{ id: string, n: number }')
    expect(
      await read(checked, [
        { id: 'abc', n: 1 },
        { id: 'ab', n: 1 },
        { id: 'abc', n: '1' },
      ]),
    ).toEqual([{ id: 'ABC', n: 1 }, expect.stringMatching(/^! id: /), '! n is "1", not number'])
  })
})
