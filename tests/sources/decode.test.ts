import {
  appendFileSync,
  createReadStream,
  createWriteStream,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type SchemaLike, typeOf } from '../../src/schema/literal.ts'
import { decodeBlock, decodeWhole, MAX_RECORD_BYTES, verifyInPlace } from '../../src/sources/decode.ts'
import { identify } from '../../src/sources/in-place.ts'
import type { Block, BlockFormat } from '../../src/sources/source.ts'
import { temporaryDirectory } from './context.ts'

function blockOf(content: string | Uint8Array, format: BlockFormat, more: Partial<Block> = {}): Block {
  const path = join(temporaryDirectory(), 'block')
  writeFileSync(path, content)
  return { format, partition: 'p', from: 0, records: undefined, bytes: statSync(path).size, path, ...more }
}

/** The records as `ordinal value`, rejects as `ordinal! reason | text`. */
async function read(block: Block, schema: SchemaLike = 'string'): Promise<string[]> {
  const { records, rejects } = await decodeWhole(block, typeOf(schema))
  return [
    ...records.map(({ ordinal, value }) => ({ ordinal, text: `${ordinal} ${JSON.stringify(value)}` })),
    ...rejects.map(({ ordinal, reason, text }) => ({ ordinal, text: `${ordinal}! ${reason} | ${text}` })),
  ]
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ text }) => text)
}

describe('lines', () => {
  test('end with LF or CRLF, a bare CR stays, blank lines are none, the last line end may be missing', async () => {
    expect(await read(blockOf('a\r\n\n\r\nb\rc\n d \r\r\ne', 'lines'))).toEqual([
      '0 "a"',
      '1 "b\\rc"',
      '2 " d \\r"',
      '3 "e"',
    ])
  })

  test('a byte order mark is skipped at the beginning of the partition only', async () => {
    expect(await read(blockOf('\uFEFFa\n\uFEFFb\n', 'lines'))).toEqual(['0 "a"', '1 "\uFEFFb"'])
    expect(await read(blockOf('\uFEFFa\n', 'lines', { from: 7 }))).toEqual(['7 "\uFEFFa"'])
    expect(await read(blockOf('\uFEFF\n', 'lines'))).toEqual([])
    expect(await read(blockOf('\uFEFF', 'lines'))).toEqual([])
    expect(await read(blockOf(Buffer.of(0xef, 0xbb), 'lines'))).toEqual(['0! not valid UTF-8 | \uFFFD'])
  })

  test('invalid UTF-8 is a reject with its position; its neighbours are read', async () => {
    const bytes = Buffer.concat([Buffer.from('a\nb'), Buffer.of(0xff), Buffer.from('\nc\n')])
    expect(await read(blockOf(bytes, 'lines'))).toEqual(['0 "a"', '1! not valid UTF-8 | b\uFFFD', '2 "c"'])
  })

  test('the text of a reject has at most 200 characters and no cut surrogate pair', async () => {
    const line = `${'x'.repeat(199)}😀${'y'.repeat(5000)}`
    const [reject] = (await decodeWhole(blockOf(`${line}\n`, 'ndjson'), typeOf('string'))).rejects
    expect(reject?.text).toBe('x'.repeat(199))
  })

  test('a line of the longest size is read, with CRLF too; one more byte is a reject', async () => {
    const longest = 'x'.repeat(MAX_RECORD_BYTES)
    const block = blockOf(`${longest}\r\n${longest}y\nz\n`, 'lines')
    const { records, rejects } = await decodeWhole(block, typeOf('string'))
    expect(records.map(({ ordinal, value }) => [ordinal, (value as string).length])).toEqual([
      [0, MAX_RECORD_BYTES],
      [2, 1],
    ])
    expect(rejects).toEqual([
      { ordinal: 1, reason: '16777217 bytes long, more than the limit of 16777216', text: 'x'.repeat(200) },
    ])
  })

  test('a line of 100 MB does not take long, nor much memory', async () => {
    const block = blockOf('head', 'lines')
    truncateSync(block.path!, 100_000_000)
    appendFileSync(block.path!, '\nb\n')
    const begun = performance.now()
    const { records, rejects } = await decodeWhole(block, typeOf('string'))
    expect(performance.now() - begun).toBeLessThan(3000)
    expect(records).toEqual([{ ordinal: 1, value: 'b' }])
    expect(rejects[0]?.reason).toBe('100000000 bytes long, more than the limit of 16777216')
    expect(rejects[0]?.text).toMatch(/^head\0+$/)
  })

  test('come in chunks of at most 4096', async () => {
    const block = blockOf('ab\n'.repeat(10_000), 'lines')
    const sizes: number[] = []
    for await (const chunk of decodeBlock(block, typeOf('string'))) sizes.push(chunk.records.length)
    expect(sizes).toEqual([4096, 4096, 1808])
  })
})

describe('ndjson', () => {
  const schema = { n: 'integer', s: 'string?' } as const

  test('is JSON.parse, then the schema', async () => {
    const text = '{"n":1,"s":"a","more":[]}\n  {"n":2}  \r\n{"n":"3"}\n{"n":\n[1]\nnull\n5\n'
    expect(await read(blockOf(text, 'ndjson'), schema)).toEqual([
      '0 {"n":1,"s":"a"}',
      '1 {"n":2,"s":null}',
      '2! n is "3", not integer | {"n":"3"}',
      expect.stringMatching(/^3! not JSON: .+ \| \{"n":$/),
      expect.stringMatching(/^4! the record is \[1\], not \{/),
      '5! the record is missing or null | null',
      expect.stringMatching(/^6! the record is 5, not \{/),
    ])
  })

  test('lines of white space are none, but a bare CR is one', async () => {
    expect(await read(blockOf(' \t \r\n\t\n{"n":1}\n \r \n', 'ndjson'), schema)).toEqual([
      '0 {"n":1,"s":null}',
      expect.stringMatching(/^1! not JSON/),
    ])
  })

  test('what a Standard Schema checks beyond the type makes rejects too', async () => {
    const even = (value: unknown) =>
      (value as { n: number }).n % 2 === 0
        ? { ok: true as const, value }
        : { ok: false as const, reason: 'odd' }
    const decoded = await decodeWhole(blockOf('{"n":1}\n{"n":2}\n', 'ndjson'), typeOf({ n: 'integer' }), even)
    expect(decoded.records).toEqual([{ ordinal: 1, value: { n: 2 } }])
    expect(decoded.rejects).toEqual([{ ordinal: 0, reason: 'odd', text: '{"n":1}' }])
  })
})

describe('csv', () => {
  const schema = {
    id: 'integer',
    name: 'string',
    ok: 'boolean?',
    at: 'timestamp?',
    tags: 'string[]?',
  } as const
  const header = 'name,id,ok,at,tags,other\n'

  test('cells are read by the column names, strictly', async () => {
    const text = [
      '"a ""b"", c",1,true,1970-01-01T00:00:01Z,"[""x""]",?',
      ',2,,,,',
      'c,0x10,,,,',
      'c, 3,,,,',
      'c,3.5,,,,',
      'c,4,True,,,',
      'c,5,,yesterday,,',
      'c,6,,,x,',
      'c,1e2,false,5,[],',
    ].join('\n')
    expect(await read(blockOf(header + text, 'csv'), schema)).toEqual([
      '0 {"id":1,"name":"a \\"b\\", c","ok":true,"at":1000,"tags":["x"]}',
      '1 {"id":2,"name":"","ok":null,"at":null,"tags":null}',
      expect.stringContaining('2! id is "0x10", not integer'),
      expect.stringContaining('3! id is " 3", not integer'),
      expect.stringContaining('4! id is 3.5, not a safe integer'),
      expect.stringContaining('5! ok is "True", not boolean'),
      expect.stringContaining('6! at is "yesterday"'),
      expect.stringContaining('7! tags is "x", not a list'),
      '8 {"id":100,"name":"c","ok":false,"at":5,"tags":[]}',
    ])
  })

  test('line ends in quoted cells, CRLF, blank lines, byte order mark', async () => {
    const text = '\uFEFFid,name\r\n\r\n1,"a\r\nb"\r\n2,c\n'
    const short = { id: 'integer', name: 'string' } as const
    expect(await read(blockOf(text, 'csv'), short)).toEqual([
      '0 {"id":1,"name":"a\\r\\nb"}',
      '1 {"id":2,"name":"c"}',
    ])
    expect(await read(blockOf(text, 'csv', { from: 5 }), short)).toHaveLength(2)
  })

  test('a malformed record is a reject; the others are read', async () => {
    const text = 'id\n1\n"2"x\n3"\n4,5\n6\n"7\n8\n'
    expect(await read(blockOf(text, 'csv'), { id: 'integer' })).toEqual([
      '0 {"id":1}',
      expect.stringMatching(/^1! not CSV: /),
      expect.stringMatching(/^2! not CSV: /),
      '3! 2 cells where the header has 1 | 4,5',
      '4 {"id":6}',
      expect.stringMatching(/^5! not CSV: /),
    ])
  })

  test('a column without a name in the header is null; a name twice makes every record a reject', async () => {
    expect(await read(blockOf('a\n1\n', 'csv'), { b: 'integer' })).toEqual(['0! b is missing or null | 1'])
    expect(await read(blockOf('b,b\n1,2\n', 'csv'), { b: 'integer' })).toEqual([
      '0! the header names b more than once | 1,2',
    ])
  })

  test('only a header, or nothing', async () => {
    expect(await read(blockOf('id\n', 'csv'), { id: 'integer' })).toEqual([])
    expect(await read(blockOf('', 'csv'), { id: 'integer' })).toEqual([])
  })
})

test('rows are held against the schema', async () => {
  const block: Block = {
    format: 'rows',
    partition: 'rows',
    from: 3,
    records: 2,
    bytes: 0,
    rows: [{ n: 1 }, { n: 'x' }],
  }
  expect(await read(block, { n: 'integer' })).toEqual(['3 {"n":1}', `4! n is "x", not integer | { n: 'x' }`])
})

test('a sequence is its integers', async () => {
  expect(
    await read({ format: 'sequence', partition: 's', from: 5, records: 2, bytes: 0 }, 'integer'),
  ).toEqual(['5 5', '6 6'])
})

describe('gzip', () => {
  const zipped = (bytes: Uint8Array): Block => blockOf(bytes, 'lines', { compression: 'gzip' })

  test('is unpacked, several members too', async () => {
    expect(await read(zipped(Buffer.concat([gzipSync('\uFEFFa\nb'), gzipSync('c\nd\n')])))).toEqual([
      '0 "a"',
      '1 "bc"',
      '2 "d"',
    ])
  })

  test('that is damaged or cut short is an error that names the file', async () => {
    const good = gzipSync('a\n'.repeat(1000))
    for (const bad of [
      good.subarray(0, 20),
      Buffer.from('no gzip'),
      Buffer.concat([good.subarray(0, 12), Buffer.alloc(9)]),
    ]) {
      const block = zipped(bad)
      await expect(read(block)).rejects.toMatchObject({
        code: 'DS_SOURCE',
        what: expect.stringContaining(block.path!),
      })
    }
  })

  test('of a long text is read in chunks', async () => {
    const plain = join(temporaryDirectory(), 'plain')
    writeFileSync(plain, `${'x'.repeat(99)}\n`.repeat(200_000))
    const path = `${plain}.gz`
    await pipeline(createReadStream(plain), createGzip({ level: 1 }), createWriteStream(path))
    let count = 0
    const block: Block = {
      format: 'lines',
      partition: 'p',
      from: 0,
      records: undefined,
      bytes: 1,
      path,
      compression: 'gzip',
    }
    for await (const chunk of decodeBlock(block, typeOf('string'))) count += chunk.records.length
    expect(count).toBe(200_000)
  })
})

describe('a file read in place', () => {
  const inPlace = (content = 'a\n'): Block & { path: string } => {
    const block = blockOf(content, 'lines')
    return { ...block, path: block.path!, inPlace: identify(statSync(block.path!)) }
  }

  test('is read when it is what it was', async () => {
    expect(await read(inPlace())).toEqual(['0 "a"'])
  })

  test.each<[string, (path: string) => void, string]>([
    ['grew', (path) => appendFileSync(path, 'b\n'), 'its size is 4 bytes, was 2'],
    ['was touched', (path) => utimesSync(path, 5, 5), 'it was written at 1970-01-01T00:00:05.000Z'],
    ['is gone', (path) => rmSync(path), "it can't be found any more"],
  ])('is refused when it %s', async (_, change, reason) => {
    const block = inPlace()
    change(block.path)
    await expect(verifyInPlace(block)).rejects.toMatchObject({
      code: 'DS_INPUT_CHANGED',
      what: expect.stringContaining(reason),
    })
    await expect(read(block)).rejects.toMatchObject({ code: 'DS_INPUT_CHANGED' })
  })
})

test('a block file that is gone is an error that names it', async () => {
  const block = blockOf('a\n', 'lines')
  rmSync(block.path!)
  await expect(read(block)).rejects.toMatchObject({
    code: 'DS_SOURCE',
    what: expect.stringContaining(block.path!),
  })
})
