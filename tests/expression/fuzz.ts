/**
 * The differential fuzz: random lambdas over hostile and random rows, in Node and in a dialect of SQL, bit for bit.
 *
 * A dialect is anything that evaluates trees over rows. A lambda's guard is evaluated with its body: where it is false
 * the row is not compared, for there the function itself is called. A program that differs is made smaller, its row
 * too, and told with both results.
 */
import * as acorn from 'acorn'
import fc from 'fast-check'
import { compile } from '../../src/expression/compile.ts'
import { children, type Expression } from '../../src/expression/tree.ts'
import type { Type } from '../../src/schema/type.ts'
import { FORMS, PROGRAM } from './grammar.ts'
import { difference, functionOf, RECORD, ROWS, type Rows, show } from './oracle.ts'

export interface Dialect {
  readonly name: string
  /** The values of the trees for all rows: `result[tree][row]`. Rows are records of the type `RECORD`. */
  evaluate(trees: readonly Expression[], rows: Rows): Promise<readonly (readonly unknown[])[]>
}

export interface Report {
  /** What differs, told in words, the shortest first. */
  readonly differences: readonly string[]
  /** How many (program, row) pairs were compared, and how many were left to the guard. */
  readonly compared: number
  readonly guarded: number
  readonly programs: number
  readonly compiled: number
  /** The forms of the grammar that were in no program that compiled. */
  readonly unused: readonly string[]
}

/** Runs random programs, drawn from a seed, over the hostile rows and some random ones. */
export async function fuzz(
  dialect: Dialect,
  { seed, programs: count }: { seed: number; programs: number },
): Promise<Report> {
  const drawn = fc.sample(PROGRAM, { seed, numRuns: count })
  const rows: Rows = [...ROWS, ...fc.sample(rowOf(RECORD), { seed, numRuns: RANDOM_ROWS })] as Rows
  const unused = new Set(FORMS)
  const programs = new Map<string, Program>()
  for (const { text, forms } of drawn) {
    const program = programOf(text)
    if (!program) continue
    programs.set(text, program)
    for (const form of forms) unused.delete(form)
  }
  const all = [...programs.values()]
  const totals = { compared: 0, guarded: 0 }
  const differences: string[] = []
  for (let from = 0; from < all.length; from += TOGETHER) {
    for (const verdict of await judge(dialect, all.slice(from, from + TOGETHER), rows, totals)) {
      const isSmall = differences.length < REDUCED_MAX
      differences.push(isSmall ? await reduced(dialect, verdict, rows) : told(dialect, verdict, rows))
    }
  }
  differences.sort((a, b) => a.length - b.length)
  const texts = new Set(drawn.map(({ text }) => text))
  return { differences, ...totals, programs: texts.size, compiled: all.length, unused: [...unused] }
}

/** How many programs are one query, how many rows are random, and how many differences are made smaller. */
const TOGETHER = 20
const RANDOM_ROWS = 64
const REDUCED_MAX = 5

/** A lambda that compiled. */
export interface Program {
  readonly text: string
  readonly call: (record: unknown) => unknown
  readonly body: Expression
  readonly guard: Expression | undefined
}

/** The program of a text, or `undefined` where it is refused. */
export function programOf(text: string): Program | undefined {
  const call = functionOf(text)
  const compiled = compile(call, [RECORD])
  if (!compiled.ok) {
    if (process.env.FUZZ_REFUSED) console.log(`${text}\n  ${compiled.construct}: ${compiled.why}`)
    return undefined
  }
  return { text, call, body: compiled.body, guard: compiled.guard }
}

/** A program that does not give what Node gives, and for which row; no row where the query itself fails. */
interface Verdict {
  readonly program: Program
  readonly row: number | undefined
  readonly why: string
}

/** What is wrong with programs over rows. Where the query fails, each program is tried alone, to name the one. */
export async function judge(
  dialect: Dialect,
  programs: readonly Program[],
  rows: Rows,
  totals = { compared: 0, guarded: 0 },
): Promise<readonly Verdict[]> {
  const trees = programs.flatMap(({ body, guard }) => (guard ? [body, guard] : [body]))
  try {
    const results = await dialect.evaluate(trees, rows)
    let next = 0
    return programs.flatMap((program) => {
      const values = results[next++]!
      const guards = program.guard && results[next++]
      return compared(program, rows, values, guards, totals) ?? []
    })
  } catch (error) {
    const [program] = programs
    if (programs.length === 1)
      return [{ program: program!, row: undefined, why: String(error).slice(0, 300) }]
    const verdicts: Verdict[] = []
    for (const each of programs) verdicts.push(...(await judge(dialect, [each], rows, totals)))
    return verdicts
  }
}

/** The first row for which a program is wrong. */
function compared(
  program: Program,
  rows: Rows,
  values: readonly unknown[],
  guards: readonly unknown[] | undefined,
  totals: { compared: number; guarded: number },
): Verdict | undefined {
  const onlyTexts = program.guard !== undefined && !asksForDates(program.guard)
  for (const [row, record] of rows.entries()) {
    if (guards?.[row] === false) {
      totals.guarded++
      if (onlyTexts && !hasAstral(record)) {
        return { program, row, why: 'the guard is false, and there is no character above U+FFFF' }
      }
      continue
    }
    totals.compared++
    const why = differs(program, record, values[row])
    if (why) return { program, row, why }
  }
  return undefined
}

function differs({ call }: Program, record: unknown, value: unknown): string | undefined {
  try {
    return difference(call(record), value)
  } catch (error) {
    return `Node throws ${error}, and the value is ${show(value)}`
  }
}

const asksForDates = (tree: Expression): boolean =>
  (tree.kind === 'call' && tree.name === 'isDate') || children(tree).some(asksForDates)

function hasAstral(value: unknown): boolean {
  if (typeof value === 'string') return /[^\0-\uffff]/u.test(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasAstral)
}

/** A verdict in words: the lambda, the fields of the row that it names, and both results. */
function told(dialect: Dialect, { program, row, why }: Verdict, rows: Rows): string {
  const record = row === undefined ? undefined : rows[row]
  const fields = Object.entries(record ?? {}).filter(([name]) => program.text.includes(`e.${name}`))
  const shown = fields.map(([name, value]) => `${name}: ${show(value)}`).join(', ')
  return `${program.text}\n  { ${shown} }\n  ${dialect.name}: ${why}`
}

/** A smaller program and row with the same fault: parts of it in its place, or the simplest values, as long as it lasts. */
async function reduced(dialect: Dialect, verdict: Verdict, rows: Rows): Promise<string> {
  // With the row alone the query may be computed in another way and be right; then the rows stay.
  const alone = verdict.row === undefined ? rows : [rows[verdict.row]!]
  const [onRow] = await judge(dialect, [verdict.program], alone)
  const [over, seen] = onRow ? [alone, onRow] : [rows, verdict]
  let smallest = seen
  for (let tries = 0; tries < TRIES_MAX; ) {
    let found: Verdict | undefined
    for (const text of smallerTexts(smallest.program.text)) {
      if (++tries > TRIES_MAX) break
      const program = attempt(text)
      found = program && (await judge(dialect, [program], over))[0]
      if (found) break
    }
    if (!found) break
    smallest = found
  }
  return told(dialect, smallest, over)
}

const TRIES_MAX = 300

function attempt(text: string): Program | undefined {
  try {
    return programOf(text)
  } catch {
    // A part in a place where it is no syntax.
    return undefined
  }
}

/** The text with one of its expressions replaced by a part of that, or by something simple; the shortest first. */
function smallerTexts(text: string): readonly string[] {
  const nodes: acorn.Node[] = []
  const visit = (value: unknown) => {
    if (Array.isArray(value)) value.forEach(visit)
    else if (value && typeof value === 'object') {
      if ('type' in value && 'start' in value) nodes.push(value as acorn.Node)
      Object.values(value).forEach(visit)
    }
  }
  visit(acorn.parse(`(${text})`, { ecmaVersion: 'latest' }))
  const inside = nodes.map(({ start, end }) => ({ start: start - 1, end: end - 1 })).filter(isInside)
  const texts = new Set<string>()
  for (const { start, end } of inside) {
    const parts = inside
      .filter((part) => part.start >= start && part.end <= end && part.end - part.start < end - start)
      .map((part) => text.slice(part.start, part.end))
    for (const part of [...SIMPLE, ...parts]) texts.add(text.slice(0, start) + part + text.slice(end))
  }
  return [...texts].filter((each) => each.length < text.length).sort((a, b) => a.length - b.length)
}
const SIMPLE = ['e.s', 'e.n', 'e.i', "'a'", '1', 'true']
const isInside = ({ start }: { start: number }) => start >= 'e => '.length

/** Random values of a type. */
function rowOf(type: Type): fc.Arbitrary<unknown> {
  const plain = (): fc.Arbitrary<unknown> => {
    switch (type.kind) {
      case 'string':
        return fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), NUMERALS)
      case 'number':
        return fc.oneof(
          fc.double({ noNaN: type.range !== 'any', noDefaultInfinity: type.range === 'finite' }),
          fc.integer({ min: -100_000, max: 100_000 }).map((value) => value / 100),
        )
      case 'integer':
      case 'timestamp':
        return fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: 0, max: 2 ** 41 }))
      case 'boolean':
        return fc.boolean()
      case 'list':
        return fc.array(rowOf(type.of), { maxLength: 4 })
      case 'struct':
        return fc.record(Object.fromEntries(type.fields.map((field) => [field.name, rowOf(field.type)])))
      default:
        return fc.constant(null)
    }
  }
  return type.nullable ? fc.option(plain()) : plain()
}
/** Texts that are numbers, or nearly. */
const NUMERALS = fc.oneof(
  fc.double().map(String),
  fc.integer().map(String),
  fc.string({ unit: fc.constantFrom(...'0123456789.-+eExX _n'), maxLength: 8 }),
)
