import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { decodeWhole } from '../../src/sources/decode.ts'
import { csvFiles, ndjsonFiles, textFiles } from '../../src/sources/files.ts'
import { OpenFiles } from '../../src/sources/open-files.ts'
import type { Block, Source } from '../../src/sources/source.ts'
import { sourceContract } from '../contracts/source.ts'
import {
  type Cutter,
  contextIn,
  opened,
  recordsOf,
  type TestContext,
  temporaryDirectory,
  testContext,
} from './context.ts'

/** A directory of files whose times are those of the test's clock, and a source that reads them. */
class Logs {
  readonly context: TestContext = testContext()
  #source: Source | undefined
  #open: Cutter | undefined

  path(name: string): string {
    return join(this.context.directory, name)
  }

  /** Writes to the end of a file. `ageMs` is how long ago that was. */
  append(name: string, content: string | Uint8Array, ageMs = 0): void {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    appendFileSync(this.path(name), content)
    this.touch(name, ageMs)
  }

  touch(name: string, ageMs = 0): void {
    const seconds = (this.context.nowMs - ageMs) / 1000
    utimesSync(this.path(name), seconds, seconds)
  }

  rename(from: string, to: string): void {
    renameSync(this.path(from), this.path(to))
  }

  async open(source: Source): Promise<void> {
    this.#source = source
    this.#open = await opened(source, this.context)
  }

  async cut(draining = false) {
    return this.#open!.cut(draining)
  }

  /** The records of the next cut. A second passes. */
  async take(draining = false): Promise<string[]> {
    const { blocks } = await this.cut(draining)
    const records = await recordsOf(blocks, this.#source!)
    this.context.nowMs += 1000
    return records
  }
}

sourceContract('textFiles', {
  make: async (perInterval) => {
    const logs = new Logs()
    const bits = ['a\nb\n\nc', 'd\n', '', '\r\n\n', 'e\nf\ng\nh\n', 'last']
    logs.append('b.log', 'x\ny\n', 100_000)
    return {
      source: textFiles('*.log', perInterval ? { perInterval } : {}),
      context: logs.context,
      arrive: async () => {
        logs.append('a.log', bits.shift()!)
        return bits.length > 0
      },
      expected: { 'a.log': ['a', 'b', 'cd', 'e', 'f', 'g', 'h', 'last'], 'b.log': ['x', 'y'] },
    }
  },
})

sourceContract('ndjsonFiles', {
  make: async (perInterval) => {
    const logs = new Logs()
    const bits = ['{"n":1}\n{"n"', ':2}\n  \n', 'x\n{"n":4}']
    return {
      source: ndjsonFiles('*', { n: 'integer' }, perInterval ? { perInterval } : {}),
      context: logs.context,
      arrive: async () => {
        logs.append('a', bits.shift()!)
        return bits.length > 0
      },
      expected: { a: [{ n: 1 }, { n: 2 }, undefined, { n: 4 }] },
    }
  },
})

sourceContract('csvFiles', {
  make: async (perInterval) => {
    const logs = new Logs()
    const bits = ['\uFEFFn,s\n1,"a\n', 'b"\n', '2,c\n3,d\nx,e\n5,', 'f']
    return {
      source: csvFiles('*', { n: 'integer', s: 'string' }, perInterval ? { perInterval } : {}),
      context: logs.context,
      arrive: async () => {
        logs.append('a', bits.shift()!)
        return bits.length > 0
      },
      expected: { a: [{ n: 1, s: 'a\nb' }, { n: 2, s: 'c' }, { n: 3, s: 'd' }, undefined, { n: 5, s: 'f' }] },
    }
  },
})

describe('which files', () => {
  test('are taken in order of path, new ones when they come, none twice', async () => {
    const logs = new Logs()
    logs.append('in/b.log', 'b\n')
    logs.append('in/a.log', 'a\n')
    logs.append('in/.hidden.log', 'h\n')
    logs.append('in/a.txt', 't\n')
    await logs.open(textFiles('in/**/*.log'))
    expect(await logs.take()).toEqual(['in/a.log:0 a', 'in/b.log:0 b'])
    logs.append('in/deep/c.log', 'c\n')
    expect(await logs.take()).toEqual(['in/deep/c.log:0 c'])
    expect(await logs.take()).toEqual([])
  })

  test('a plain path is taken literally, glob characters and all', async () => {
    const logs = new Logs()
    logs.append('a[1].log', 'literal\n')
    logs.append('a1.log', 'glob\n')
    await logs.open(textFiles('a[1].log'))
    expect(await logs.take()).toEqual(['a[1].log:0 literal'])
  })

  test('an absolute glob names partitions by absolute paths', async () => {
    const logs = new Logs()
    logs.append('a.log', 'a\n')
    await logs.open(textFiles(logs.path('*.log')))
    expect(await logs.take()).toEqual([`${logs.path('a.log')}:0 a`])
  })

  test('a glob that matches nothing warns; a path that does not exist is an error', async () => {
    const logs = new Logs()
    await logs.open(textFiles('*.log'))
    expect(logs.context.warnings).toEqual(['no file matches *.log yet'])
    expect(await logs.cut()).toEqual({ blocks: [], more: false, ended: true })
    await expect(logs.open(textFiles('none.log'))).rejects.toMatchObject({
      code: 'DS_SOURCE',
      what: expect.stringContaining('none.log'),
    })
  })

  test.each([
    ['in place', 100_000],
    ['copied', 0],
  ])('a file that may not be read is an error that names it: %s', async (_, ageMs) => {
    const logs = new Logs()
    logs.append('a.log', 'a\n', ageMs)
    chmodSync(logs.path('a.log'), 0)
    chmodSync(logs.path('.'), 0o777)
    chmodSync(dirname(logs.path('.')), 0o777)
    await logs.open(textFiles('*.log'))
    const asRoot = process.geteuid?.() === 0
    if (asRoot) process.seteuid?.(65_534)
    try {
      await expect(logs.cut()).rejects.toMatchObject({
        code: 'DS_SOURCE',
        what: expect.stringContaining(logs.path('a.log')),
        cure: 'Allow the user that runs the job to read it.',
      })
    } finally {
      if (asRoot) process.seteuid?.(0)
    }
  })

  test('an error after something was taken comes with the next cut', async () => {
    const logs = new Logs()
    logs.append('a.log', 'a\n', 100_000)
    logs.append('b.log', 'b\n', 0)
    await logs.open(textFiles('*.log'))
    const create = logs.context.blockFiles.create
    logs.context.blockFiles.create = async () => Promise.reject(new Error('no space'))
    expect(await logs.cut()).toMatchObject({ blocks: [{ partition: 'a.log' }], more: true, ended: false })
    await expect(logs.cut()).rejects.toThrow('no space')
    logs.context.blockFiles.create = create
    expect(await logs.take()).toEqual(['b.log:0 b'])
  })

  test('a path that leads only to itself is an error that names it', async () => {
    const logs = new Logs()
    symlinkSync(logs.path('loop'), logs.path('loop'))
    await expect(logs.open(textFiles('loop'))).rejects.toMatchObject({
      code: 'DS_SOURCE',
      what: expect.stringContaining('loop'),
    })
  })

  test('a second link to a file, hard or symbolic, is the same file', async () => {
    const logs = new Logs()
    logs.append('a.log', 'a\n')
    symlinkSync(logs.path('a.log'), logs.path('b.log'))
    linkSync(logs.path('a.log'), logs.path('c.log'))
    await logs.open(textFiles('*.log'))
    expect(await logs.take()).toEqual(['a.log:0 a'])
    logs.append('a.log', 'b\n')
    expect(await logs.take()).toEqual(['a.log:1 b'])
  })

  test('a path that ends like a generation can not be mistaken for one', async () => {
    const logs = new Logs()
    logs.append('a#2', 'x\n')
    await logs.open(textFiles('*'))
    expect(await logs.take()).toEqual(['a#2#1:0 x'])
  })
})

describe('in place or copied', () => {
  test('a file that is left alone is read in place', async () => {
    const logs = new Logs()
    logs.append('a.log', 'a\nb', 61_000)
    await logs.open(textFiles('*'))
    const { size, mtimeMs, ino } = statSync(logs.path('a.log'))
    expect((await logs.cut()).blocks).toEqual([
      {
        format: 'lines',
        partition: 'a.log',
        from: 0,
        records: undefined,
        bytes: 3,
        path: logs.path('a.log'),
        inPlace: { size, mtimeMs, inode: ino },
      },
    ])
  })

  test.each([
    ['was just written', 'a\n', 1000],
    ['does not end with a line end yet', 'a\nb', 5000],
    ['has a time in the future', 'a\n', -60_000],
  ])('a file that %s is copied', async (_, content, ageMs) => {
    const logs = new Logs()
    logs.append('a.log', content, ageMs)
    await logs.open(textFiles('*'))
    const [block] = (await logs.cut()).blocks
    expect(block).toMatchObject({ from: 0, records: 1, bytes: 2 })
    expect(block?.inPlace).toBeUndefined()
    expect(readFileSync(block!.path!, 'utf8')).toBe('a\n')
  })

  test('a file that grows after it was read in place goes on where it was', async () => {
    const logs = new Logs()
    logs.append('a.csv', 'n\n1\n\n2\n', 100_000)
    await logs.open(csvFiles('*', { n: 'integer' }))
    expect(await logs.take()).toEqual(['a.csv:0 {"n":1}', 'a.csv:1 {"n":2}'])
    logs.append('a.csv', '3\n4')
    expect(await logs.take()).toEqual(['a.csv:2 {"n":3}'])
  })

  test('a csv file that grows gets its header in front of each part', async () => {
    const logs = new Logs()
    logs.append('a.csv', 'n,s\n1,a\n')
    await logs.open(csvFiles('*', { n: 'integer', s: 'string' }))
    expect(await logs.take()).toEqual(['a.csv:0 {"n":1,"s":"a"}'])
    logs.append('a.csv', '2,b\n')
    const { blocks } = await logs.cut()
    expect(readFileSync(blocks[0]!.path!, 'utf8')).toBe('n,s\n2,b\n')
    expect(blocks[0]).toMatchObject({ from: 1, records: 1, bytes: 8 })
  })

  test('what looks like a byte order mark inside the file is kept, and the block marked', async () => {
    const logs = new Logs()
    logs.append('a.log', '\n\n')
    await logs.open(textFiles('*'))
    expect(await logs.take()).toEqual([])
    logs.append('a.log', '\uFEFFa\n')
    const { blocks } = await logs.cut()
    expect(blocks).toMatchObject([{ from: 0, records: 1, odd: true }])
    expect((await decodeWhole(blocks[0]!, { kind: 'string', nullable: false })).records[0]?.value).toBe(
      '\uFEFFa',
    )
  })
})

describe('the last line without its line end', () => {
  test('waits until it is whole', async () => {
    const logs = new Logs()
    logs.append('a.log', 'a\nb')
    await logs.open(textFiles('*'))
    expect(await logs.take()).toEqual(['a.log:0 a'])
    expect(await logs.cut()).toEqual({ blocks: [], more: false, ended: false })
    logs.append('a.log', 'c')
    expect(await logs.take()).toEqual([])
    logs.append('a.log', '\n')
    expect(await logs.take()).toEqual(['a.log:1 bc'])
  })

  test('is taken when the file has been left alone for a minute', async () => {
    const logs = new Logs()
    logs.append('a.log', 'a')
    await logs.open(textFiles('*'))
    logs.context.nowMs += 59_999
    expect(await logs.take()).toEqual([])
    expect(await logs.take()).toEqual(['a.log:0 a'])
    expect(await logs.cut()).toMatchObject({ ended: true })
  })

  test.each(['\uFEFF', '\n\r', '\uFEFF\n\n'])(
    'leaves nothing behind when it is blank: %j',
    async (content) => {
      const logs = new Logs()
      logs.append('a.log', content)
      await logs.open(textFiles('*'))
      expect(await logs.cut(true)).toEqual({ blocks: [], more: false, ended: true })
    },
  )

  test('is taken when the job is draining', async () => {
    const logs = new Logs()
    logs.append('a.log', 'a\nb')
    await logs.open(textFiles('*'))
    expect(await logs.take(true)).toEqual(['a.log:0 a', 'a.log:1 b'])
    expect(await logs.cut(true)).toEqual({ blocks: [], more: false, ended: true })
  })
})

describe('rotation', () => {
  test('by rename, inside the glob: goes on where it was, the new file is the next generation', async () => {
    const logs = new Logs()
    logs.append('app.log', 'a\nb')
    await logs.open(textFiles('app.log*'))
    expect(await logs.take()).toEqual(['app.log:0 a'])
    logs.rename('app.log', 'app.log.1')
    logs.append('app.log.1', 'c\n')
    logs.append('app.log', 'd\n')
    expect(await logs.take()).toEqual(['app.log:1 bc', 'app.log#2:0 d'])
    logs.rename('app.log.1', 'app.log.2')
    logs.rename('app.log', 'app.log.1')
    logs.append('app.log', 'e\n')
    expect(await logs.take()).toEqual(['app.log#3:0 e'])
    expect(logs.context.warnings).toEqual([])
  })

  test('by rename, of a file that was read in place', async () => {
    const logs = new Logs()
    logs.append('app.log', 'a\n', 100_000)
    await logs.open(textFiles('app.log*'))
    expect(await logs.take()).toEqual(['app.log:0 a'])
    logs.append('app.log', 'b\n')
    logs.rename('app.log', 'app.log.1')
    expect(await logs.take()).toEqual(['app.log:1 b'])
  })

  test('by rename, out of the glob: the tail is still taken, even what is written afterwards', async () => {
    const logs = new Logs()
    logs.append('app.log', 'a\n')
    await logs.open(textFiles('app.log'))
    expect(await logs.take()).toEqual(['app.log:0 a'])
    logs.append('app.log', 'b\n')
    logs.rename('app.log', 'app.log.1')
    logs.append('app.log', 'x\n')
    expect(await logs.take()).toEqual(['app.log:1 b', 'app.log#2:0 x'])
    logs.append('app.log.1', 'late\nunfinished')
    expect(await logs.take()).toEqual(['app.log:2 late'])
    logs.context.nowMs += 60_000
    expect(await logs.take()).toEqual(['app.log:3 unfinished'])
    expect(await logs.cut()).toEqual({ blocks: [], more: false, ended: true })
    expect(logs.context.warnings).toEqual([])
  })

  test('by delete, with the writer still at it', async () => {
    const logs = new Logs()
    logs.append('app.log', 'a\n')
    await logs.open(textFiles('*.log'))
    await logs.take()
    logs.append('app.log', 'b\n')
    rmSync(logs.path('app.log'))
    expect(await logs.take()).toEqual(['app.log:1 b'])
  })

  test.each([
    ['shorter', 'x\n'],
    ['as long', 'x\ny\n'],
    ['longer', 'x\ny\nz\nzz\n'],
  ])('by copytruncate, the file is %s afterwards', async (_, content) => {
    const logs = new Logs()
    logs.append('app.log', 'a\nb\n')
    await logs.open(textFiles('app.log*'))
    expect(await logs.take()).toEqual(['app.log:0 a', 'app.log:1 b'])
    truncateSync(logs.path('app.log'))
    logs.append('app.log', content)
    const lines = content.split('\n').slice(0, -1)
    expect(await logs.take()).toEqual(lines.map((line, index) => `app.log#2:${index} ${line}`))
  })

  test('by copytruncate, when it is empty for a while', async () => {
    const logs = new Logs()
    logs.append('app.log', 'a\n')
    await logs.open(textFiles('app.log'))
    await logs.take()
    truncateSync(logs.path('app.log'))
    expect(await logs.take()).toEqual([])
    logs.append('app.log', 'b\n')
    expect(await logs.take()).toEqual(['app.log#2:0 b'])
  })

  test('by copytruncate of a file that was read in place', async () => {
    const logs = new Logs()
    logs.append('app.log', 'a\n', 100_000)
    await logs.open(textFiles('app.log'))
    await logs.take()
    truncateSync(logs.path('app.log'))
    logs.append('app.log', 'other\n')
    expect(await logs.take()).toEqual(['app.log#2:0 other'])
  })

  test('what was lost by it is said', async () => {
    const logs = new Logs()
    logs.append('app.log', 'a\nb')
    await logs.open(textFiles('app.log'))
    await logs.take()
    truncateSync(logs.path('app.log'))
    await logs.take()
    expect(logs.context.warnings).toEqual([
      expect.stringContaining('app.log was truncated or replaced; its last 1 bytes'),
    ])
  })

  test('replaced by an editor (another inode at the path) is the next generation', async () => {
    const logs = new Logs()
    logs.append('a.log', 'a\n')
    await logs.open(textFiles('*.log'))
    await logs.take()
    logs.append('new', 'a\nb\n')
    logs.rename('new', 'a.log')
    expect(await logs.take()).toEqual(['a.log#2:0 a', 'a.log#2:1 b'])
  })

  test('a log that is written and rotated while it is cut loses and doubles nothing', async () => {
    const logs = new Logs()
    await logs.open(textFiles('app.log*', { perInterval: { records: 40 } }))
    const values: string[] = []
    const positions = new Set<string>()
    const take = async (draining: boolean): Promise<number> => {
      const records = await logs.take(draining)
      for (const record of records) {
        const [position, value] = record.split(' ') as [string, string]
        positions.add(position)
        values.push(value)
      }
      return records.length
    }
    let written = 0
    for (let round = 0; round < 100; round++) {
      // the last line of a round is finished in the next, unless there is a rotation between
      for (let n = 0; n < 20; n++)
        logs.append('app.log', `${n === 0 && round % 7 !== 4 ? '' : '\n'}${written++}`)
      logs.append('app.log', round % 2 === 0 ? '\r\n' : '\n')
      if (round % 7 === 3) {
        if (existsSync(logs.path('app.log.1'))) logs.rename('app.log.1', `app.log.2`)
        logs.rename('app.log', 'app.log.1')
      }
      if (round % 3 !== 0) await take(false)
    }
    while ((await take(true)) > 0);
    expect(values.map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: written }, (_, index) => index),
    )
    expect(positions.size).toBe(written)
  })
})

test('a file that was replaced since it was listed is not opened', async () => {
  const logs = new Logs()
  logs.append('a.log', 'a\n')
  const files = new OpenFiles<{ inode: number; file: string }>()
  onTestFinished(() => files.closeAll())
  const listed = { inode: statSync(logs.path('a.log')).ino, file: logs.path('a.log') }
  logs.append('b.log', 'b\n')
  logs.rename('b.log', 'a.log')
  expect(await files.get(listed)).toBeUndefined()
  rmSync(logs.path('a.log'))
  expect(await files.get(listed)).toBeUndefined()
  expect(files.has(listed)).toBe(false)
})

describe('files that go', () => {
  test('unread are said once; read ones are not missed', async () => {
    const logs = new Logs()
    logs.append('a.gz', gzipSync('a\n'), 500)
    logs.append('b.log', 'b\n', 100_000)
    await logs.open(textFiles('*'))
    expect(await logs.take()).toEqual(['b.log:0 b'])
    rmSync(logs.path('a.gz'))
    rmSync(logs.path('b.log'))
    await logs.take()
    await logs.take()
    expect(logs.context.warnings).toEqual([
      expect.stringMatching(/a\.gz is gone; its last \d+ bytes were not read/),
    ])
    expect(await logs.cut()).toMatchObject({ ended: true })
  })

  test('and come back under another name are not read again', async () => {
    const logs = new Logs()
    logs.append('a.log', 'a\n', 100_000)
    await logs.open(textFiles('*.log'))
    await logs.take()
    logs.rename('a.log', 'elsewhere')
    await logs.take()
    logs.rename('elsewhere', 'b.log')
    expect(await logs.take()).toEqual([])
  })
})

describe('gzip', () => {
  test('is read whole and in place, once it is settled', async () => {
    const logs = new Logs()
    logs.append('a.ndjson.gz', gzipSync('{"n":1}\n{"n":2}'), 1000)
    await logs.open(ndjsonFiles('*', { n: 'integer' }))
    expect(await logs.take()).toEqual([])
    const { blocks } = await logs.cut()
    expect(blocks).toMatchObject([
      { compression: 'gzip', records: undefined, path: logs.path('a.ndjson.gz') },
    ])
    logs.append('a.ndjson.gz', gzipSync('{"n":3}'), 0)
    expect(await logs.take()).toEqual([])
    expect(logs.context.warnings).toEqual([expect.stringContaining('changed after it was read')])
  })
})

describe('limits', () => {
  const three = (): Logs => {
    const logs = new Logs()
    for (const name of ['a', 'b', 'c']) logs.append(name, `${name}1\n${name}2\n${name}3\n`, 100_000)
    return logs
  }

  test('a file that was written seconds ago is copied, in case it is a log, and read in place when the job drains', async () => {
    for (const [draining, ageMs, isInPlace] of [
      [false, 10_000 - 1, false],
      [false, 60_000, true],
      [true, 10_000 - 1, true],
      [true, 1_000, false],
    ] as const) {
      const logs = new Logs()
      logs.append('a', 'a1\n', ageMs)
      await logs.open(textFiles('*'))
      const { blocks } = await logs.cut(draining)
      expect(blocks.map(({ inPlace }) => inPlace !== undefined)).toEqual([isInPlace])
    }
  })

  test('of files', async () => {
    const logs = three()
    await logs.open(textFiles('*', { perInterval: { files: 2 } }))
    expect(await logs.cut()).toMatchObject({
      blocks: [{ partition: 'a' }, { partition: 'b' }],
      more: true,
      ended: false,
    })
    expect(await logs.cut()).toMatchObject({ blocks: [{ partition: 'c' }], more: false, ended: true })
  })

  test('of records, across files', async () => {
    const logs = three()
    await logs.open(textFiles('*', { perInterval: { records: 4 } }))
    expect(await logs.take()).toEqual(['a:0 a1', 'a:1 a2', 'a:2 a3', 'b:0 b1'])
    expect(await logs.take()).toEqual(['b:1 b2', 'b:2 b3', 'c:0 c1', 'c:1 c2'])
    expect(await logs.take()).toEqual(['c:2 c3'])
  })

  test('of bytes: whole files in place as long as they fit, the others in pieces', async () => {
    const logs = three()
    logs.append('b', 'b4\nb5\n', 100_000)
    await logs.open(textFiles('*', { perInterval: { bytes: 10 } }))
    expect(await logs.cut()).toMatchObject({ blocks: [{ partition: 'a', inPlace: {} }], more: true })
    expect(await logs.take()).toEqual(['b:0 b1', 'b:1 b2', 'b:2 b3'])
    expect(await logs.take()).toEqual(['b:3 b4', 'b:4 b5'])
    expect(await logs.cut()).toMatchObject({
      blocks: [{ partition: 'c', inPlace: {} }],
      more: false,
      ended: true,
    })
  })

  test('a record or a gzip file larger than the limit is taken alone', async () => {
    const logs = new Logs()
    logs.append('a', '1\n'.repeat(3))
    logs.append('b', `${'x'.repeat(100)}\ny\n`)
    logs.append('c.gz', gzipSync('z'.repeat(1000)), 5000)
    await logs.open(textFiles('*', { perInterval: { bytes: 8 } }))
    expect((await logs.take()).length).toBe(3)
    expect((await logs.take()).length).toBe(1)
    expect(await logs.take()).toEqual(['b:1 y'])
    expect((await logs.take()).length).toBe(1)
    expect(await logs.cut()).toMatchObject({ more: false, ended: true })
  })

  test('that leave only an unfinished line leave nothing more', async () => {
    const logs = new Logs()
    logs.append('a', '1\n2')
    await logs.open(textFiles('*', { perInterval: { records: 1 } }))
    expect(await logs.cut()).toMatchObject({ blocks: [{ records: 1 }], more: false, ended: false })
  })

  test.each([{ files: 0 }, { bytes: -1 }, { records: Number.NaN }, { records: 1.5 }, { rows: 1 }])(
    'are checked: %j',
    (perInterval) => {
      expect(() => textFiles('*', { perInterval })).toThrow(expect.objectContaining({ code: 'DS_JOB' }))
    },
  )

  test('and other options, with what there is', () => {
    expect(() => textFiles('*', { perinterval: {} } as object)).toThrow(
      'textFiles: there is no option perinterval. There is perInterval, onReject.',
    )
    expect(() => textFiles('*', { onReject: 'drop' as never })).toThrow(
      "onReject is 'drop'; it must be 'keep' or 'fail'",
    )
    expect(() => textFiles('')).toThrow(expect.objectContaining({ code: 'DS_JOB' }))
    expect(() => csvFiles('*', 'string')).toThrow(expect.objectContaining({ code: 'DS_JOB' }))
  })
})

test('a line of 100 MB that is still being written is searched once, then taken whole', async () => {
  const logs = new Logs()
  logs.append('a', 'head')
  await logs.open(textFiles('*'))
  const begun = performance.now()
  for (let size = 20; size <= 100; size += 20) {
    truncateSync(logs.path('a'), size * 1_000_000)
    logs.touch('a')
    expect(await logs.take()).toEqual([])
  }
  logs.append('a', '\nb\n')
  expect(await logs.take()).toEqual([
    'a:0 REJECT 100000000 bytes long, more than the limit of 16777216',
    'a:1 b',
  ])
  expect(performance.now() - begun).toBeLessThan(3000)
})

test('more files than stay open are all read on', async () => {
  const logs = new Logs()
  const names = Array.from({ length: 100 }, (_, index) => `f${String(index).padStart(3, '0')}`)
  await logs.open(textFiles('*'))
  for (let round = 0; round < 3; round++) {
    for (const name of names) logs.append(name, `${round}\n`)
    expect(await logs.take()).toEqual(names.map((name) => `${name}:${round} ${round}`))
  }
})

// bytes that matter to where records end, and few others
const bytes = fc
  .array(
    fc
      .constantFrom('a', '1', '\n', '\n', '\r\n', '\r', ' ', '\t', '"', ',', '\uFEFF', '{"n":1}', 'ÿ')
      .map((text) => Buffer.from(text))
      .chain((buffer) =>
        fc.constantFrom(buffer, buffer, buffer, buffer, buffer.subarray(0, 1), Buffer.of(0xff)),
      ),
    { maxLength: 12 },
  )
  .map((pieces) => Buffer.concat(pieces))

test.each([
  ['lines', (options: object) => textFiles('a', options)],
  ['ndjson', (options: object) => ndjsonFiles('a', { n: 'integer' }, options)],
  ['csv', (options: object) => csvFiles('a', { n: 'integer?' }, options)],
] as const)(
  'however %s are appended and cut, the records are those of the whole file',
  async (format, make) => {
    const root = temporaryDirectory()
    const limits = fc.record(
      { records: fc.integer({ min: 1, max: 4 }), bytes: fc.integer({ min: 1, max: 20 }) },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(bytes, { maxLength: 12 }),
        limits,
        fc.integer({ min: 0, max: 5000 }),
        async (bits, perInterval, ageMs) => {
          const source = make({ perInterval })
          const context = contextIn(root)
          const path = join(context.directory, 'a')
          const write = (content: Uint8Array): void => {
            appendFileSync(path, content)
            utimesSync(path, (context.nowMs - ageMs) / 1000, (context.nowMs - ageMs) / 1000)
          }
          write(format === 'csv' ? Buffer.from('\uFEFFn\n') : Buffer.alloc(0))
          const open = await source.open(context)
          const read: string[] = []
          for (let index = 0, more = true; index < bits.length || more; index++) {
            const bit = bits[index]
            if (bit) write(bit)
            const cut = await open.cut({ index, fromMs: 0, toMs: 0 }, index >= bits.length)
            read.push(...(await recordsOf(cut.blocks, source)))
            context.nowMs += 3000
            more = !cut.ended
          }
          await open.close()
          const whole: Block = {
            format,
            partition: 'a',
            from: 0,
            records: undefined,
            bytes: statSync(path).size,
            path,
          }
          expect(read).toEqual(await recordsOf([whole], source))
        },
      ),
      { numRuns: 150 },
    )
  },
)
