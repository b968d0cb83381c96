/** Parameters of a job: read as declared, and an error that says what to add where one is missing or wrong. */
import { describe, expect, test } from 'vitest'
import { fromArray } from '../../src/sources/from-array.ts'
import { buildPlan, job } from '../../src/stream/job.ts'
import {
  type ParameterDeclarations,
  type ParameterValues,
  readParameters,
} from '../../src/stream/parameters.ts'
import { CLICK, probe } from './plans.ts'

const DECLARED = {
  text: 'string',
  real: 'number',
  whole: 'integer',
  flag: 'boolean',
  limit: { default: 10 },
  where: { default: 'docs/*.md' },
  loud: { default: false },
  exact: { type: 'integer' },
} as const satisfies ParameterDeclarations

describe('a parameter is read as it is declared', () => {
  test.each<[keyof typeof DECLARED | 'undeclared', string | number | boolean, unknown]>([
    ['text', 'a', 'a'],
    ['text', '', ''],
    ['text', 5, '5'],
    ['text', true, 'true'],
    ['real', '1.5', 1.5],
    ['real', '-1e3', -1000],
    ['real', 2, 2],
    ['whole', '42', 42],
    ['whole', ' 7 ', 7],
    ['flag', 'true', true],
    ['flag', 'false', false],
    ['flag', true, true],
    ['limit', '3', 3],
    ['where', '*.log', '*.log'],
    ['loud', 'true', true],
    ['exact', '-1', -1],
  ])('%s from %j is %j', (name, given, expected) => {
    expect(readParameters(DECLARED, { [name]: given })[name]).toBe(expected)
  })

  test('what was not given has its default', () => {
    const { limit, where, loud } = readParameters(DECLARED, {})
    expect({ limit, where, loud }).toEqual({ limit: 10, where: 'docs/*.md', loud: false })
  })

  test('without declarations all are strings', () => {
    for (const declared of [undefined, {}])
      expect(readParameters(declared, { anything: 5 }).anything).toBe('5')
  })
})

describe('a value of another type is refused', () => {
  test.each<[keyof typeof DECLARED, string | number | boolean, string]>([
    ['real', 'abc', 'Give a number.'],
    ['real', '', 'Give a number.'],
    ['real', ' ', 'Give a number.'],
    ['real', true, 'Give a number.'],
    ['whole', '1.5', 'Give an integer.'],
    ['whole', '9007199254740992', 'Give an integer.'],
    ['flag', 'yes', 'Give true or false.'],
    ['flag', 'TRUE', 'Give true or false.'],
    ['flag', 1, 'Give true or false.'],
    ['limit', 'many', 'Give a number.'],
    ['loud', '', 'Give true or false.'],
    ['exact', 'x', 'Give an integer.'],
  ])('%s from %j: %s', (name, given, cure) => {
    expect(() => readParameters(DECLARED, { [name]: given })).toThrow(
      expect.objectContaining({ code: 'DS_USAGE', what: `The parameter "${name}" is "${given}".`, cure }),
    )
  })
})

const build = (params: ParameterValues, declared?: ParameterDeclarations) =>
  buildPlan(
    job('test', { interval: '1s', ...(declared && { params: declared }) }, (s, given) =>
      s.from(fromArray([], CLICK), String((given as any).where)).to('out', probe),
    ),
    { params },
  )

describe('a job', () => {
  test('gets what was given', () => {
    expect(build({ where: 'here' }).steps[0]!.name).toBe('here')
    expect(build({}, { where: { default: 'there' } }).steps[0]!.name).toBe('there')
  })

  test('that reads a parameter which was not given says what to add', () => {
    for (const declared of [undefined, { where: 'string' }] as const)
      expect(() => build({}, declared)).toThrow(
        expect.objectContaining({
          code: 'DS_USAGE',
          what: expect.stringContaining('"where"'),
          cure: expect.stringContaining('--param where='),
        }),
      )
  })

  test('that declares its parameters has no other', () => {
    expect(() => build({ were: 'x' }, { where: 'string', limit: 'number' })).toThrow(
      expect.objectContaining({
        code: 'DS_USAGE',
        what: 'The job has no parameter "were".',
        cure: 'It has: where, limit.',
      }),
    )
    // names that every object has are no parameters either
    expect(() => build({ toString: 'x' }, { where: 'string' })).toThrow('no parameter "toString"')
    expect(() => readParameters({}, {}).constructor).toThrow('which was not given')
  })

  test('can not change them', () => {
    const parameters = readParameters(undefined, { where: 'here' })
    expect(() => {
      parameters.where = 'there'
    }).toThrow(TypeError)
  })
})
