/**
 * What every engine must do, as one suite: read blocks exactly as the reference reader does, and keep datasets and
 * states as engine.ts and relation.ts say.
 *
 * The expected records, rejects and counts are those of `decodeWhole`; nothing is compared with another engine. An
 * engine's test calls `engineContract`; a gap is written down with its reason.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SourceCounts as Counts, Engine } from '../../src/engines/engine.ts'
import { collect, count, sum } from '../../src/plan/aggregate.ts'
import { Analysis } from '../../src/plan/analysis.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { AccumulatorShape, RecordShape, Relation, Series, Shape } from '../../src/plan/relation.ts'
import { statementsOf } from '../../src/plan/statements.ts'
import type { AggregateStep, Step } from '../../src/plan/step.ts'
import { resolveSchema, type SchemaLike } from '../../src/schema/literal.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { decodeWhole } from '../../src/sources/decode.ts'
import { identify } from '../../src/sources/in-place.ts'
import type { Block, BlockFormat, OnReject, Source } from '../../src/sources/source.ts'
import { buildPlan, job, type Scope } from '../../src/stream/job.ts'

export interface EngineContract {
  readonly name: string
  make(): Engine
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[]
}

/** Input of one kind: each content is a file of its own, and an interval of its own. */
interface InputCase {
  readonly title: string
  readonly format: BlockFormat
  readonly schema: SchemaLike
  readonly contents: readonly (string | Uint8Array)[]
  /** Names of the files below the test's directory; numbers where it is left out. */
  readonly paths?: readonly string[]
  readonly gzip?: boolean
  /** Whether the blocks are read in place, as untouched whole files, or are block files with counted records. */
  readonly kind?: 'in place' | 'block files'
}

const bytes = (...parts: readonly (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))

const LINES: readonly (string | Uint8Array)[] = [
  'a\nb\nc\n',
  'a\nb',
  '',
  '\n\n\n',
  '\n\na\n\n\nb\n\n',
  'a\r\nb\r\n',
  'a\r\n\r\nb\r\n',
  'a\rb\nc\r\r\nd\r',
  '\r\n',
  '\r',
  ' \n a \n\t\n',
  '\uFEFFa\nb\n',
  'a\n\uFEFFb\n\uFEFF\uFEFFc\n',
  '\uFEFF',
  '\uFEFF\n',
  '\uFEFF\uFEFFa\n',
  bytes('a', 0, 'b\nc\n'),
  bytes('a', 1, 'b\nc\n'),
  bytes('a', 0xff, '\nb\n'),
  bytes('a\n', 0xc3),
  bytes(0xed, 0xa0, 0x80, '\nb\n'),
  bytes('a\n', 0xf4, 0x90, 0x80, 0x80, '\n'),
  'a\u2028b\nc\u2029d\ne\u0085f\n\u000b\n\u000c\n',
  '"a\nb"\n"",\n\'\n\\\n\\n\n',
  'NULL\nnull\nNA\n\\N\n#comment\n# \n',
  'é😀\n\u{10FFFF}\ne\u0301\n\uFFFD\n\uFFFE\n',
  `${'x'.repeat(5000)}\ny\n`,
  'one,two;three|four\tfive\nsix\n',
  'a\nb\n'.repeat(3000),
]

/** Each line is a file of its own, with a good record before and after it. */
const HOSTILE_LINES: readonly (string | Uint8Array)[] = [
  '{"n":"5"}',
  '{"n":1.5}',
  '{"n":true}',
  '{"n":1e3}',
  '{"n":1.0}',
  '{"n":1E0}',
  '{"n":10e-1}',
  '{"n":1.5e1}',
  '{"n":1e400}',
  '{"n":1,"x":1e400}',
  '{"n":1,"x":-1e400}',
  '{"n":1,"x":1e-400}',
  '{"n":1,"other":1e400}',
  '{"n":1,"n":2}',
  '{"n":1,"x":1,"x":"a"}',
  '{"n":1,"other":1,"other":2}',
  '{"n":1,}',
  '{"n":1 ,\t}',
  '{"n":1,"other":[1, ]}',
  '{"n":1,"other":[1,]}',
  '{,"n":1}',
  '{"n":1,,"x":2}',
  '{"n":1,"s":",}"}',
  '{"n":1,"s":"[,]"}',
  '{"n":NaN}',
  '{"n":1,"x":NaN}',
  '{"n":1,"x":nan}',
  '{"n":1,"x":Infinity}',
  '{"n":1,"x":-Infinity}',
  '{"n":1,"x":inf}',
  '{"n":1,"other":NaN}',
  '{"n":1,"other":[Infinity]}',
  '{"n":1,"s":"\\ud800"}',
  '{"n":1,"s":"\\udc00\\ud800"}',
  '{"n":1,"s":"a\\ud83dz"}',
  '{"n":1,"other":"\\ud800"}',
  '{"n":1,"s":"\\u0000"}',
  '{"n":1,"s":"a\\u0000b"}',
  bytes('{"n":1,"s":"a', 0, 'b"}'),
  bytes('{"n":1}', 0),
  bytes('{"n":1,"s":"a', 1, 'b"}'),
  bytes('{"n":1,"s":"a', 0x1f, 'b"}'),
  bytes('{"n":1,"s":"a', 0x7f, 'b"}'),
  '{"n":1,"s":"a\tb"}',
  '{"n":1,"s":"\\n\\t\\"\\\\\\/\\b\\f\\r"}',
  '{"n":1,"s":"\\u00e9\\ud83d\\ude00"}',
  '{"n":1,"s":"😀\u{10FFFF}"}',
  '{"n":1,"s":"\\x41"}',
  '{"n":1,"s":"\\u12"}',
  "{'n':1}",
  '{n:1}',
  '{"n":1}//',
  '{"n":1/* */}',
  'null',
  'true',
  '5',
  '"a"',
  '[]',
  '[{"n":1}]',
  '[1,2]',
  '{}',
  '{"x":1}',
  '{"n":null}',
  '{"n":1,"s":null,"x":null,"ok":null,"at":null}',
  '{"n":1}{"n":2}',
  '{"n":1} {"n":2}',
  '{"n":1},{"n":2}',
  '{"n":1}\r{"n":2}',
  '{"n":1} x',
  '{"n":1}}',
  '{"n":1',
  '{"n":',
  '{',
  '}',
  '{"n"}',
  '{"n":1,"s":"abc',
  '{"n":\n1}',
  '{"n":1,\n"x":2}',
  '\uFEFF{"n":1}',
  '{"n":1,"s":"\uFEFF"}',
  '{"n":1,"s":"\uFEFFa"}',
  '{"n":1,"s":"\uFEFF\uFEFFa"}',
  bytes(0x0c, '{"n":1}'),
  bytes('{"n":', 0x0b, '1}'),
  bytes('{"n":1}', 0x0c),
  '\u00A0{"n":1}',
  '{"n":1}\u2028',
  '{"n":1,"s":"a\u2028b"}',
  ' \t{ "n" : 1 , "x" : 2 }\t ',
  '{"n":1}\r',
  '{\r"n":1\r}',
  ' ',
  '\t',
  ' \t ',
  '\r',
  ' \r',
  '\u00A0',
  '{"x":2,"n":1,"s":"other order"}',
  '{"n":1,"more":{"a":[1,{"b":null}]},"s":"b"}',
  '{"N":1}',
  '{"n":1,"N":2}',
  '{"N":2,"n":1}',
  '{"n":1,"S":"a"}',
  '{"n":1,"__proto__":{"s":"a"}}',
  '{"__proto__":{"n":1}}',
  '{"n":1,"constructor":1}',
  '{"n":1,"":2}',
  '{"\\u006e":1}',
  '{"n ":1}',
  '{"n":9007199254740991}',
  '{"n":9007199254740992}',
  '{"n":-9007199254740991}',
  '{"n":-9007199254740993}',
  '{"n":12345678901234567890}',
  '{"n":1e15}',
  '{"n":123456789012345678901234567890123456789012345678901234567890}',
  '{"n":9.007199254740991e15}',
  '{"n":0.9007199254740993e16}',
  '{"n":4503599627370496.5}',
  '{"n":-0}',
  '{"n":-0.0}',
  '{"n":1,"x":-0}',
  '{"n":1,"x":-0.0}',
  '{"n":1,"x":0e999}',
  '{"n":0e0}',
  '{"n":01}',
  '{"n":+1}',
  '{"n":.5}',
  '{"n":1.}',
  '{"n":1e}',
  '{"n":0x1}',
  '{"n":1_0}',
  '{"n":-}',
  '{"n":1n}',
  '{"n":1,"x":1e308}',
  '{"n":1,"x":5e-324}',
  '{"n":1,"x":2.2250738585072011e-308}',
  '{"n":1,"x":0.1}',
  '{"n":1,"x":12345678901234567890}',
  '{"n":1,"x":9007199254740993}',
  '{"n":1,"x":1.7976931348623157e308}',
  '{"n":1,"x":1.7976931348623159e308}',
  '{"n":1,"x":0.30000000000000004}',
  '{"n":1,"x":123456789.123456789123456789}',
  '{"n":1,"x":100000000000000000000000}',
  '{"n":1,"x":"1"}',
  '{"n":1,"x":[1]}',
  '{"n":1,"x":{}}',
  '{"n":1,"x":true}',
  '{"n":1,"s":1}',
  '{"n":1,"s":true}',
  '{"n":1,"s":["a"]}',
  '{"n":1,"s":{"a":"b"}}',
  '{"n":1,"s":""}',
  '{"n":1,"s":"null"}',
  '{"n":1,"s":"\\"a\\""}',
  '{"n":1,"s":"1"}',
  '{"n":[1]}',
  '{"n":{"n":1}}',
  '{"n":1,"ok":"true"}',
  '{"n":1,"ok":1}',
  '{"n":1,"ok":TRUE}',
  '{"n":1,"ok":false}',
  '{"n":1,"ok":"false"}',
  '{"n":1,"ok":[true]}',
  '{"n":1,"at":"2024-02-29T12:00:00Z"}',
  '{"n":1,"at":"2024-02-30T12:00:00Z"}',
  '{"n":1,"at":"2024-02-29"}',
  '{"n":1,"at":"June 1"}',
  '{"n":1,"at":"1"}',
  '{"n":1,"at":1.5}',
  '{"n":1,"at":1e12}',
  '{"n":1,"at":-1}',
  '{"n":1,"at":"2024-02-29T12:00:00.123456789+05:30"}',
  '{"n":1,"at":9007199254740992}',
  bytes('{"n":1,"s":"', 0xff, '"}'),
  bytes('{"n":1,"s":"', 0xc3, '"}'),
  bytes('{"n":1,"s":"', 0xed, 0xa0, 0x80, '"}'),
  bytes(0xff),
  `{"n":1,"other":${'['.repeat(600)}${']'.repeat(600)}}`,
  `{"n":1,"s":"${'x'.repeat(100_000)}"}`,
]

const GOOD = '{"n":7,"x":0.5,"s":"good","ok":true,"at":1}'
const between = (line: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${GOOD}\n`), Buffer.from(line as Uint8Array), Buffer.from(`\n${GOOD}\n`)])

const FLAT = { n: 'integer', x: 'number?', s: 'string?', ok: 'boolean?', at: 'timestamp?' } as const
const NESTED = {
  id: 'integer',
  o: { a: 'string?', l: 'integer[]' },
  items: [{ sku: 'string', q: 'number?' }],
  tags: 'string[]?',
  at: 'timestamp(s)?',
} as const

const NESTED_LINES: readonly string[] = [
  '{"id":1,"o":{"a":"x","l":[1,2]},"items":[{"sku":"s","q":1.5}],"tags":["a","b"],"at":1.5}',
  '{"id":1,"o":{"a":"\uFEFFx","l":[]},"items":[],"tags":["\uFEFF","\uFEFF\uFEFFb"]}',
  '{"id":1,"o":{"l":[1]},"items":[{"sku":"s"}],"tags":null}',
  '{"id":1,"o":{"l":[1]},"items":[{"sku":"s"}],"tags":[null]}',
  '{"id":1,"o":null,"items":[]}',
  '{"id":1,"o":{"l":[1.5]},"items":[]}',
  '{"id":1,"o":{"l":"1"},"items":[]}',
  '{"id":1,"o":{"l":[-0, 1e3]},"items":[{"sku":"a","q":-0}]}',
  '{"id":1,"o":{"l":[],"a":1},"items":[]}',
  '{"id":1,"o":{"l":[],"__proto__":{"a":"x"}},"items":[{"sku":"s","other":{}}]}',
  '{"id":1,"o":[{"l":[]}],"items":[]}',
  '{"id":1,"o":{"l":[]},"items":{"sku":"s"}}',
  '{"id":1,"o":{"l":[]},"items":[[]]}',
  '{"id":1,"o":{"l":[]},"items":[{}]}',
]

const CASES: readonly InputCase[] = [
  { title: 'lines read in place', format: 'lines', schema: 'string', contents: LINES, kind: 'in place' },
  { title: 'lines of block files', format: 'lines', schema: 'string', contents: LINES, kind: 'block files' },
  {
    title: 'long lines',
    format: 'lines',
    schema: 'string',
    contents: [
      `a\n${'é'.repeat(1_500_000)}\nb\n`,
      'c\n',
      `a\n${'y'.repeat(17 * 1024 * 1024)}\nb\n`,
      `\n${'z'.repeat(2_100_000)}\r\nb`,
    ],
  },
  {
    title: 'hostile ndjson',
    format: 'ndjson',
    schema: FLAT,
    contents: HOSTILE_LINES.map(between),
    kind: 'in place',
  },
  {
    title: 'hostile ndjson in block files',
    format: 'ndjson',
    schema: FLAT,
    contents: HOSTILE_LINES.map((line) => Buffer.from(line as Uint8Array)),
    kind: 'block files',
  },
  {
    title: 'ndjson whose fields are all nullable',
    format: 'ndjson',
    schema: { a: 'integer?', s: 'string?' },
    contents: [
      '{}\n',
      '{"b":1}\n',
      'null\n',
      '{"a":null}\n{"s":"x"}\n',
      '[]\n',
      '\n \n',
      '',
      '{"a":1}\n{}\n{"a":2}',
    ],
  },
  {
    title: 'nested ndjson',
    format: 'ndjson',
    schema: NESTED,
    contents: NESTED_LINES.map((line) => `${NESTED_LINES[0]}\n${line}\n`),
  },
  {
    title: 'ndjson of scalars',
    format: 'ndjson',
    schema: 'string?',
    contents: ['"a"\n"\uFEFFb"\nnull\n', '5\n"\\ud800"\n', '"x"'],
  },
  {
    title: 'ndjson of lists',
    format: 'ndjson',
    schema: 'integer[]',
    contents: ['[]\n[1,2]\n', '[1,"2"]\n5\nnull\n', '[1e0]\n'],
  },
  {
    title: 'ndjson with fields of awkward names',
    format: 'ndjson',
    schema: {
      'a b': 'integer?',
      __proto__x: 'string?',
      valueOf_: 'string?',
      "it's": 'number?',
      é: 'boolean?',
      '': 'string?',
    },
    contents: [
      '{"a b":1,"__proto__x":"p","valueOf_":"c","it\'s":1.5,"é":true,"":"empty"}\n',
      '{}\n',
      '{"A B":1}\n',
    ],
  },
  {
    title: 'ndjson with fields that differ in case',
    format: 'ndjson',
    schema: { n: 'integer', N: 'integer?' },
    contents: ['{"n":1}\n', '{"n":1,"N":2}\n{"N":3,"n":4}\n', '{"N":1}\n'],
  },
  {
    title: 'ndjson with fields named like hidden columns',
    format: 'ndjson',
    schema: {
      filename: 'string?',
      i: 'integer?',
      rowid: 'integer?',
      file_row_number: 'integer?',
      c0: 'string?',
      p0: 'integer?',
    },
    contents: [
      '{"filename":"f","i":1,"rowid":2,"file_row_number":3,"c0":"c","p0":4}\n',
      '{"filename":"g"}\n',
      '{"rowid":9}\n{"i":1}\n',
    ],
  },
  {
    title: 'gzip of lines',
    format: 'lines',
    schema: 'string',
    gzip: true,
    contents: ['a\nb\n', 'a\r\nb', '', '\n\n', bytes('a', 0xff, '\nb\n'), '\uFEFFa\n\uFEFFb\n'],
  },
  {
    title: 'gzip of ndjson',
    format: 'ndjson',
    schema: FLAT,
    gzip: true,
    contents: [`${GOOD}\n`, '{"n":1,}\n', `${GOOD}\n{"n":"5"}`],
  },
  {
    title: 'csv',
    format: 'csv',
    schema: { id: 'integer', name: 'string?', ok: 'boolean?' },
    contents: [
      'id,name\n1,a\n2,"b ""c"", d"\n',
      'id,name\r\n1,"a\r\nb"\r\n',
      'name,id\n,1\n"",2\n',
      'id,name\n1,a,b\n"2"x\n3,c\n',
      'id\n',
      '',
      'id,id\n1,1\n',
      '\uFEFFid,ok\n1,true\n2,True\n',
      bytes('id,name\n1,', 0xff, '\n2,b\n'),
    ],
  },
  {
    title: 'files with awkward paths',
    format: 'lines',
    schema: 'string',
    paths: [
      'a b.log',
      "it's.log",
      'a*.log',
      'ab.log',
      'a?.log',
      'a[1].log',
      'a1.log',
      '{x}.log',
      'line=9/x.log',
      'x=1/y=2/z.log',
      'back\\slash.log',
      'ü😀.log',
      '#1.log',
      '%41.log',
      '$1.log',
      'x.zst',
      'y.gz.log',
    ],
    contents: Array.from({ length: 17 }, (_, index) => `of ${index}\n`),
  },
  {
    title: 'ndjson files with awkward paths',
    format: 'ndjson',
    schema: FLAT,
    paths: ['n=9/x.ndjson', 's=other/x.ndjson', 'N=5/y.ndjson', 'b*.ndjson', 'bc.ndjson', 'b[c].ndjson'],
    contents: Array.from({ length: 6 }, (_, index) => `{"n":${index}}\n`),
  },
]

// ---- blocks, jobs and what is expected of them ---------------------------------------------------------------------

/** A sink that only names what it takes: the suite reads deliveries itself. */
const PROBE: Sink = {
  kind: 'probe',
  detail: '',
  tableMode: 'content',
  open: () => Promise.reject(new Error('not opened')),
}

const sourceOf = (format: BlockFormat, schema: SchemaLike, onReject: OnReject = 'keep'): Source<any> => {
  const { type, validate } = resolveSchema(schema)
  return {
    kind: 'given',
    detail: '',
    type,
    ...(validate && { validate }),
    format,
    onReject,
    canEnd: true,
    isFinite: true,
    open: () => Promise.reject(new Error('not opened')),
  }
}

const planOf = (define: (s: Scope) => void): Plan => buildPlan(job('contract', { interval: '1s' }, define))

/** What each kind of job asks of the blocks. */
const JOBS = {
  'records alone': (source: Source<any>) => planOf((s) => s.from(source).to('records', PROBE)),
  'records counted on the way': (source: Source<any>) =>
    planOf((s) => s.from(source).aggregate({ n: count() }).to('count', PROBE)),
  'records and rejects': (source: Source<any>) =>
    planOf((s) => {
      const records = s.from(source)
      records.to('records', PROBE)
      records.rejects.to('rejects', PROBE)
    }),
  'records in order, and rejects': (source: Source<any>) =>
    planOf((s) => {
      const records = s.from(source)
      records.aggregate({ all: collect((record) => record) }).to('collected', PROBE)
      records.rejects.aggregate({ all: collect((reject) => reject) }).to('collected rejects', PROBE)
    }),
} as const

interface Computed {
  /** By sink and interval. */
  readonly outputs: ReadonlyMap<string, readonly unknown[]>
  readonly counts: readonly SourceCounts[]
}

/** Computes all intervals in runs of these lengths, the last one repeated. */
async function compute(
  engine: Engine,
  plan: Plan,
  blocks: readonly (readonly Block[])[],
  runs: readonly number[],
): Promise<Computed> {
  const analysis = new Analysis(plan)
  const outputs = new Map<string, readonly unknown[]>()
  const counts: SourceCounts[] = []
  try {
    await engine.prepare(analysis)
    for (let from = 0, run = 0; from < blocks.length; run++) {
      const to = Math.min(blocks.length, from + runs[Math.min(run, runs.length - 1)]!)
      for (let interval = from; interval < to; interval++) engine.load(0, interval, blocks[interval]!)
      for (const statement of statementsOf(analysis, { from, to }, { originMs: 0, lengthMs: 1000 }))
        if (statement.kind === 'deliver')
          outputs.set(
            `${plan.steps[statement.sink]!.name} @ ${statement.at}`,
            await engine.read(statement.relation),
          )
        else if (statement.kind === 'apply') throw new Error('no step of these jobs is applied')
        else await engine.execute(statement)
      for (const { slowBlocks: _, ...counted } of await engine.unload(to)) counts.push(counted)
      from = to
    }
    return { outputs, counts }
  } finally {
    await engine.close()
  }
}

/** Every bit of a value, with long texts shortened. Unlike JSON it tells -0 from 0. */
function bits(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'string')
    return value.length > 300
      ? `${value.length}:${createHash('md5').update(value).digest('hex')}`
      : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(bits).join()}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, part]) => `${name}:${bits(part)}`)
      .join()}}`
  return String(value)
}
const bag = (rows: readonly unknown[]): string[] => rows.map(bits).sort()

/** How blocks were read is each engine's own affair (tests/engines/fast-path.test.ts). */
type SourceCounts = Omit<Counts, 'slowBlocks'>

interface Expected {
  readonly outputs: Readonly<Record<string, readonly string[]>>
  readonly counts: readonly SourceCounts[]
}

/** What the reference reads of the blocks of each interval. */
async function expectedOf(
  plan: Plan,
  source: Source<any>,
  blocks: readonly (readonly Block[])[],
): Promise<Expected> {
  const outputs: Record<string, readonly string[]> = {}
  const counts: SourceCounts[] = []
  for (const [interval, own] of blocks.entries()) {
    const records: unknown[] = []
    const rejects: unknown[] = []
    for (const block of own) {
      const decoded = await decodeWhole(block, source.type, source.validate)
      records.push(...decoded.records.map(({ value }) => value))
      for (const { ordinal, reason, text } of decoded.rejects)
        rejects.push({ source: 'given', partition: block.partition, ordinal, reason, text })
    }
    counts.push({ source: 0, interval, records: records.length + rejects.length, rejects: rejects.length })
    for (const step of plan.steps.filter(({ kind }) => kind === 'sink')) {
      const rows = {
        records: bag(records),
        rejects: bag(rejects),
        count: ifAny(records, [{ n: records.length }]),
        collected: ifAny(records, [{ all: records }]),
        'collected rejects': ifAny(rejects, [{ all: rejects }]),
      }[step.name]!
      outputs[`${step.name} @ ${interval}`] = rows
    }
  }
  return { outputs, counts }
}
const ifAny = (of: readonly unknown[], rows: readonly unknown[]): readonly string[] =>
  of.length === 0 ? [] : bag(rows)

const byInterval = (counts: readonly (SourceCounts & { slowBlocks?: number })[]): readonly SourceCounts[] =>
  counts.map(({ slowBlocks: _, ...counted }) => counted).toSorted((a, b) => a.interval - b.interval)

export function engineContract({ name, make, skip = [] }: EngineContract): void {
  const contractTest = (title: string, run: () => Promise<void>, timeout = 60_000): void => {
    const gap = skip.find(({ tests }) => tests.includes(title))
    // a gap is written down with its reason where the contract is used; it is no test
    if (!gap) test(title, run, timeout)
  }
  let directory = ''
  let files = 0
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'dstreams-contract-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  /** Writes a content to a file of its own. */
  const write = (content: string | Uint8Array, path = `${files++}`): string => {
    const full = join(directory, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, content)
    return full
  }
  const inPlace = (path: string, format: BlockFormat, more: Partial<Block> = {}): Block => {
    const stats = statSync(path)
    return {
      format,
      partition: path,
      from: 0,
      records: undefined,
      bytes: stats.size,
      path,
      inPlace: identify(stats),
      ...more,
    }
  }
  const blocksOf = async ({
    format,
    schema,
    contents,
    paths,
    gzip,
    kind = 'in place',
  }: InputCase): Promise<Block[][]> => {
    const blocks: Block[][] = []
    let from = 0
    const root = `case${files++}`
    for (const [index, content] of contents.entries()) {
      const path = write(gzip ? gzipSync(content) : content, join(root, paths?.[index] ?? `${index}`))
      const found = inPlace(path, format, gzip ? { compression: 'gzip' } : {})
      if (kind === 'in place') {
        blocks.push([found])
        continue
      }
      // consecutive blocks of one partition, whose records were counted when they were made
      const { inPlace: _, ...piece } = found
      const beginsWithBom = Buffer.from(content as Uint8Array)
        .subarray(0, 3)
        .equals(Buffer.from('\uFEFF'))
      const block: Block = { ...piece, partition: 'p', from, ...(beginsWithBom && from > 0 && { odd: true }) }
      const { records, rejects } = await decodeWhole(block, resolveSchema(schema).type)
      blocks.push([{ ...block, records: records.length + rejects.length }])
      from += records.length + rejects.length
    }
    return blocks
  }

  describe(`${name} reads as the reference reads`, () => {
    for (const input of CASES)
      for (const [asked, plan] of Object.entries(JOBS))
        for (const [together, runs] of [
          ['one by one', [1]],
          ['in bulk', [2, 3, input.contents.length]],
        ] as const)
          contractTest(`${input.title}: ${asked}, ${together}`, async () => {
            const source = sourceOf(input.format, input.schema)
            const blocks = await blocksOf(input)
            const expected = await expectedOf(plan(source), source, blocks)
            const { outputs, counts } = await compute(make(), plan(source), blocks, runs)
            expect(Object.fromEntries([...outputs].map(([sink, rows]) => [sink, bag(rows)]))).toEqual(
              expected.outputs,
            )
            expect(byInterval(counts)).toEqual(expected.counts)
          })

    for (const [asked, plan] of Object.entries(JOBS))
      contractTest(`several blocks of an interval, good and odd ones: ${asked}`, async () => {
        const source = sourceOf('lines', 'string')
        const contents = [
          ['a\nb\n', 'c\r\n', '\n\nd\n'],
          ['', 'e\n'],
          [],
          [bytes(0xff, '\n'), 'f\n', 'g'],
          ['h\n', 'i\n'],
        ]
        const blocks = contents.map((own) =>
          own.map((content) => inPlace(write(content, `several/${files++}`.padEnd(20, '_')), 'lines')),
        )
        const expected = await expectedOf(plan(source), source, blocks)
        for (const runs of [[1], [2, 3], [5]]) {
          const { outputs, counts } = await compute(make(), plan(source), blocks, runs)
          expect(Object.fromEntries([...outputs].map(([sink, rows]) => [sink, bag(rows)]))).toEqual(
            expected.outputs,
          )
          expect(byInterval(counts)).toEqual(expected.counts)
        }
      })

    contractTest('rows from memory, and what does not fit among them', async () => {
      const rows = [
        { s: 'a', n: 1 },
        { s: '\uFEFFb', n: -0 },
        { s: 'c' },
        { s: 'd', n: 1.5 },
        { s: '\ud800', n: 1 },
        5,
        null,
        { s: 'e', n: 2, more: 1 },
        { s: 'f\u0000', n: 3 },
      ]
      const source = sourceOf('rows', { s: 'string', n: 'integer' })
      const blocks: Block[][] = [rows.slice(0, 4), [], rows.slice(4)].map((own, index) =>
        own.length === 0
          ? []
          : [
              {
                format: 'rows',
                partition: 'rows',
                from: index === 0 ? 0 : 4,
                records: own.length,
                bytes: 0,
                rows: own,
              },
            ],
      )
      for (const [, plan] of Object.entries(JOBS))
        for (const runs of [[1], [3]]) {
          const expected = await expectedOf(plan(source), source, blocks)
          const { outputs, counts } = await compute(make(), plan(source), blocks, runs)
          expect(Object.fromEntries([...outputs].map(([sink, found]) => [sink, bag(found)]))).toEqual(
            expected.outputs,
          )
          expect(byInterval(counts)).toEqual(expected.counts)
        }
    })

    contractTest('a sequence', async () => {
      const source = sourceOf('sequence', 'integer')
      const blocks: Block[][] = [
        [{ format: 'sequence', partition: 's', from: 0, records: 3, bytes: 0 }],
        [],
        [{ format: 'sequence', partition: 's', from: 3, records: 5000, bytes: 0 }],
      ]
      for (const [, plan] of Object.entries(JOBS))
        for (const runs of [[1], [3]]) {
          const expected = await expectedOf(plan(source), source, blocks)
          const { outputs, counts } = await compute(make(), plan(source), blocks, runs)
          expect(Object.fromEntries([...outputs].map(([sink, found]) => [sink, bag(found)]))).toEqual(
            expected.outputs,
          )
          expect(byInterval(counts)).toEqual(expected.counts)
        }
    })

    contractTest('what a schema refuses beyond its types', async () => {
      const even = (value: unknown) =>
        (value as { n: number }).n % 2 === 0
          ? { ok: true as const, value: { n: (value as { n: number }).n * 10 } }
          : { ok: false as const, reason: 'odd' }
      const source = { ...sourceOf('ndjson', { n: 'integer' }), validate: even }
      const blocks = ['{"n":1}\n{"n":2}\n', '{"n":4}\n', '{"n":"2"}\n'].map((content) => [
        inPlace(write(content), 'ndjson'),
      ])
      for (const [, plan] of Object.entries(JOBS)) {
        const expected = await expectedOf(plan(source), source, blocks)
        const { outputs, counts } = await compute(make(), plan(source), blocks, [2])
        expect(Object.fromEntries([...outputs].map(([sink, found]) => [sink, bag(found)]))).toEqual(
          expected.outputs,
        )
        expect(byInterval(counts)).toEqual(expected.counts)
      }
    })

    contractTest('a file large enough for many threads, in order', async () => {
      const lines = Array.from({ length: 400_000 }, (_, index) => `line ${index}`)
      const blocks = [[inPlace(write(`${lines.join('\n')}\n`), 'lines')]]
      const { outputs } = await compute(
        make(),
        JOBS['records in order, and rejects'](sourceOf('lines', 'string')),
        blocks,
        [1],
      )
      const [{ all }] = outputs.get('collected @ 0') as [{ all: string[] }]
      expect(all.length).toBe(lines.length)
      expect(all.findIndex((line, index) => line !== lines[index])).toBe(-1)
    })

    for (const odd of ['\rb', ' \rb', 'b\r', 'a\u0001'])
      contractTest(`${JSON.stringify(odd)} at the edges of a reader's buffers`, async () => {
        const line = `${'x'.repeat(99)}\n`
        for (const at of [4_000_000, 4_000_100]) {
          const blocks = [[inPlace(write(`${line.repeat(at / 100)}${odd}\n${line.repeat(5000)}`), 'lines')]]
          const plan = planOf((s) => s.from(sourceOf('lines', 'string')).countByValue().to('counts', PROBE))
          const { outputs } = await compute(make(), plan, blocks, [1])
          const expected = [
            { value: 'x'.repeat(99), count: at / 100 + 5000 },
            { value: odd.replace(/\r$/, ''), count: 1 },
          ]
          expect(bag(outputs.get('counts @ 0')!)).toEqual(bag(expected))
        }
      })

    contractTest("onReject 'fail' stops at the first record that does not fit", async () => {
      for (const [, plan] of Object.entries(JOBS)) {
        const source = sourceOf('ndjson', { n: 'integer' }, 'fail')
        const path = write('{"n":1}\n{"n":"2"}\n{"n":"3"}\n')
        await expect(compute(make(), plan(source), [[inPlace(path, 'ndjson')]], [1])).rejects.toMatchObject({
          code: 'DS_REJECT',
          what: expect.stringContaining(
            `Record 1 of ${path} (source "given") does not fit: n is "2", not integer`,
          ),
        })
      }
    })

    contractTest("onReject 'fail' lets records pass that fit", async () => {
      const source = sourceOf('ndjson', { n: 'integer' }, 'fail')
      const { outputs } = await compute(
        make(),
        JOBS['records alone'](source),
        [[inPlace(write('{"n":1.0}\n{"n":2}\n'), 'ndjson')]],
        [1],
      )
      expect(bag(outputs.get('records @ 0')!)).toEqual(['{n:1}', '{n:2}'])
    })

    for (const [change, apply] of [
      ['grew', (path: string) => writeFileSync(path, 'a\nb\nc\n')],
      ['shrank', (path: string) => writeFileSync(path, 'a\n')],
      ['is gone', (path: string) => rmSync(path)],
      [
        'is another',
        (path: string) => {
          rmSync(path)
          writeFileSync(`${path}x`, '')
          writeFileSync(path, 'x\ny\n')
        },
      ],
    ] as const)
      contractTest(`a file that ${change} between the cut and the reading is refused`, async () => {
        for (const [asked, plan] of Object.entries(JOBS)) {
          const path = write('a\nb\n')
          const blocks = [[inPlace(path, 'lines')]]
          apply(path)
          await expect(
            compute(make(), plan(sourceOf('lines', 'string')), blocks, [1]),
            asked,
          ).rejects.toMatchObject({ code: 'DS_INPUT_CHANGED', what: expect.stringContaining(path) })
        }
      })

    contractTest('a block file that is gone is an error that names it', async () => {
      for (const format of ['lines', 'ndjson'] as const) {
        const path = write('{"n":1}\n')
        const { inPlace: _, ...block } = inPlace(path, format)
        rmSync(path)
        const plan = JOBS['records alone'](sourceOf(format, format === 'lines' ? 'string' : FLAT))
        await expect(compute(make(), plan, [[block]], [1])).rejects.toMatchObject({
          code: 'DS_SOURCE',
          what: expect.stringContaining(path),
        })
      }
    })
  })

  describe(`${name} keeps datasets and states`, () => {
    datasetContract(make, contractTest)
  })
}

// ---- datasets and states -------------------------------------------------------------------------------------------

const NUMBERS = { k: 'string', n: 'integer' } as const

/** A plan whose steps are the subjects of hand-written statements, and what can be said of them. */
function subject() {
  const plan = planOf((s) => {
    const records = s.from(sourceOf('rows', NUMBERS))
    const grouped = records
      .groupBy((r: { k: string }) => ({ k: r.k }))
      .aggregate({ n: count(), total: sum((r: { n: number }) => r.n) })
    grouped.running().to('running', PROBE)
    records.running().to('bag', PROBE)
  })
  const step = (kind: Step['kind'], index = 0): Step => plan.steps.filter((one) => one.kind === kind)[index]!
  const source = step('source')
  const aggregate = step('aggregate') as AggregateStep
  const state = plan.steps.find((one) => one.kind === 'state' && one.of === 'aggregate')!
  const bagState = plan.steps.find((one) => one.kind === 'state' && one.of === 'bag')!
  const records = (interval: RecordShape['interval']): RecordShape => ({
    rows: 'records',
    type: source.type,
    interval,
    positions: 0,
  })
  const accumulators = (interval: AccumulatorShape['interval']): AccumulatorShape => ({
    rows: 'accumulators',
    step: aggregate,
    interval,
  })
  const rowsOf = (interval: RecordShape['interval']): RecordShape => ({
    rows: 'records',
    type: aggregate.type,
    interval,
    positions: 0,
  })
  const span = (from: number, to: number): RecordShape['interval'] =>
    to - from === 1 ? { at: from } : 'column'
  const blocks = (from: number, to: number): Relation => ({
    kind: 'blocks',
    source: source.id,
    output: 'records',
    from,
    to,
    shape: records(span(from, to)),
  })
  const read = (series: Series, from: number, to: number, shape: Shape): Relation => ({
    kind: 'read',
    series,
    from,
    to,
    shape,
  })
  const partial = (from: number, to: number): Relation => ({
    kind: 'partial',
    input: blocks(from, to),
    shape: accumulators(span(from, to)),
  })
  const finish = (input: Relation): Relation => ({ kind: 'finish', input, shape: rowsOf('none') })
  return {
    plan,
    source,
    aggregate,
    state,
    bagState,
    records,
    accumulators,
    blocks,
    read,
    partial,
    finish,
    span,
  }
}

type Subject = ReturnType<typeof subject>

const rows = (...values: readonly (readonly [string, number])[]): Block[] =>
  values.length === 0
    ? []
    : [
        {
          format: 'rows',
          partition: 'rows',
          from: 0,
          records: values.length,
          bytes: 0,
          rows: values.map(([k, n]) => ({ k, n })),
        },
      ]

const INTERVALS = [rows(['a', 1], ['b', 2], ['a', 3]), rows(['b', 4]), rows(), rows(['c', 5], ['c', 5])]
const RECORDS = INTERVALS.map((blocks) => blocks.flatMap((block) => block.rows as { k: string; n: number }[]))

/** The running totals after the intervals `[0, to)`, less those of `[0, from)`. */
function totals(from: number, to: number): unknown[] {
  const groups = new Map<string, { k: string; n: number; total: number }>()
  for (const { k, n } of RECORDS.slice(from, to).flat()) {
    const group = groups.get(k) ?? { k, n: 0, total: 0 }
    groups.set(k, { k, n: group.n + 1, total: group.total + n })
  }
  return [...groups.values()]
}

function datasetContract(
  make: () => Engine,
  contractTest: (title: string, run: () => Promise<void>) => void,
): void {
  const withEngine = async (use: (engine: Engine, on: Subject) => Promise<void>): Promise<void> => {
    const engine = make()
    const on = subject()
    try {
      await engine.prepare(new Analysis(on.plan))
      for (const [interval, blocks] of INTERVALS.entries()) engine.load(on.source.id, interval, blocks)
      await use(engine, on)
    } finally {
      await engine.close()
    }
  }
  const series = (on: Subject): Series => ({ step: on.source.id, part: 'rows' })
  const partials = (on: Subject): Series => ({ step: on.aggregate.id, part: 'partial' })
  const readRows = async (engine: Engine, on: Subject, from: number, to: number): Promise<string[]> =>
    bag(await engine.read(on.read(series(on), from, to, on.records(on.span(from, to)))))
  const records = (from: number, to: number): string[] => bag(RECORDS.slice(from, to).flat())

  contractTest('a series that was never made is empty', () =>
    withEngine(async (engine, on) => {
      expect(await readRows(engine, on, 0, 4)).toEqual([])
      expect(await engine.read(on.finish(on.read(partials(on), 0, 1, on.accumulators('none'))))).toEqual([])
      expect(
        await engine.read(on.finish({ kind: 'state', step: on.state.id, shape: on.accumulators('none') })),
      ).toEqual([])
      expect(await engine.read({ kind: 'state', step: on.bagState.id, shape: on.records('none') })).toEqual(
        [],
      )
    }),
  )

  contractTest('what was made is read: of one interval, of some, of all, and beyond', () =>
    withEngine(async (engine, on) => {
      await engine.execute({ kind: 'make', series: series(on), from: 0, to: 1, relation: on.blocks(0, 1) })
      await engine.execute({ kind: 'make', series: series(on), from: 1, to: 4, relation: on.blocks(1, 4) })
      for (const [from, to] of [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
        [0, 2],
        [1, 3],
        [0, 4],
        [2, 9],
        [4, 9],
      ] as const)
        expect(await readRows(engine, on, from, to), `[${from}, ${to})`).toEqual(records(from, to))
    }),
  )

  contractTest('making an interval again replaces it', () =>
    withEngine(async (engine, on) => {
      await engine.execute({ kind: 'make', series: series(on), from: 0, to: 1, relation: on.blocks(0, 1) })
      await engine.execute({ kind: 'make', series: series(on), from: 0, to: 1, relation: on.blocks(0, 1) })
      expect(await readRows(engine, on, 0, 1)).toEqual(records(0, 1))
    }),
  )

  contractTest('accumulators are made, merged across intervals, and subtracted', () =>
    withEngine(async (engine, on) => {
      await engine.execute({ kind: 'make', series: partials(on), from: 0, to: 4, relation: on.partial(0, 4) })
      const part = (from: number, to: number): Relation =>
        on.read(partials(on), from, to, on.accumulators(on.span(from, to)))
      const merged = (plus: Relation[], minus: Relation[]): Relation =>
        on.finish({ kind: 'merge', plus, minus, shape: on.accumulators('none') })
      expect(bag(await engine.read(merged([part(0, 4)], [])))).toEqual(bag(totals(0, 4)))
      expect(bag(await engine.read(merged([part(0, 1), part(3, 4)], [])))).toEqual(
        bag([...totals(0, 1), ...totals(3, 4)]),
      )
      expect(bag(await engine.read(merged([part(0, 2)], [part(1, 2)])))).toEqual(bag(totals(0, 1)))
    }),
  )

  contractTest('a fold adds and subtracts; a key without records leaves the state', () =>
    withEngine(async (engine, on) => {
      const content = async (): Promise<string[]> =>
        bag(
          await engine.read(on.finish({ kind: 'state', step: on.state.id, shape: on.accumulators('none') })),
        )
      const fold = (at: number, plus: Relation[], minus: Relation[]) =>
        engine.execute({
          kind: 'fold',
          state: on.state.id,
          at,
          plus,
          minus,
          changes: false,
          shape: on.accumulators('none'),
        })
      await fold(0, [on.partial(0, 1)], [])
      expect(await content()).toEqual(bag(totals(0, 1)))
      await fold(1, [on.partial(1, 2)], [])
      expect(await content()).toEqual(bag(totals(0, 2)))
      await fold(2, [on.partial(2, 3)], [])
      expect(await content()).toEqual(bag(totals(0, 2)))
      await fold(3, [on.partial(3, 4)], [on.partial(0, 1)])
      expect(await content()).toEqual(bag(totals(1, 4)))
      await fold(4, [], [on.partial(1, 2), on.partial(3, 4)])
      expect(await content()).toEqual([])
      await fold(5, [on.partial(3, 4)], [])
      expect(await content()).toEqual(bag(totals(3, 4)))
    }),
  )

  contractTest('a fold with changes keeps the touched keys before and after', () =>
    withEngine(async (engine, on) => {
      const touched = async (part: 'before' | 'after', at: number): Promise<string[]> =>
        bag(
          await engine.read(
            on.finish(on.read({ step: on.state.id, part }, at, at + 1, on.accumulators('none'))),
          ),
        )
      const fold = (at: number, plus: Relation[], minus: Relation[]) =>
        engine.execute({
          kind: 'fold',
          state: on.state.id,
          at,
          plus,
          minus,
          changes: true,
          shape: on.accumulators('none'),
        })
      await fold(0, [on.partial(0, 1)], [])
      expect([await touched('before', 0), await touched('after', 0)]).toEqual([[], bag(totals(0, 1))])
      await engine.execute({ kind: 'forget', series: { step: on.state.id, part: 'before' }, before: 1 })
      await engine.execute({ kind: 'forget', series: { step: on.state.id, part: 'after' }, before: 1 })
      expect([await touched('before', 0), await touched('after', 0)]).toEqual([[], []])
      await fold(1, [on.partial(1, 2)], [])
      const b = (from: number, to: number): unknown[] =>
        totals(from, to).filter((row) => (row as { k: string }).k === 'b')
      expect([await touched('before', 1), await touched('after', 1)]).toEqual([bag(b(0, 1)), bag(b(0, 2))])
      await fold(2, [], [on.partial(0, 2)])
      expect([await touched('before', 2), await touched('after', 2)]).toEqual([bag(totals(0, 2)), []])
    }),
  )

  contractTest('a bag grows by what is appended, copies included', () =>
    withEngine(async (engine, on) => {
      const content = async (): Promise<string[]> =>
        bag(await engine.read({ kind: 'state', step: on.bagState.id, shape: on.records('none') }))
      for (const at of [0, 1, 2, 3]) {
        await engine.execute({ kind: 'append', state: on.bagState.id, relation: on.blocks(at, at + 1) })
        expect(await content()).toEqual(records(0, at + 1))
      }
      await engine.execute({ kind: 'append', state: on.bagState.id, relation: on.blocks(3, 4) })
      expect(await content()).toEqual([...records(0, 4), ...records(3, 4)].sort())
    }),
  )

  contractTest('what is forgotten is gone, and nothing else', () =>
    withEngine(async (engine, on) => {
      for (const at of [0, 1, 2, 3])
        await engine.execute({
          kind: 'make',
          series: series(on),
          from: at,
          to: at + 1,
          relation: on.blocks(at, at + 1),
        })
      await engine.execute({ kind: 'make', series: partials(on), from: 0, to: 1, relation: on.partial(0, 1) })
      await engine.execute({ kind: 'forget', series: series(on), before: 2 })
      expect(await readRows(engine, on, 0, 2)).toEqual([])
      expect(await readRows(engine, on, 0, 4)).toEqual(records(2, 4))
      expect(bag(await engine.read(on.finish(on.read(partials(on), 0, 1, on.accumulators('none')))))).toEqual(
        bag(totals(0, 1)),
      )
      await engine.execute({ kind: 'forget', series: series(on), before: 0 })
      expect(await readRows(engine, on, 0, 4)).toEqual(records(2, 4))
      await engine.execute({ kind: 'forget', series: series(on), before: 100 })
      expect(await readRows(engine, on, 0, 4)).toEqual([])
    }),
  )

  contractTest('of intervals made together, those before are forgotten alone', () =>
    withEngine(async (engine, on) => {
      await engine.execute({ kind: 'make', series: series(on), from: 0, to: 4, relation: on.blocks(0, 4) })
      await engine.execute({ kind: 'forget', series: series(on), before: 1 })
      expect(await readRows(engine, on, 0, 4)).toEqual(records(1, 4))
      expect(await readRows(engine, on, 0, 1)).toEqual([])
      await engine.execute({ kind: 'forget', series: series(on), before: 4 })
      expect(await readRows(engine, on, 0, 4)).toEqual([])
    }),
  )

  contractTest('a statement that fails leaves nothing behind, and can be executed again', () =>
    withEngine(async (engine, on) => {
      // a block file that is not there yet: the statement fails, and succeeds once it is
      const directory = mkdtempSync(join(tmpdir(), 'dstreams-contract-'))
      const plan = planOf((s) => {
        const lines = s.from(sourceOf('lines', 'string'))
        lines
          .groupBy((line) => ({ line }))
          .aggregate({ n: count() })
          .running()
          .to('running', PROBE)
        lines.running().to('bag', PROBE)
      })
      const source = plan.steps.find(({ kind }) => kind === 'source')!
      const aggregate = plan.steps.find(({ kind }) => kind === 'aggregate') as AggregateStep
      const state = plan.steps.find((one) => one.kind === 'state' && one.of === 'aggregate')!
      const bagState = plan.steps.find((one) => one.kind === 'state' && one.of === 'bag')!
      const lines = (interval: RecordShape['interval']): RecordShape => ({
        rows: 'records',
        type: source.type,
        interval,
        positions: 0,
      })
      const blocks: Relation = {
        kind: 'blocks',
        source: source.id,
        output: 'records',
        from: 0,
        to: 1,
        shape: lines({ at: 0 }),
      }
      const accumulators = (interval: RecordShape['interval']): AccumulatorShape => ({
        rows: 'accumulators',
        step: aggregate,
        interval,
      })
      const rowsMade: Series = { step: source.id, part: 'rows' }
      const path = join(directory, 'late')
      const fresh = make()
      try {
        await fresh.prepare(new Analysis(plan))
        fresh.load(source.id, 0, [
          { format: 'lines', partition: 'late', from: 0, records: 2, bytes: 4, path },
        ])
        const statements = [
          { kind: 'make', series: rowsMade, from: 0, to: 1, relation: blocks },
          { kind: 'append', state: bagState.id, relation: blocks },
          {
            kind: 'fold',
            state: state.id,
            at: 0,
            plus: [{ kind: 'partial', input: blocks, shape: accumulators({ at: 0 }) }],
            minus: [],
            changes: true,
            shape: accumulators('none'),
          },
        ] as const
        const contents = async (): Promise<string[][]> => [
          bag(await fresh.read({ kind: 'read', series: rowsMade, from: 0, to: 1, shape: lines({ at: 0 }) })),
          bag(await fresh.read({ kind: 'state', step: bagState.id, shape: lines('none') })),
          bag(
            await fresh.read({
              kind: 'finish',
              input: { kind: 'state', step: state.id, shape: accumulators('none') },
              shape: { rows: 'records', type: aggregate.type, interval: 'none', positions: 0 },
            }),
          ),
        ]
        for (const statement of statements)
          await expect(fresh.execute(statement)).rejects.toMatchObject({ code: 'DS_SOURCE' })
        expect(await contents()).toEqual([[], [], []])
        writeFileSync(path, 'a\na\n')
        for (const statement of statements) await fresh.execute(statement)
        expect(await contents()).toEqual([['"a"', '"a"'], ['"a"', '"a"'], ['{line:"a",n:2}']])
      } finally {
        await fresh.close()
        rmSync(directory, { recursive: true, force: true })
      }
      void engine
      void on
    }),
  )

  contractTest('unload says what was in every interval, also of blocks that no statement read', () =>
    withEngine(async (engine, on) => {
      await engine.read(on.blocks(1, 2))
      expect(byInterval(await engine.unload(3))).toEqual(
        [0, 1, 2].map((interval) => ({
          source: on.source.id,
          interval,
          records: RECORDS[interval]!.length,
          rejects: 0,
        })),
      )
      expect(byInterval(await engine.unload(4))).toEqual([
        { source: on.source.id, interval: 3, records: RECORDS[3]!.length, rejects: 0 },
      ])
      expect(await engine.unload(4)).toEqual([])
    }),
  )

  contractTest('closing twice, or without having been prepared, does no harm', async () => {
    const engine = make()
    await engine.close()
    await engine.close()
    await withEngine(async (used) => {
      await used.close()
    })
  })
}
