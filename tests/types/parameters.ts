/** A job's parameters are texts, unless it declares them. */
import { job } from 'dstreams'
import { type Equal, expectType } from './expect.ts'

job('texts', { interval: '1s' }, (_s, params) => {
  expectType<Equal<typeof params, { readonly [name: string]: string }>>()
})

const declared = {
  min: 'number',
  limit: 'integer',
  input: { default: 'docs/*.md' },
  verbose: { type: 'boolean' },
  factor: { default: 1.5 },
  dry: { default: false },
} as const
job('declared', { interval: '1s', params: declared }, (_s, params) => {
  expectType<Equal<typeof params.min, number>>()
  expectType<Equal<typeof params.limit, number>>()
  expectType<Equal<typeof params.input, string>>()
  expectType<Equal<typeof params.verbose, boolean>>()
  expectType<Equal<typeof params.factor, number>>()
  expectType<Equal<typeof params.dry, boolean>>()
  // @ts-expect-error it is not declared
  params.output
})

// without `as const`
job('in place', { interval: '1s', params: { min: 'number', input: { default: 'x' } } }, (_s, params) => {
  expectType<Equal<typeof params.min, number>>()
  expectType<Equal<typeof params.input, string>>()
})

// @ts-expect-error there is no such type
job('wrong', { interval: '1s', params: { min: 'float' } }, () => {})
// @ts-expect-error a job has an interval
job('no interval', {}, () => {})
