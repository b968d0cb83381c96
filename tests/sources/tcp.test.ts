import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { MAX_RECORD_BYTES } from '../../src/sources/decode.ts'
import type { PerInterval } from '../../src/sources/source.ts'
import { type OpenTcp, type ReceivingOptions, type TcpSource, tcpLines } from '../../src/sources/tcp.ts'
import { sourceContract } from '../contracts/source.ts'
import { interval, recordsOf, type TestContext, testContext } from './context.ts'

const URL = 'tcp://127.0.0.1:0'

/** A source that listens on a port of its own, with clients that send to it. */
class Port {
  readonly context: TestContext = testContext()
  readonly source: TcpSource
  open!: OpenTcp
  index = 0

  constructor(options: ReceivingOptions = {}) {
    const source = tcpLines(URL, options)
    this.source = {
      ...source,
      open: async (context) => {
        this.open = await source.open(context)
        return this.open
      },
    }
  }

  static async opened(options: ReceivingOptions = {}): Promise<Port> {
    const port = new Port(options)
    await port.source.open(port.context)
    onTestFinished(() => port.open.close())
    return port
  }

  async client(): Promise<Socket> {
    const socket = connect(Number(this.open.address.split(':').at(-1)), '127.0.0.1')
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return socket
  }

  /** Sends, and waits until as many bytes more are waiting to be cut. */
  async send(socket: Socket, content: string | Uint8Array, arriving = content.length): Promise<void> {
    const before = this.open.waitingBytes
    socket.write(content)
    await vi.waitFor(() => expect(this.open.waitingBytes).toBe(before + arriving), {
      timeout: 5000,
      interval: 2,
    })
  }

  async cut() {
    return this.open.cut(interval(this.index++), false)
  }

  async take(): Promise<string[]> {
    const records = await recordsOf((await this.cut()).blocks, this.source)
    this.open.done(this.index - 1)
    return records.map((record) => record.slice(URL.length + 1))
  }

  async takeUntil(count: number): Promise<string[]> {
    const records: string[] = []
    await vi.waitFor(
      async () => {
        records.push(...(await this.take()))
        expect(records.length).toBeGreaterThanOrEqual(count)
      },
      { timeout: 10_000, interval: 5 },
    )
    return records
  }
}

sourceContract('tcpLines', {
  make: async (perInterval?: PerInterval) => {
    const port = new Port(perInterval ? { perInterval } : {})
    const bits = ['a\nb\r\n', '\nc\n', 'd\ne\nf\ng\n']
    let socket: Socket | undefined
    return {
      source: port.source,
      context: port.context,
      arrive: async () => {
        socket ??= await port.client()
        await port.send(socket, bits.shift()!)
        return bits.length > 0
      },
      expected: { [URL]: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
    }
  },
  skip: [{ test: 'after the end there is nothing, again and again', reason: 'a port has no end' }],
})

describe('lines', () => {
  test('of several clients are whole, in order of arrival', async () => {
    const port = await Port.opened()
    const [a, b] = [await port.client(), await port.client()]
    a.write('half')
    await port.send(b, 'b1\nb2\n')
    await port.send(a, 'ly\na2\n', 10)
    expect(await port.take()).toEqual(['0 b1', '1 b2', '2 halfly', '3 a2'])
    await port.send(b, 'b3\n')
    expect(await port.take()).toEqual(['4 b3'])
    expect(await port.cut()).toEqual({ blocks: [], more: false, ended: false, waiting: true })
  })

  test('a line cut off by the end of the connection is a line, also when the client goes with an error', async () => {
    const port = await Port.opened()
    const [a, b] = [await port.client(), await port.client()]
    a.end('last')
    expect(await port.takeUntil(1)).toEqual(['0 last'])
    await port.send(b, 'x\n')
    b.write('y')
    await new Promise((resolve) => setTimeout(resolve, 50))
    b.resetAndDestroy()
    expect(await port.takeUntil(2)).toEqual(['1 x', '2 y'])
    expect(port.context.warnings).toEqual([expect.stringMatching(/^client 127\.0\.0\.1:\d+: .*ECONNRESET/)])
  })

  test('a byte order mark that a client begins with is skipped; another one is not', async () => {
    const port = await Port.opened()
    for (const content of ['\uFEFFa\n', '\uFEFF\uFEFFb\n']) {
      const socket = await port.client()
      socket.end(content)
      await once(socket, 'close')
    }
    expect(await port.takeUntil(2)).toEqual(['0 a', '1 \uFEFFb'])
    const socket = await port.client()
    socket.end('\uFEFF\uFEFFc\n')
    await once(socket, 'close')
    const cut = await port.cut()
    expect(cut.blocks).toMatchObject([{ from: 2, odd: true }])
    expect(await recordsOf(cut.blocks, port.source)).toEqual([`${URL}:2 \uFEFFc`])
  })

  test('what is not UTF-8 is a reject of its own', async () => {
    const port = await Port.opened()
    await port.send(
      await port.client(),
      Buffer.concat([Buffer.from('a\n'), Buffer.of(0xff), Buffer.from('\nb\n')]),
    )
    expect(await port.take()).toEqual(['0 a', '1 REJECT not valid UTF-8', '2 b'])
  })
})

describe('long lines', () => {
  test('are blocks of their own, and whole', async () => {
    const port = await Port.opened()
    const [a, b] = [await port.client(), await port.client()]
    const long = 'x'.repeat(1_000_000)
    a.write(long)
    await port.send(b, 'b1\n')
    await port.send(b, 'b2\n')
    await port.send(a, `\na2\n`, 1_000_004)
    await port.send(b, 'b3\n')
    const { blocks } = await port.cut()
    expect(blocks.map(({ from, records }) => [from, records])).toEqual([
      [0, 2],
      [2, 1],
      [3, 2],
    ])
    expect(
      (await recordsOf(blocks, port.source)).map((line) => line.slice(URL.length + 1).slice(0, 6)),
    ).toEqual(['0 b1', '1 b2', '2 xxxx', '3 a2', '4 b3'])
  })

  test('that have the longest size are read; of longer ones only the beginning is kept', async () => {
    const port = await Port.opened()
    const socket = await port.client()
    socket.write(Buffer.alloc(MAX_RECORD_BYTES, 'x'))
    socket.write('\r\n')
    for (let n = 0; n < 25; n++) socket.write(Buffer.alloc(4_000_000, 'y'))
    socket.write('\nafter\n')
    await vi.waitFor(() => expect(port.open.waitingBytes).toBe(2 * MAX_RECORD_BYTES + 2 + 3 + 6), {
      timeout: 10_000,
    })
    const { blocks } = await port.cut()
    const records = await recordsOf(blocks, port.source)
    expect(records[0]?.length).toBe(`${URL}:0 `.length + MAX_RECORD_BYTES)
    expect(records.slice(1)).toEqual([
      `${URL}:1 REJECT 16777218 bytes long, more than the limit of 16777216`,
      `${URL}:2 after`,
    ])
    expect(port.context.warnings).toEqual([expect.stringContaining('sent a line of 100000000 bytes')])
  })
})

describe('slowing down', () => {
  test('clients wait while too much has not been worked off, and nothing is lost', async () => {
    const port = await Port.opened({ waitingBytes: 1_000_000 })
    const socket = await port.client()
    const total = 200_000
    let sent = 0
    const send = (): void => {
      while (sent < total) if (!socket.write(`${String(sent++).padStart(99, '0')}\n`)) break
    }
    socket.on('drain', send)
    send()
    await vi.waitFor(() => expect(port.open.paused).toBe(true))
    await new Promise((resolve) => setTimeout(resolve, 200))
    // what the system's own buffers hold was sent as well
    expect(port.open.waitingBytes).toBeLessThan(1_200_000)
    expect(sent).toBeLessThan(total)
    // a cut alone changes nothing: its interval has to be done
    const first = await recordsOf((await port.cut()).blocks, port.source)
    expect(port.open.paused).toBe(true)
    port.open.done(0)
    expect(port.open.paused).toBe(false)
    const rest = await port.takeUntil(total - first.length)
    const values = [...first.map((line) => line.slice(URL.length + 1)), ...rest]
    expect(values.map((line) => line.split(' ').map(Number))).toEqual(
      values.map((_, index) => [index, index]),
    )
    expect(values.length).toBe(total)
  })

  test('a line longer than what may wait still comes to its end', async () => {
    const port = await Port.opened({ waitingBytes: 100_000 })
    const socket = await port.client()
    socket.write(`${'x'.repeat(5_000_000)}\nb\n`)
    expect((await port.takeUntil(2)).map((line) => line.length)).toEqual([5_000_002, 3])
  })
})

describe('limits', () => {
  test('of bytes and records close blocks; the rest waits', async () => {
    const port = await Port.opened({ perInterval: { records: 3, bytes: 10 } })
    await port.send(await port.client(), '1\n2\n3\n4\n55555555\n66666666666666\n7\n')
    const cuts: unknown[] = []
    for (let more = true; more; ) {
      const cut = await port.cut()
      cuts.push(cut.blocks.map(({ path }) => readFileSync(path!, 'utf8')))
      more = cut.more
    }
    expect(cuts).toEqual([['1\n2\n3\n'], ['4\n'], ['55555555\n'], ['66666666666666\n'], ['7\n']])
  })
})

describe('the port', () => {
  test('that is in use is an error with its address and a cure', async () => {
    const port = await Port.opened()
    const url = port.open.address
    await expect(tcpLines(url).open(testContext())).rejects.toMatchObject({
      code: 'DS_SOURCE',
      what: expect.stringContaining(url),
      cure: expect.stringContaining('choose another port'),
    })
  })

  test('of no address of this machine is an error', async () => {
    await expect(tcpLines('tcp://192.0.2.1:9').open(testContext())).rejects.toMatchObject({
      code: 'DS_SOURCE',
      cure: expect.stringContaining('0.0.0.0'),
    })
  })

  test('is free again after close, clients are disconnected', async () => {
    const port = await Port.opened()
    const url = port.open.address
    const socket = await port.client()
    await port.send(socket, 'a\n')
    const closed = once(socket, 'close')
    socket.resume()
    await port.open.close()
    await closed
    const again = await tcpLines(url).open(testContext())
    await again.close()
  })

  test.each(['tcp://localhost', 'tcp://:1', 'tcp://h:70000', 'tcp://h:1/x', 'http://h:1'])(
    'has an address: not %s',
    (url) => {
      expect(() => tcpLines(url)).toThrow(expect.objectContaining({ code: 'DS_JOB' }))
    },
  )

  test('options are checked', () => {
    expect(() => tcpLines(URL, { waitingBytes: 0 })).toThrow('tcpLines: waitingBytes is 0')
    expect(() => tcpLines(URL, { perInterval: { files: 1 } })).toThrow(
      'tcpLines: there is no perInterval.files.',
    )
  })
})

test('no space for block files is reported, and the cut fails', async () => {
  const port = new Port()
  const context = {
    ...port.context,
    blockFiles: { create: async () => Promise.reject(new Error('no space')) } as never,
  }
  await port.source.open(context)
  onTestFinished(() => port.open.close())
  await port.send(await port.client(), 'a\n')
  await expect(port.cut()).rejects.toThrow('no space')
  expect(port.context.failures).toMatchObject([{ message: 'no space' }])
})
