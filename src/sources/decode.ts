/**
 * The reference reader of blocks: what every engine's reader has to give, record for record.
 *
 *   block -> bytes -> raw records (record-scan.ts) -> values (JSON.parse, cells) -> conform to the schema
 *
 * Each raw record that is not blank gets the next ordinal, whether it then fits or is a reject. Memory stays
 * bounded by a chunk of records and `MAX_RECORD_BYTES`, however long the block or one of its lines is.
 */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { inspect } from 'node:util'
import { createGunzip } from 'node:zlib'
import { DstreamsError, messageOf, systemCode } from '../errors.ts'
import { type Conformed, conform } from '../schema/conform.ts'
import type { Validate } from '../schema/standard.ts'
import { describe, type StructType, type Type } from '../schema/type.ts'
import { type Cells, CsvReader, splitCells } from './csv-cells.ts'
import { verifyInPlace } from './in-place.ts'
import { readError } from './read-error.ts'
import { beginsWithBom, MAX_RECORD_BYTES, RecordScanner, type TextFormat } from './record-scan.ts'
import type { Block } from './source.ts'

export { verifyInPlace } from './in-place.ts'
export { MAX_RECORD_BYTES } from './record-scan.ts'

/** Records of a block, those that fit and those that don't, each in the order of their ordinals. */
export interface Decoded {
  readonly records: readonly DecodedRecord[]
  readonly rejects: readonly Reject[]
}
export interface DecodedRecord {
  readonly ordinal: number
  readonly value: unknown
}
/** A record that does not fit its schema, or is none. */
export interface Reject {
  readonly ordinal: number
  readonly reason: string
  /** The raw record, at most 200 characters of it. */
  readonly text: string
}

const CHUNK_RECORDS = 4096
const CHUNK_BYTES = 4 * 1024 * 1024
const READ_BYTES = 1024 * 1024
const TEXT_CHARACTERS = 200
// rows may hold what JSON can't: a bigint, a circle
const INSPECT = {
  breakLength: Number.POSITIVE_INFINITY,
  compact: true,
  maxStringLength: TEXT_CHARACTERS,
} as const
// enough for 200 characters of any length, with none cut
const HEAD_BYTES = 1024

/**
 * Decodes a block, in chunks of at most 4096 records.
 * @example
 * for await (const { records, rejects } of decodeBlock(block, type)) for (const { value } of records) use(value)
 * @param validate what the source's schema checks beyond the type
 * @throws DS_INPUT_CHANGED, after the last chunk, if a file read in place is not the one that was cut
 */
export async function* decodeBlock(
  block: Block,
  type: Type,
  validate?: Validate,
): AsyncGenerator<Decoded, void, undefined> {
  const checkRecord = checker(type, validate)
  switch (block.format) {
    case 'rows':
      yield* decodeRows(block, checkRecord)
      return
    case 'sequence':
      yield* decodeSequence(block)
      return
    case 'lines':
    case 'ndjson':
    case 'csv':
      yield* decodeText(block, block.format, type, checkRecord)
      await verifyInPlace(block)
      return
    default:
      block.format satisfies never
  }
}

/**
 * The whole block at once: for tests and small blocks.
 * @example
 * const { records, rejects } = await decodeWhole(block, type)
 */
export async function decodeWhole(block: Block, type: Type, validate?: Validate): Promise<Decoded> {
  const records: DecodedRecord[] = []
  const rejects: Reject[] = []
  for await (const chunk of decodeBlock(block, type, validate)) {
    for (const record of chunk.records) records.push(record)
    for (const reject of chunk.rejects) rejects.push(reject)
  }
  return { records, rejects }
}

/** Holds a value against the schema. */
type Check = (value: unknown) => Conformed

function checker(type: Type, validate: Validate | undefined): Check {
  if (!validate) return (value) => conform(value, type)
  return (value) => {
    const conformed = conform(value, type)
    return conformed.ok ? validate(conformed.value) : conformed
  }
}

function* decodeRows(block: Block, checkRecord: Check): Generator<Decoded> {
  const rows = block.rows ?? []
  for (let start = 0; start < rows.length; start += CHUNK_RECORDS) {
    const chunk = new ChunkOfRecords(block.from + start)
    for (const row of rows.slice(start, start + CHUNK_RECORDS)) {
      chunk.add(checkRecord(row), () => headOf(inspect(row, INSPECT)))
    }
    yield chunk
  }
}

function* decodeSequence(block: Block): Generator<Decoded> {
  const end = block.from + (block.records ?? 0)
  for (let start = block.from; start < end; start += CHUNK_RECORDS) {
    const length = Math.min(CHUNK_RECORDS, end - start)
    yield {
      records: Array.from({ length }, (_, i) => ({ ordinal: start + i, value: start + i })),
      rejects: [],
    }
  }
}

async function* decodeText(
  block: Block,
  format: TextFormat,
  type: Type,
  checkRecord: Check,
): AsyncGenerator<Decoded> {
  const read = reader(format, type, checkRecord)
  // a csv block begins with its header, and so where the file began
  const skipBom = block.from === 0 || format === 'csv'
  let ordinal = block.from
  for await (const raw of rawRecords(bytesOf(block), format, skipBom)) {
    const chunk = new ChunkOfRecords(ordinal)
    read(raw, (record, conformed) =>
      chunk.add(conformed, () => headOf(record.bytes.toString('utf8', 0, HEAD_BYTES))),
    )
    ordinal += chunk.size
    if (chunk.size > 0) yield chunk
  }
}

/** Gathers records and rejects, giving out ordinals. */
class ChunkOfRecords implements Decoded {
  readonly records: DecodedRecord[] = []
  readonly rejects: Reject[] = []
  readonly #from: number

  constructor(from: number) {
    this.#from = from
  }

  get size(): number {
    return this.records.length + this.rejects.length
  }

  add(conformed: Conformed, text: () => string): void {
    const ordinal = this.#from + this.size
    if (conformed.ok) this.records.push({ ordinal, value: conformed.value })
    else this.rejects.push({ ordinal, reason: conformed.reason, text: text() })
  }
}

type Give = (record: RawRecord, conformed: Conformed) => void
type Read = (batch: readonly RawRecord[], give: Give) => void

function reader(format: TextFormat, type: Type, checkRecord: Check): Read {
  if (format === 'csv') return csvReader(structTypeOf(type), checkRecord)
  const parse = format === 'ndjson' ? parseJson : (text: string): Conformed => ({ ok: true, value: text })
  return (batch, give) => {
    for (const record of batch) {
      const problem = unreadable(record)
      const value: Conformed = problem ? { ok: false, reason: problem } : parse(record.bytes.toString('utf8'))
      give(record, value.ok ? checkRecord(value.value) : value)
    }
  }
}

function parseJson(text: string): Conformed {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (thrown) {
    return { ok: false, reason: `not JSON: ${messageOf(thrown)}` }
  }
}

/** The first record it is given is the header. */
function csvReader(type: StructType, checkRecord: Check): Read {
  let csv: CsvReader | undefined
  return (batch, give) => {
    const problems = batch.map(unreadable)
    const readable = batch.filter((_, index) => problems[index] === undefined)
    const cells = splitCells(readable.map((record) => record.bytes.toString('utf8')))
    let next = 0
    batch.forEach((record, index) => {
      const reason = problems[index]
      const ofRecord: Cells = reason === undefined ? cells[next++]! : { reason }
      if (!csv) csv = new CsvReader(ofRecord, type)
      else {
        const read = csv.read(ofRecord)
        give(record, read.ok ? checkRecord(read.value) : read)
      }
    })
  }
}

/** The type of CSV records. */
export function structTypeOf(type: Type): StructType {
  if (type.kind === 'struct') return type
  throw new DstreamsError('DS_JOB', {
    what: `csvFiles: the schema is ${describe(type)}; records of CSV have named fields.`,
    cure: "Give a schema with fields, for example { user: 'string' }.",
  })
}

/** Why a raw record can't be text, or `undefined`. */
function unreadable({ bytes, size }: RawRecord): string | undefined {
  if (size > MAX_RECORD_BYTES) return `${size} bytes long, more than the limit of ${MAX_RECORD_BYTES}`
  return isUtf8(bytes) ? undefined : 'not valid UTF-8'
}

/** At most 200 characters of a text, no surrogate pair cut. */
function headOf(text: string): string {
  if (text.length <= TEXT_CHARACTERS) return text
  const head = text.slice(0, TEXT_CHARACTERS)
  return /[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head
}

/** A record's bytes without its line end. Of a record that is too long (`size`) only the head. */
interface RawRecord {
  readonly bytes: Buffer
  readonly size: number
}

/** Splits bytes into raw records, in batches; blank lines are left out. */
async function* rawRecords(
  chunks: AsyncIterable<Buffer>,
  format: TextFormat,
  skipBom: boolean,
): AsyncGenerator<readonly RawRecord[]> {
  const scanner = new RecordScanner(format)
  const begun = new BegunRecord()
  let batch: RawRecord[] = []
  let batchBytes = 0
  const give = (piece: Buffer): void => {
    const bytes = begun.finish(piece)
    if (scanner.blank) return
    batch.push({ bytes: bytes.subarray(0, scanner.size), size: scanner.size })
    batchBytes += bytes.length
  }
  for await (const chunk of skipBom ? withoutBom(chunks) : chunks) {
    let start = 0
    while (start < chunk.length) {
      const next = scanner.next(chunk, start)
      if (next === -1) {
        begun.hold(chunk.subarray(start))
        break
      }
      give(chunk.subarray(start, next - 1))
      start = next
      if (batch.length === CHUNK_RECORDS || batchBytes >= CHUNK_BYTES) {
        yield batch
        batch = []
        batchBytes = 0
      }
    }
  }
  if (scanner.unfinished) give(Buffer.alloc(0))
  if (batch.length > 0) yield batch
}

/** The part of a record that came with earlier chunks. Once it is too long, only its head is held. */
class BegunRecord {
  #pieces: Buffer[] = []
  #bytes = 0
  #full = false

  hold(piece: Buffer): void {
    if (this.#full) return
    this.#pieces.push(piece)
    this.#bytes += piece.length
    // one more for a CR that may turn out to be part of the line end
    if (this.#bytes <= MAX_RECORD_BYTES + 1) return
    this.#pieces = [Buffer.from(Buffer.concat(this.#pieces).subarray(0, HEAD_BYTES))]
    this.#full = true
  }

  /** The record, which ends with `piece`. */
  finish(piece: Buffer): Buffer {
    const whole =
      this.#pieces.length === 0 ? piece : Buffer.concat(this.#full ? this.#pieces : [...this.#pieces, piece])
    this.#pieces = []
    this.#bytes = 0
    this.#full = false
    return whole
  }
}

async function* withoutBom(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (!head) {
      yield chunk
      continue
    }
    const joined: Buffer = head.length === 0 ? chunk : Buffer.concat([head, chunk])
    // a gunzipped stream may begin with a chunk of one byte
    if (joined.length < 3) head = joined
    else {
      head = undefined
      yield beginsWithBom(joined) ? joined.subarray(3) : joined
    }
  }
  if (head && head.length > 0) yield head
}

/** The content of a block. */
async function* bytesOf(block: Block): AsyncGenerator<Buffer> {
  const { path } = block
  if (path === undefined) throw new DstreamsError('DS_ENGINE', lacksPath(block))
  if (block.bytes === 0) return
  const file = createReadStream(path, { highWaterMark: READ_BYTES })
  const content = block.compression === 'gzip' ? file.pipe(createGunzip({ chunkSize: READ_BYTES })) : file
  if (content !== file) file.on('error', (error) => content.destroy(error))
  try {
    for await (const chunk of content) yield chunk as Buffer
  } catch (cause) {
    if (systemCode(cause)?.startsWith('Z_')) throw gzipError(path, cause)
    // a file read in place that is gone was changed: that error says more
    await verifyInPlace(block)
    throw readError(path, cause)
  } finally {
    content.destroy()
    file.destroy()
  }
}

const lacksPath = (block: Block) => ({
  what: `A block of ${block.partition} has no file.`,
  cure: 'This is a mistake in dstreams: please report it.',
})

const gzipError = (path: string, cause: unknown): DstreamsError =>
  new DstreamsError('DS_SOURCE', {
    what: `${path} is damaged: gzip says ${messageOf(cause)}.`,
    cure: 'Replace the file with a good copy, or move it away.',
    cause,
  })
