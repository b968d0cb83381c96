/** Input of the benchmarks: made once from a fixed seed, kept in bench/data. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DATA = new URL('data/', import.meta.url).pathname

/** A generator of numbers in [0, 1) that is the same everywhere. */
function random(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

/** Draws from 0..size-1 by Zipf's law. */
function zipf(size, next) {
  const sums = new Float64Array(size)
  let total = 0
  for (let rank = 0; rank < size; rank++) sums[rank] = total += 1 / (rank + 1)
  return () => {
    const drawn = next() * total
    let [low, high] = [0, size - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle] < drawn) low = middle + 1
      else high = middle
    }
    return low
  }
}

function make(name, files, contentOf) {
  const directory = join(DATA, name)
  if (!existsSync(directory)) {
    const partial = `${directory}.partial`
    mkdirSync(partial, { recursive: true })
    for (let file = 0; file < files; file++)
      writeFileSync(join(partial, String(file).padStart(3, '0')), contentOf(file))
    renameSync(partial, directory)
  }
  return Array.from({ length: files }, (_, file) => join(directory, String(file).padStart(3, '0')))
}

/** 40 files of 100,000 lines of about 14 words, 60,000 words by Zipf's law. */
export function words() {
  const next = random(42)
  const draw = zipf(60_000, next)
  return make('words', 40, () => {
    const lines = []
    for (let line = 0; line < 100_000; line++) {
      const drawn = []
      for (let word = 0; word < 14; word++) drawn.push(`w${draw().toString(36)}`)
      lines.push(drawn.join(' '))
    }
    return `${lines.join('\n')}\n`
  })
}

/** 40 files of 100,000 lines of about 100 bytes, 1 % of which hold the word `needle`. */
export function logLines() {
  const next = random(7)
  return make('log', 40, (file) => {
    const lines = []
    for (let line = 0; line < 100_000; line++) {
      const id = Math.floor(next() * 1e9)
      const word = next() < 0.01 ? 'needle' : 'straw'
      lines.push(
        `2026-01-01T00:00:${String(line % 60).padStart(2, '0')}Z host${file} service[${id}]: request ${word} took ${Math.floor(next() * 1000)} ms for user ${id % 1000} ok`,
      )
    }
    return `${lines.join('\n')}\n`
  })
}

/** Ten files of 200,000 NDJSON records over 100,000 keys. */
export function records() {
  const next = random(11)
  return make('records', 10, (file) => {
    const lines = []
    for (let line = 0; line < 200_000; line++) {
      const record = {
        k: `user${Math.floor(next() * 100_000)}`,
        v: Math.floor(next() * 1000),
        x: Math.round(next() * 100_000) / 100,
        t: 1_700_000_000_000 + file * 200_000 + line,
      }
      lines.push(JSON.stringify(record))
    }
    return `${lines.join('\n')}\n`
  })
}
