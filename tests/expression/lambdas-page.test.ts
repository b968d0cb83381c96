/** docs/lambdas.md: every example of its tables compiles, and under the condition that its row tells. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { compile } from '../../src/expression/compile.ts'
import { children, type Expression } from '../../src/expression/tree.ts'
import {
  INTEGER,
  listOf,
  NUMBER,
  nullable,
  numberOf,
  STRING,
  structOf,
  TIMESTAMP,
} from '../../src/schema/type.ts'
import { functionOf } from './oracle.ts'

const RECORD = structOf([
  { name: 's', type: STRING },
  { name: 't', type: STRING },
  { name: 'x', type: nullable(STRING) },
  { name: 'n', type: numberOf('any') },
  { name: 'i', type: INTEGER },
  { name: 'at', type: TIMESTAMP },
  { name: 'words', type: listOf(STRING) },
  { name: 'rates', type: listOf(nullable(numberOf('any'))) },
  { name: 'grid', type: listOf(listOf(NUMBER)) },
  {
    name: 'items',
    type: listOf(
      structOf([
        { name: 'sku', type: STRING },
        { name: 'qty', type: NUMBER },
        { name: 'at', type: TIMESTAMP },
      ]),
    ),
  },
])

const NAMES = RECORD.fields.map(({ name }) => name).join(', ')

const page = readFileSync(new URL('../../docs/lambdas.md', import.meta.url), 'utf8')
const ROWS = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|').trim()))
  .map(
    ([, examples, exact]) =>
      [exact!, [...examples!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)] as const,
  )

const CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  always: [],
  'own function': [],
  'own function for the rest': [],
  'basic text': ['isBasic'],
  'valid date': ['isDate'],
}

it('has tables', () => expect(ROWS.length).toBeGreaterThan(30))

it.each(ROWS)('%s: %j', (exact, examples) => {
  expect(CONDITIONS).toHaveProperty([exact])
  for (const example of examples) {
    const compiled = compile(functionOf(`({ ${NAMES} }) => ${example}`), [RECORD])
    if (!compiled.ok) throw new Error(`${example}: ${compiled.why}`)
    expect([...namesOf(compiled.guard)], example).toEqual(CONDITIONS[exact])
  }
})

const namesOf = (tree: Expression | undefined): ReadonlySet<string> =>
  new Set(
    !tree ? [] : tree.kind === 'call' ? [tree.name] : children(tree).flatMap((each) => [...namesOf(each)]),
  )
