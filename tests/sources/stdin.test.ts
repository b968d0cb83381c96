import { spawn } from 'node:child_process'
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { LineFeed } from '../../src/sources/line-feed.ts'
import { lines } from '../../src/sources/lines.ts'
import { stdinLines } from '../../src/sources/stdin.ts'
import { sourceContract } from '../contracts/source.ts'
import { contextIn, opened, recordsOf, temporaryDirectory, testContext } from './context.ts'

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

sourceContract('stdinLines', {
  make: async (perInterval) => {
    const input = new PassThrough()
    const bits = ['a\nb\n\nc', 'd\ne\nf\ng\n', 'h']
    return {
      source: stdinLines({ input, ...(perInterval && { perInterval }) }),
      context: testContext(),
      arrive: async () => {
        input.write(bits.shift()!)
        if (bits.length === 0) input.end()
        await settle()
        return bits.length > 0
      },
      expected: { '-': ['a', 'b', 'cd', 'e', 'f', 'g', 'h'] },
    }
  },
})

test('it ends where the stream ends', async () => {
  const input = new PassThrough()
  const source = stdinLines({ input })
  const open = await opened(source, testContext())
  input.write('a\nb')
  await settle()
  const first = await open.cut()
  expect(await recordsOf(first.blocks, source)).toEqual(['-:0 a'])
  expect(first.ended).toBe(false)
  input.end()
  await settle()
  const last = await open.cut()
  expect(await recordsOf(last.blocks, source)).toEqual(['-:1 b'])
  expect(last.ended).toBe(true)
})

test('a stream without a byte ends as well', async () => {
  const input = new PassThrough()
  const open = await opened(stdinLines({ input }), testContext())
  input.end()
  await settle()
  expect(await open.cut()).toEqual({ blocks: [], more: false, ended: true })
})

test('the standard input of a process is read to its end', async () => {
  const directory = temporaryDirectory()
  const program = `
    import { stdinLines } from ${JSON.stringify(new URL('../../src/sources/stdin.ts', import.meta.url).pathname)}
    import { BlockFiles } from ${JSON.stringify(new URL('../../src/store/block-files.ts', import.meta.url).pathname)}
    const open = await stdinLines().open({ step: 's', blockFiles: new BlockFiles(${JSON.stringify(directory)}), warn() {}, fail(e) { throw e } })
    let records = 0
    for (let index = 0; ; index++) {
      const cut = await open.cut({ index }, true)
      for (const block of cut.blocks) records += block.records
      open.done(index)
      if (cut.ended) break
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await open.close()
    console.log(records)`
  const { build } = await import('esbuild')
  const outfile = `${directory}/program.mjs`
  const stdin = { contents: program, loader: 'ts', resolveDir: directory } as const
  await build({ stdin, bundle: true, format: 'esm', platform: 'node', outfile })
  const child = spawn(process.execPath, [outfile], { stdio: ['pipe', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  child.stdin.end('line\n'.repeat(300_000))
  await vi.waitFor(() => expect(child.exitCode).toBe(0), { timeout: 10_000 })
  expect(printed).toBe('300000\n')
})

test('however the bytes come, the lines are the same', async () => {
  const bit = fc
    .array(fc.constantFrom('a', 'bc', '\n', '\r\n', '\uFEFF', 'é', ' '), { maxLength: 8 })
    .map((all) => Buffer.from(all.join('')))
  const root = temporaryDirectory()
  await fc.assert(
    fc.asyncProperty(
      fc.array(bit, { maxLength: 10 }),
      fc.array(fc.boolean(), { maxLength: 10 }),
      async (bits, cuts) => {
        const input = new PassThrough()
        const source = stdinLines({ input, perInterval: { records: 3 } })
        const open = await opened(source, contextIn(root))
        const read: string[] = []
        for (const [index, content] of bits.entries()) {
          input.write(content)
          await settle()
          if (cuts[index]) read.push(...(await recordsOf((await open.cut()).blocks, source)))
        }
        input.end()
        await settle()
        for (let ended = false; !ended; ) {
          const cut = await open.cut()
          read.push(...(await recordsOf(cut.blocks, source)))
          ended = cut.ended
        }
        const whole = Buffer.concat(bits)
          .toString()
          .replace(/^\uFEFF/, '')
        const expected = whole
          .split('\n')
          .map((line) => line.replace(/\r$/, ''))
          .filter((line) => line !== '')
        expect(read).toEqual(expected.map((line, index) => `-:${index} ${line}`))
      },
    ),
    { numRuns: 60 },
  )
})

test('a line feed begins a long line only past what it holds, and ends it where it ends', () => {
  const seen: string[] = []
  const feed = new LineFeed({
    lines: (bytes) => seen.push(`lines ${bytes.length}`),
    beginLong: () => {
      seen.push('begin')
      return { append: (bytes) => seen.push(`append ${bytes.length}`), end: () => seen.push('end') }
    },
  })
  const x = (length: number) => Buffer.alloc(length, 'x')
  feed.push(x(65_536))
  feed.push(Buffer.from('\nab'))
  feed.push(x(65_535))
  feed.push(x(10))
  feed.push(Buffer.from('c\n\nd'))
  feed.end()
  expect(seen).toEqual([
    'lines 65537',
    'begin',
    'append 65537',
    'append 10',
    'append 1',
    'end',
    'lines 1',
    'lines 2',
  ])
})

test('lines picks by scheme', () => {
  const options = { waitingBytes: 5, perInterval: { files: 2, records: 3 } }
  expect(lines('tcp://localhost:0', options).kind).toBe('tcpLines')
  expect(lines('-', options).kind).toBe('stdinLines')
  expect(lines('logs/*.log', options).kind).toBe('textFiles')
  expect(() => lines('http://x', options)).toThrow('There is no source for http.')
  expect(() => lines('-', { perInterval: { files: 0 } })).toThrow('lines: perInterval.files is 0')
  expect(() => lines('-', { wait: 1 } as object)).toThrow('lines: there is no option wait.')
})
