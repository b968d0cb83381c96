/**
 * The bytes of one sender, cut into whole lines.
 *
 *   "ab LF c"  "d LF"  "xxxx..."      chunks as they come
 *   -> ab LF   -> cd LF   -> (long)   what follows the last LF is held; past HELD_BYTES it goes on as a long line
 */
import { beginsWithBom, LF } from './record-scan.ts'

/** How much of an unfinished line is held in memory per sender. */
export const HELD_BYTES = 64 * 1024

const LINE_END = Buffer.of(LF)

/** Takes a line that is too long to be held, bit by bit. */
export interface LongLine {
  append(bytes: Buffer): void
  /** The line is over; its LF was not appended. */
  end(): void
}

export interface LineTaker {
  /** Takes whole lines, each with its LF. */
  lines(bytes: Buffer): void
  beginLong(): LongLine
}

export class LineFeed {
  readonly #taker: LineTaker
  #held: Buffer[] = []
  #heldBytes = 0
  #long: LongLine | undefined
  #atStart = true

  constructor(taker: LineTaker) {
    this.#taker = taker
  }

  push(chunk: Buffer): void {
    let start = 0
    if (this.#long) {
      const end = chunk.indexOf(LF)
      this.#long.append(end === -1 ? chunk : chunk.subarray(0, end))
      if (end === -1) return
      this.#endLong()
      start = end + 1
    }
    const afterLast = chunk.lastIndexOf(LF) + 1
    if (afterLast > start) {
      this.#taker.lines(this.#withHeld(chunk.subarray(start, afterLast)))
      start = afterLast
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start))
  }

  /** The sender has ended: what is held is its last line. */
  end(): void {
    if (this.#long) this.#endLong()
    else if (this.#heldBytes > 0) this.#taker.lines(this.#withHeld(LINE_END))
  }

  #hold(rest: Buffer): void {
    this.#held.push(rest)
    this.#heldBytes += rest.length
    if (this.#heldBytes <= HELD_BYTES) return
    this.#long = this.#taker.beginLong()
    this.#long.append(this.#withHeld())
  }

  #endLong(): void {
    this.#long?.end()
    this.#long = undefined
  }

  /** What was held and then `bytes`; nothing is held any more. */
  #withHeld(bytes?: Buffer): Buffer {
    const pieces = bytes ? [...this.#held, bytes] : this.#held
    const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
    this.#held = []
    this.#heldBytes = 0
    const mark = this.#atStart && beginsWithBom(whole)
    this.#atStart = false
    return mark ? whole.subarray(3) : whole
  }
}
