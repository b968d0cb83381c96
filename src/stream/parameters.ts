/** A job's parameters: strings from outside, read as the job declares them. */
import { DstreamsError } from '../errors.ts'

type ParameterType = 'string' | 'number' | 'integer' | 'boolean'
interface Types {
  string: string
  number: number
  integer: number
  boolean: boolean
}
type Declaration =
  | ParameterType
  | { readonly type?: ParameterType; readonly default?: string | number | boolean }

/** Declared parameters by name; an empty object declares none and lets all be strings. */
export type ParameterDeclarations = { readonly [name: string]: Declaration }

/** Parameters as given: text, or values from a program. */
export type ParameterValues = { readonly [name: string]: string | number | boolean }

type TypeOf<D> = D extends ParameterType
  ? Types[D]
  : D extends { readonly type: infer T extends ParameterType }
    ? Types[T]
    : D extends { readonly default: infer V }
      ? V extends number
        ? number
        : V extends boolean
          ? boolean
          : string
      : string

/** What the job's function gets. */
export type ParametersOf<P> = keyof P extends never
  ? { readonly [name: string]: string }
  : { readonly [N in keyof P]: TypeOf<P[N]> }

/**
 * The parameters for a job's function. Reading one that was neither given nor has a default is an error that shows
 * what to add.
 */
export function readParameters(declared: ParameterDeclarations | undefined, given: ParameterValues): any {
  const declarations = declared && Object.keys(declared).length > 0 ? declared : undefined
  if (declarations)
    for (const name of Object.keys(given))
      if (!Object.hasOwn(declarations, name))
        throw new DstreamsError('DS_USAGE', {
          what: `The job has no parameter "${name}".`,
          cure: `It has: ${Object.keys(declarations).join(', ')}.`,
        })
  const values: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) values[name] = readOne(name, value, declarations?.[name])
  for (const [name, declaration] of Object.entries(declarations ?? {}))
    if (!Object.hasOwn(values, name) && typeof declaration === 'object' && declaration.default !== undefined)
      values[name] = declaration.default
  return new Proxy(Object.freeze(values), {
    get(target, name) {
      if (typeof name === 'symbol' || Object.hasOwn(target, name)) return Reflect.get(target, name)
      throw new DstreamsError('DS_USAGE', {
        what: `The job reads the parameter "${name}", which was not given.`,
        cure: `Add --param ${name}=... (in a program: params: { ${name}: ... }).`,
      })
    },
  })
}

const GIVE = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
} as const

function readOne(
  name: string,
  value: string | number | boolean,
  declaration: Declaration | undefined,
): unknown {
  const type = typeOfDeclaration(declaration)
  if (type === 'string') return String(value)
  const read = typeof value === 'string' ? readText(value, type) : value
  const fits = type === 'integer' ? Number.isSafeInteger(read) : typeof read === type && !Number.isNaN(read)
  if (fits) return read
  throw new DstreamsError('DS_USAGE', {
    what: `The parameter "${name}" is "${value}".`,
    cure: `Give ${GIVE[type]}.`,
  })
}

function typeOfDeclaration(declaration: Declaration | undefined): ParameterType {
  if (declaration === undefined) return 'string'
  if (typeof declaration === 'string') return declaration
  if (declaration.type) return declaration.type
  return declaration.default === undefined ? 'string' : (typeof declaration.default as ParameterType)
}

function readText(text: string, type: ParameterType): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  return text.trim() === '' ? Number.NaN : Number(text)
}
