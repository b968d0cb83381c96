import { describe, expect, it } from 'vitest'
import { type StdoutOptions, stdout } from '../../src/index.ts'
import {
  BOOLEAN,
  INTEGER,
  listOf,
  NUMBER,
  nullable,
  STRING,
  structOf,
  TIMESTAMP,
} from '../../src/schema/type.ts'
import type { SinkContext } from '../../src/sinks/sink.ts'
import { contextOf, intervalOf, outputOf } from '../contracts/sink.ts'

async function print(rows: readonly unknown[], more: Partial<SinkContext> = {}, options: StdoutOptions = {}) {
  let text = ''
  const context = contextOf('.', {
    step: 'top words',
    type: undefined,
    ...more,
    print: (piece) => {
      text += piece
    },
  })
  const open = await stdout(options).open(context)
  await open.write(intervalOf(3), outputOf(rows))
  await open.close()
  return text
}
const HEADING = 'top words, interval 3 (08:00:03 to 08:00:04 UTC)'

describe('stdout as a table', () => {
  it('aligns columns, numbers to the right', async () => {
    const type = structOf([
      { name: 'word', type: STRING },
      { name: 'n', type: INTEGER },
      { name: 'mean', type: nullable(NUMBER) },
      { name: 'ok', type: BOOLEAN },
    ])
    const rows = [
      { word: 'the', n: 1204, mean: 0.5, ok: true },
      { word: 'of', n: 7, mean: null, ok: false },
    ]
    expect(await print(rows, { type })).toBe(
      [HEADING, '  word     n  mean  ok', '  the   1204   0.5  true', '  of       7  null  false', ''].join(
        '\n',
      ),
    )
  })

  it('shows timestamps as dates and nested values as JSON', async () => {
    const type = structOf([
      { name: 'at', type: TIMESTAMP },
      { name: 'tags', type: listOf(STRING) },
    ])
    expect(await print([{ at: 1_800_000_000_000, tags: ['a', 'b'] }], { type })).toContain(
      '  2027-01-15T08:00:00.000Z  ["a","b"]\n',
    )
  })

  it('shows a row that is no object as the column value', async () => {
    expect(await print(['a', 'bb'], { type: STRING })).toBe(`${HEADING}\n  value\n  a\n  bb\n`)
    expect(await print([1, 20])).toBe(`${HEADING}\n  value\n      1\n     20\n`)
  })

  it('takes the columns from the rows where the type is not known', async () => {
    expect(await print([{ a: 1 }, { a: 2, b: 'x' }])).toBe(`${HEADING}\n  a  b\n  1  null\n  2  x\n`)
  })

  it('shows at most so many rows', async () => {
    const rows = Array.from({ length: 1234 }, (_, n) => n)
    const lines = (await print(rows)).split('\n')
    expect(lines).toHaveLength(1 + 1 + 20 + 1 + 1)
    expect(lines.at(-2)).toBe('  ... and 1,214 more')
    expect((await print(rows, {}, { rows: 2 })).split('\n')).toHaveLength(6)
  })

  it('cuts wide values', async () => {
    expect(await print(['a'.repeat(100)])).toContain(`\n  ${'a'.repeat(57)}...\n`)
    expect(await print(['abcdefgh', 'abcde'], {}, { width: 5 })).toContain('\n  ab...\n  abcde\n')
  })

  it('never lets a value act on the terminal', async () => {
    const text = await print(['\u001b[2J\u0007', 'a\nb\tc\r', 'x\u202ey\u0085z', 'lone \ud800'])
    expect(text).toContain('\n  \\u{1b}[2J\\u{7}\n  a\\nb\\tc\\r\n  x\\u{202e}y\\u{85}z\n  lone \\u{d800}\n')
    const name = await print([{ 'a\u001bb': 1 }], { step: 'step\u001b' })
    expect(name).not.toContain('\u001b')
  })

  it('counts wide characters and marks as a terminal does', async () => {
    const rows = [
      { a: '日本', b: 1 },
      { a: 'e\u0301', b: 2 },
    ]
    expect(await print(rows)).toBe(`${HEADING}\n  a     b\n  日本  1\n  e\u0301     2\n`)
  })

  it('is silent of a stream without rows, and tells once that a table has none left', async () => {
    expect(await print([])).toBe('')
    expect(await print([], { flow: 'table' })).toBe('')
    const printed: string[] = []
    const open = await stdout().open(
      contextOf('.', { flow: 'table', print: (text) => void printed.push(text) }),
    )
    for (const [index, rows] of [[], [1], [], [], [2]].entries())
      await open.write(intervalOf(index), outputOf(rows))
    expect(printed.map((text) => [/interval (\d)/.exec(text)![1], text.includes('(no rows)')])).toEqual([
      ['1', false],
      ['2', true],
      ['4', false],
    ])
  })

  it('refuses options that can not be', () => {
    expect(() => stdout({ rows: 0 })).toThrow('stdout: rows is 0. Give a whole number from 1.')
    expect(() => stdout({ width: 3 })).toThrow('stdout: width is 3.')
  })
})

describe('stdout as NDJSON', () => {
  it('writes one object per row and nothing else', async () => {
    const text = await print([{ word: 'a\nb' }, 5, null, Number.NaN], { format: 'ndjson' })
    expect(text).toBe(
      [
        '{"step":"top words","interval":3,"row":{"word":"a\\nb"}}',
        '{"step":"top words","interval":3,"row":5}',
        '{"step":"top words","interval":3,"row":null}',
        '{"step":"top words","interval":3,"row":null}',
        '',
      ].join('\n'),
    )
    expect(await print([], { format: 'ndjson', flow: 'table' })).toBe('')
  })
})
