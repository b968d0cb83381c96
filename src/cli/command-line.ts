/**
 * The command line as data, and every check that needs no job.
 *
 *   dstreams run job.ts --engine memory --param min=5 --input 'logs/*.log'
 *
 * Which options a job adds is known when its file is loaded; so what is no option of the command is kept as `others`,
 * and `parametersOf` holds it against the parameters that the job declares.
 */
import { parseArgs } from 'node:util'
import { ENGINES } from '../engines/engines.ts'
import { DstreamsError } from '../errors.ts'
import { durationOf } from '../interval/duration.ts'
import type { ParameterDeclarations } from '../stream/parameters.ts'
import { didYouMean } from './suggest.ts'

const COMMANDS = ['run', 'explain'] as const
type Command = (typeof COMMANDS)[number]

const FORMATS = { run: ['table', 'ndjson'], explain: ['table', 'json'] } as const

interface OptionKind {
  readonly type: 'string' | 'boolean'
  readonly of: readonly Command[]
  readonly value?: string
  readonly help: string
}

/** The options of the commands, in the order in which help lists them. */
export const OPTIONS: Readonly<Record<string, OptionKind>> = {
  engine: {
    type: 'string',
    of: ['run', 'explain'],
    value: ENGINES.join('|'),
    help: 'what computes (default: duckdb)',
  },
  param: {
    type: 'string',
    of: ['run', 'explain'],
    value: 'name=value',
    help: 'a parameter of the job; may be repeated',
  },
  interval: {
    type: 'string',
    of: ['run', 'explain'],
    value: 'duration',
    help: "another interval than the job's own: 100ms, 1s, 1m",
  },
  dir: {
    type: 'string',
    of: ['run'],
    value: 'directory',
    help: 'where the job keeps what it received (default: a temporary directory)',
  },
  until: {
    type: 'string',
    of: ['run'],
    value: 'end',
    help: 'when to end: drained (all was read), 30s, or 20i (intervals)',
  },
  format: {
    type: 'string',
    of: ['run', 'explain'],
    value: 'table|ndjson|json',
    help: 'how stdout() prints (table, ndjson), how a plan is shown (table, json)',
  },
  strict: {
    type: 'boolean',
    of: ['run', 'explain'],
    help: 'refuse a job of which a function is not compiled',
  },
  verify: {
    type: 'boolean',
    of: ['run'],
    help: 'call functions twice, and stop where their rows differ',
  },
  verbose: {
    type: 'boolean',
    of: ['run', 'explain'],
    help: 'show stacks of errors; with ndjson also the facts of each interval',
  },
  help: { type: 'boolean', of: ['run', 'explain'], help: 'show this' },
  version: { type: 'boolean', of: ['run', 'explain'], help: 'show the version' },
}

export interface CommandLine {
  readonly command: Command | 'help' | 'version'
  readonly file: string
  readonly engine: 'duckdb' | 'memory'
  readonly params: Readonly<Record<string, string>>
  readonly interval?: string
  readonly dir?: string
  readonly until?: string
  readonly format: 'table' | 'ndjson' | 'json'
  readonly strict: boolean
  readonly verify: boolean
  readonly verbose: boolean
  /** Options that are none of the command's; parameters of the job, or mistakes. */
  readonly others: readonly { readonly name: string; readonly value: string | undefined }[]
}

/** What was given, before it is checked. */
interface Given {
  readonly values: Map<string, string>
  readonly params: string[]
  readonly others: { name: string; value: string | undefined }[]
  readonly positionals: string[]
}

/** Reads the arguments after `dstreams`. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const given = tokens(args)
  const { values, positionals, others } = given
  const engine = oneOf(values, 'engine', ENGINES) ?? 'duckdb'
  const flags = { verbose: values.has('verbose'), strict: values.has('strict'), verify: values.has('verify') }
  const rest = { engine, format: 'table' as const, params: readParams(given.params), ...flags, others }
  if (values.has('version')) return { ...rest, command: 'version', file: '' }
  const name = positionals[0]
  if (values.has('help') || name === undefined || name === 'help')
    return { ...rest, command: 'help', file: '' }
  const command = COMMANDS.find((known) => known === name)
  if (!command)
    throw usage(
      `There is no command "${name}".`,
      `The commands are ${COMMANDS.join(' and ')}.${didYouMean(name, COMMANDS)}`,
    )
  for (const option of values.keys())
    if (!OPTIONS[option]!.of.includes(command))
      throw usage(`dstreams ${command} has no option --${option}.`, listOf(command, {}))
  const [, file, ...more] = positionals
  if (file === undefined)
    throw usage(`dstreams ${command} needs a job file.`, `Write: dstreams ${command} job.ts`)
  if (more.length > 0)
    throw usage(
      `"${more[0]}" comes after the job file ${file}.`,
      'Give one job file, and options that begin with --; put a glob into quotes.',
    )
  checkTimes(values)
  const format = oneOf(values, 'format', FORMATS[command]) ?? 'table'
  const text = (option: string) => (values.has(option) ? { [option]: values.get(option)! } : {})
  return { ...rest, command, file, format, ...text('interval'), ...text('dir'), ...text('until') }
}

function tokens(args: readonly string[]): Given {
  const options = Object.fromEntries(
    Object.entries(OPTIONS).map(([name, { type }]) => [name, { type, ...SHORT[name] }]),
  )
  const parsed = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const given: Given = { values: new Map(), params: [], others: [], positionals: [] }
  /** The option without a value that came directly before; a job's own option takes the next argument. */
  let waiting: { index: number; option: Given['others'][number] } | undefined
  for (const token of parsed.tokens) {
    if (token.kind === 'positional') {
      if (waiting && token.index === waiting.index + 1) waiting.option.value = token.value
      else given.positionals.push(token.value)
      waiting = undefined
    } else if (token.kind === 'option') {
      waiting = undefined
      if (Object.hasOwn(OPTIONS, token.name)) take(given, token.name, token.rawName, token.value)
      else {
        const option = { name: token.name, value: token.value }
        given.others.push(option)
        if (token.value === undefined) waiting = { index: token.index, option }
      }
    }
  }
  return given
}

const SHORT: Readonly<Record<string, { short: string }>> = { help: { short: 'h' } }

function take({ values, params }: Given, name: string, rawName: string, value: string | undefined): void {
  const { type, value: kind } = OPTIONS[name]!
  if (type === 'boolean') {
    if (value !== undefined)
      throw usage(`${rawName} is given the value "${value}".`, `Write ${rawName} alone.`)
    values.set(name, 'true')
    return
  }
  if (value === undefined || value.startsWith('--'))
    throw usage(`${rawName} has no value.`, `Write ${rawName} <${kind}>.`)
  if (name === 'param') params.push(value)
  else if (values.has(name)) throw usage(`${rawName} is given twice.`, 'Give it once.')
  else values.set(name, value)
}

function oneOf<V extends string>(
  values: Map<string, string>,
  option: string,
  allowed: readonly V[],
): V | undefined {
  const value = values.get(option)
  if (value === undefined) return undefined
  const found = allowed.find((choice) => choice === value)
  if (!found)
    throw usage(`--${option} is "${value}".`, `Give ${allowed.join(' or ')}.${didYouMean(value, allowed)}`)
  return found
}

function readParams(params: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {}
  for (const param of params) {
    const at = param.indexOf('=')
    if (at < 1) throw usage(`--param is "${param}".`, 'Give a name and a value: --param name=value.')
    values[param.slice(0, at)] = param.slice(at + 1)
  }
  return values
}

function checkTimes(values: Map<string, string>): void {
  const until = values.get('until')
  if (until !== undefined && until !== 'drained' && !/^[1-9]\d*i$/.test(until) && !isDuration(until))
    throw usage(
      `--until is "${until}".`,
      'Give drained (the job ends when all was read), a duration such as 30s, or a number of intervals such as 20i.',
    )
  const interval = values.get('interval')
  if (interval !== undefined && !isDuration(interval))
    throw usage(`--interval is "${interval}".`, 'Give a duration: 100ms, 1s, 1m.')
}

function isDuration(text: string): boolean {
  try {
    return durationOf(text, '') > 0
  } catch {
    return false
  }
}

/**
 * The parameters of a job: those of `--param`, and the job's own options.
 * @param declared what the job declares; only declared parameters have options of their own
 */
export function parametersOf(
  { command, params, others }: CommandLine,
  declared: ParameterDeclarations = {},
): Readonly<Record<string, string>> {
  const values: Record<string, string> = { ...params }
  for (const { name, value } of others) {
    if (!Object.hasOwn(declared, name)) throw unknownOption(name, command as Command, declared)
    if (Object.hasOwn(values, name)) throw usage(`The parameter "${name}" is given twice.`, 'Give it once.')
    if (value === undefined && !isBoolean(declared[name]))
      throw usage(`--${name} has no value.`, `Write --${name}=<value>.`)
    values[name] = value ?? 'true'
  }
  return values
}

const isBoolean = (declaration: ParameterDeclarations[string] | undefined): boolean =>
  declaration === 'boolean' ||
  (typeof declaration === 'object' &&
    (declaration.type === 'boolean' || typeof declaration.default === 'boolean'))

function unknownOption(name: string, command: Command, declared: ParameterDeclarations): DstreamsError {
  const option = name.length === 1 ? `-${name}` : `--${name}`
  const names = [...namesOf(command), ...Object.keys(declared)].map((known) => `--${known}`)
  const undeclared =
    Object.keys(declared).length === 0
      ? ` This job declares no parameters; give one by --param ${name}=...`
      : ''
  return usage(
    `There is no option ${option}.`,
    `${listOf(command, declared)}${didYouMean(option, names)}${undeclared}`,
  )
}

const namesOf = (command: Command): readonly string[] =>
  Object.keys(OPTIONS).filter((name) => OPTIONS[name]!.of.includes(command))

function listOf(command: Command, declared: ParameterDeclarations): string {
  const own = Object.keys(declared).map((name) => `--${name}`)
  const names = namesOf(command).map((name) => `--${name}`)
  return `There is ${names.join(', ')}${own.length > 0 ? `, and of this job ${own.join(', ')}` : ''}.`
}

const usage = (what: string, cure: string): DstreamsError => new DstreamsError('DS_USAGE', { what, cure })
