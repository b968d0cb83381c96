/** The records' types are inferred from schemas: literals, and Standard Schemas of zod and valibot. */
import { csvFiles, type DStream, type Infer, job, ndjsonFiles, nullable, schema } from 'dstreams'
import * as v from 'valibot'
import { z } from 'zod'
import { type Equal, expectType } from './expect.ts'

const event = {
  user: 'string',
  ms: 'number',
  n: 'integer?',
  at: 'timestamp',
  sent: 'timestamp(s)',
  ok: 'boolean',
  tags: 'string[]',
  scores: 'number?[]',
  matrix: 'integer[][]',
  names: 'string[]?',
  items: [{ sku: 'string', price: 'number?' }],
  at2: { x: 'number?', y: { z: 'boolean' } },
} as const
interface Event {
  user: string
  ms: number
  n: number | null
  at: number
  sent: number
  ok: boolean
  tags: string[]
  scores: (number | null)[]
  matrix: number[][]
  names: string[] | null
  items: { sku: string; price: number | null }[]
  at2: { x: number | null; y: { z: boolean } }
}
type Flat<T> = { [F in keyof T]: T[F] }
expectType<Equal<Infer<typeof event>, Flat<Event>>>()
expectType<Equal<Infer<'string'>, string>>()
expectType<Equal<Infer<'integer?'>, number | null>>()

const item = schema({ sku: 'string', price: 'number' })
expectType<Equal<Infer<typeof item>, { sku: string; price: number }>>()
const maybe = nullable({ x: 'number' })
expectType<Equal<Infer<typeof maybe>, { x: number } | null>>()
// schemas inside schemas
const nested = schema({ items: [item], at: maybe })
expectType<
  Equal<Infer<typeof nested>, { items: { sku: string; price: number }[]; at: { x: number } | null }>
>()

job('schemas', { interval: '1s' }, (s) => {
  // written in place, without `as const`
  const inPlace = s.from(ndjsonFiles('in/*.ndjson', { user: 'string', items: [{ sku: 'string?' }] }))
  expectType<Equal<typeof inPlace, DStream<{ user: string; items: { sku: string | null }[] }>>>()
  const cells = s.from(csvFiles('in/*.csv', { id: 'integer', city: 'string?' }))
  expectType<Equal<typeof cells, DStream<{ id: number; city: string | null }>>>()

  const zod = s.from(
    ndjsonFiles('in/*.ndjson', z.object({ id: z.string(), total: z.number(), note: z.string().nullable() })),
  )
  expectType<Equal<typeof zod, DStream<{ id: string; total: number; note: string | null }>>>()
  zod.filter((row) => row.total > 5)
  // @ts-expect-error the record has no such field
  zod.filter((row) => row.sum > 5)

  // valibot does not describe its fields: they are given beside it
  const fields = { id: 'string', total: 'number' } as const
  const checked = schema(fields, v.object({ id: v.pipe(v.string(), v.uuid()), total: v.number() }))
  const valibot = s.from(ndjsonFiles('in/*.ndjson', checked))
  expectType<Equal<typeof valibot, DStream<{ id: string; total: number }>>>()
  expectType<Equal<Infer<ReturnType<typeof plain>>, { id: string }>>()

  // @ts-expect-error there is no such type
  ndjsonFiles('in/*.ndjson', { user: 'text' })
  // @ts-expect-error a list has one item
  ndjsonFiles('in/*.ndjson', { items: ['string', 'number'] })
})

const plain = () => v.object({ id: v.string() })
