/**
 * Pieces of a file that end where a record ends: found by `findPiece` (which only reads and counts), then copied
 * into a block file by `copyBytes`.
 *
 *   offset                          piece ends after the last LF within the limits      size
 *     | record LF | record LF | LF | record LF |...........unfinished record.............|
 */
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { BlockFile } from '../store/block-files.ts'
import { beginsWithBom, LF, RecordScanner, type TextFormat } from './record-scan.ts'

const READ_BYTES = 1024 * 1024
/** How much of a file's beginning tells it from another one. */
const HEAD_BYTES = 1024

/** What is looked for: as much as the limits allow of `[from, to)`. */
export interface PieceRequest {
  readonly format: TextFormat
  readonly from: number
  readonly to: number
  readonly maxBytes: number
  readonly maxRecords: number
  /** Whether one record is taken even if it alone exceeds `maxBytes`. */
  readonly takeFirst: boolean
  /** Whether the first record is the header of a csv file, which is not counted. */
  readonly headed: boolean
  /** Whether a record without its line end is taken at the end. */
  readonly takeUnfinished: boolean
}

/** What was found. */
export interface Piece {
  readonly bytes: number
  readonly records: number
  /** Whether there is more within `[from, to)`, but not within the limits. */
  readonly limited: boolean
  /** Where the header line ends, if it was looked for; 0 if it isn't whole yet. */
  readonly headerEnd: number
  /** Whether the piece begins with what looks like a byte order mark. */
  readonly bom: boolean
}

/** Finds the piece: counts records up to the last record end within the limits. */
export async function findPiece(file: FileHandle, request: PieceRequest): Promise<Piece> {
  const { format, from, to, maxBytes, maxRecords, takeFirst, headed, takeUnfinished } = request
  const scanner = new RecordScanner(format)
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, to - from)))
  const found = { bytes: 0, records: 0, limited: false, headerEnd: 0, bom: false }
  const exceeds = (end: number): boolean => end - from > maxBytes && (found.records > 0 || !takeFirst)
  const count = (end: number): void => {
    found.bytes = end - from
    if (scanner.blank) return
    if (headed && found.headerEnd === 0) found.headerEnd = end
    else found.records++
  }
  for (let position = from; position < to; ) {
    const chunk = await readAt(file, buffer, position, to)
    if (chunk.length === 0) return found
    let start = 0
    if (position === from && beginsWithBom(chunk)) {
      found.bom = true
      // at the beginning of the file it is no part of the first line
      if (from === 0) start = 3
    }
    while (start < chunk.length) {
      const next = scanner.next(chunk, start)
      if (next === -1) break
      if (exceeds(position + next)) return { ...found, limited: true }
      count(position + next)
      start = next
      if (found.records >= maxRecords) return { ...found, limited: position + next < to }
    }
    position += chunk.length
  }
  if (!takeUnfinished) return found
  if (exceeds(to)) return { ...found, limited: true }
  if (scanner.unfinished) count(to)
  else found.bytes = to - from
  return found
}

/** Where the first LF in `[from, to)` is, or -1. */
export async function findLineEnd(file: FileHandle, from: number, to: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, to - from)))
  for (let position = from; position < to; ) {
    const chunk = await readAt(file, buffer, position, to)
    if (chunk.length === 0) return -1
    const index = chunk.indexOf(LF)
    if (index !== -1) return position + index
    position += chunk.length
  }
  return -1
}

/**
 * Copies `[from, to)` to the end of a block file.
 * @returns how many bytes were copied: less than asked for if the file has become shorter
 */
export async function copyBytes(
  source: FileHandle,
  from: number,
  to: number,
  block: BlockFile,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, to - from)))
  let position = from
  while (position < to) {
    const chunk = await readAt(source, buffer, position, to)
    if (chunk.length === 0) break
    await block.write(chunk)
    position += chunk.length
  }
  return position - from
}

/** What a file's beginning looks like. */
export interface Head {
  readonly length: number
  readonly hash: string
}

/** The look of the first 1024 bytes of a file, or of the first `upTo` if that is less. */
export async function headOf(file: FileHandle, upTo: number): Promise<Head> {
  const buffer = Buffer.allocUnsafe(HEAD_BYTES)
  const chunk = await readAt(file, buffer, 0, Math.min(HEAD_BYTES, upTo))
  return { length: chunk.length, hash: createHash('sha256').update(chunk).digest('base64') }
}

/** Whether more of a file's beginning can be noted than was. */
export const headCanGrow = (head: Head | undefined, upTo: number): boolean =>
  !head || head.length < Math.min(HEAD_BYTES, upTo)

/** Whether the last byte before `size` ends a line. */
export async function endsWithLineEnd(file: FileHandle, size: number): Promise<boolean> {
  const last = await readAt(file, Buffer.allocUnsafe(1), size - 1, size)
  return last[0] === LF
}

/** Bytes of `[position, to)`, as many as there are and fit into `buffer`. */
async function readAt(file: FileHandle, buffer: Buffer, position: number, to: number): Promise<Buffer> {
  const length = Math.min(buffer.length, to - position)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
