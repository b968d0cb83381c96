import { max, min } from '../../src/index.ts'
import type { Golden } from './golden.ts'

interface Reading {
  readonly sensor: string
  readonly celsius: number
}

/** Two sources with other fields, other formats and other types, as one stream; a product in the order of arrival. */
export const union: Golden = {
  title: 'union of two sources',
  inputs: {
    new: {
      format: 'ndjson',
      schema: { sensor: 'string', celsius: 'number' },
      files: [
        '{"sensor":"x","celsius":20.5}\n',
        '{"sensor":"y","celsius":-3}\n{"sensor":"x","celsius":21}\n',
      ],
    },
    old: {
      format: 'csv',
      schema: { name: 'string', fahrenheit: 'integer' },
      files: ['name,fahrenheit\nx,32\nz,212\n', 'name,fahrenheit\ny,50\n'],
    },
  },
  define: (from, to) => {
    const all = from('new').union(
      from('old').map((old: { name: string; fahrenheit: number }) => ({
        celsius: ((old.fahrenheit - 32) * 5) / 9,
        sensor: old.name,
      })),
    )
    all.to('all', to('all'))
    all
      .groupBy((reading: Reading) => ({ sensor: reading.sensor }))
      .aggregate({
        lo: min((reading: Reading) => reading.celsius),
        hi: max((reading: Reading) => reading.celsius),
      })
      .running()
      .to('range', to('range'))
    // not associative: the new source's records come first, then the old one's
    all
      .groupBy(
        (reading: Reading) => ({ sensor: reading.sensor }),
        (reading: Reading) => reading.celsius,
      )
      .reduce((a: number, b: number) => a / 2 + b)
      .to('folded', to('folded'))
  },
  expected: {
    all: {
      intervals: [
        [
          { sensor: 'x', celsius: 20.5 },
          { sensor: 'x', celsius: 0 },
          { sensor: 'z', celsius: 100 },
        ],
        [
          { sensor: 'y', celsius: -3 },
          { sensor: 'x', celsius: 21 },
          { sensor: 'y', celsius: 10 },
        ],
      ],
    },
    range: {
      intervals: [
        [
          { sensor: 'x', lo: 0, hi: 20.5 },
          { sensor: 'z', lo: 100, hi: 100 },
        ],
        [
          { sensor: 'x', lo: 0, hi: 21 },
          { sensor: 'z', lo: 100, hi: 100 },
          { sensor: 'y', lo: -3, hi: 10 },
        ],
      ],
    },
    folded: {
      intervals: [
        [
          { sensor: 'x', value: 10.25 },
          { sensor: 'z', value: 100 },
        ],
        [
          { sensor: 'y', value: 8.5 },
          { sensor: 'x', value: 21 },
        ],
      ],
    },
  },
}
