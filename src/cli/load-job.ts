/**
 * A job file as a job: TypeScript or JavaScript, no build step by the user.
 *
 * The user's own files are bundled into one module, types stripped, names and line breaks kept, with a source map so
 * that errors show the user's own lines. Packages are not bundled: each import of one becomes the address of the file
 * that it resolves to from the file that imports it. `dstreams` is always the package that is running, so that a job
 * and the command that runs it never are two copies. The module is written to a temporary directory, imported, and
 * removed.
 */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type {
  BuildFailure,
  BuildOptions,
  Message,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
  PluginBuild,
} from 'esbuild'
import { DstreamsError, messageOf } from '../errors.ts'
import { isJob, type Job } from '../stream/job.ts'

/** Loads the job that is the default export of a file. */
export async function loadJob(file: string): Promise<Job> {
  const path = resolve(file)
  await checkFile(file, path)
  const text = await bundle(file, path)
  const exports = await importText(text, file)
  // what was imported is gone by now, and the job may ask what its constants hold
  if (isJob(exports.default)) return Object.freeze({ ...exports.default, module: () => text })
  const found = Object.entries(exports).map(([name, value]) => (isJob(value) ? `${name} (a job)` : name))
  throw jobFileError(
    exports.default === undefined
      ? `${file} has no default export; it exports ${found.length > 0 ? found.join(', ') : 'nothing'}.`
      : `The default export of ${file} is ${kindOf(exports.default)}, not a job.`,
    "Write: export default job('name', { interval: '1s' }, (s, params) => ...)",
  )
}

async function checkFile(file: string, path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined)
  if (stats?.isFile()) return
  const what = stats ? `${file} is not a file.` : `There is no file ${file} in ${process.cwd()}.`
  throw jobFileError(what, 'Give the path of a job file: dstreams run job.ts')
}

/** What a value is, in a word or two. */
const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : value instanceof Promise
      ? 'a promise'
      : Array.isArray(value)
        ? 'a list'
        : typeof value === 'object'
          ? 'an object'
          : `a ${typeof value}`

/** Bundles the user's own files. */
async function bundle(file: string, path: string): Promise<string> {
  const { build } = await import('esbuild')
  const options = {
    entryPoints: [path],
    bundle: true,
    write: false,
    // sources in the map are relative to this
    outfile: join(dirname(path), 'job.mjs'),
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: [],
    charset: 'utf8',
    sourcemap: 'inline',
    logLevel: 'silent',
    // the module runs from a temporary directory; the user's own place is where the job file is
    define: {
      'import.meta.url': JSON.stringify(pathToFileURL(path).href),
      'import.meta.filename': JSON.stringify(path),
      'import.meta.dirname': JSON.stringify(dirname(path)),
    },
    plugins: [packagesStayOutside],
  } satisfies BuildOptions
  try {
    return (await build(options)).outputFiles[0]!.text.replace(MAP, (_, map: string) =>
      absoluteSources(map, dirname(path)),
    )
  } catch (cause) {
    const [first, ...others] = (cause as BuildFailure).errors ?? []
    if (!first) throw cause
    const more = others.length > 0 ? ` (and ${others.length} more)` : ''
    throw jobFileError(`${placeOf(first, file)}: ${first.text}${more}.`, 'Mend the job file.', cause)
  }
}

const MAP = /(?<=^\/\/# sourceMappingURL=data:application\/json;base64,)(\S+)\s*$/m

/** The module is not where the map's relative sources begin, so they become absolute. */
function absoluteSources(map: string, directory: string): string {
  const parsed = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] }
  parsed.sources = parsed.sources.map((source) => pathToFileURL(resolve(directory, source)).href)
  return `${Buffer.from(JSON.stringify(parsed)).toString('base64')}\n`
}

function placeOf({ location }: Message, file: string): string {
  if (!location) return file
  return `${relative(process.cwd(), resolve(location.file))}:${location.line}:${location.column + 1}`
}

const BUILTINS = new Set(builtinModules)
const RESOLVED = Symbol('resolved by this plugin')

const packagesStayOutside: Plugin = {
  name: 'packages-stay-outside',
  setup(build) {
    build.onResolve({ filter: /.*/ }, (args) => resolveImport(build, args))
  },
}

async function resolveImport(build: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult | undefined> {
  const { path, kind, resolveDir, importer, pluginData } = args
  if (
    kind === 'entry-point' ||
    pluginData === RESOLVED ||
    /^\.{0,2}\//.test(path) ||
    path === '.' ||
    path === '..'
  )
    return undefined
  if (path.startsWith('node:') || BUILTINS.has(path)) return { path, external: true }
  if (path.startsWith('file:') || path.startsWith('data:')) return { path, external: true }
  if (path === 'dstreams') return { path: new URL('../index.js', import.meta.url).href, external: true }
  if (path.startsWith('dstreams/')) return { path: import.meta.resolve(path), external: true }
  const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: RESOLVED })
  if (found.errors.length > 0) return { errors: found.errors }
  // a path alias or a workspace of the user's own is bundled like any other of their files
  if (found.external || !found.path.split(sep).includes('node_modules'))
    return { path: found.path, external: found.external }
  return { path: pathToFileURL(found.path).href, external: true }
}

/** Imports a module that is text. */
async function importText(text: string, file: string): Promise<Record<string, unknown>> {
  const directory = await mkdtemp(join(tmpdir(), 'dstreams-job-'))
  try {
    const path = join(directory, 'job.mjs')
    await writeFile(path, text)
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (cause) {
    if (cause instanceof DstreamsError) throw cause
    throw jobFileError(
      `${file} failed while it was loaded: ${messageOf(cause)}${lineOf(cause, file)}.`,
      'Mend the job file, or add --verbose for the stack.',
      cause,
    )
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** ` (line 3)`: where in the job file something was thrown, if its stack tells. */
function lineOf(thrown: unknown, file: string): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const path = resolve(file)
  const frame = stack.split('\n').find((line) => line.includes(`${path}:`))
  const line = frame && /:(\d+):\d+\)?$/.exec(frame)?.[1]
  return line ? ` (line ${line})` : ''
}

const jobFileError = (what: string, cure: string, cause?: unknown): DstreamsError =>
  new DstreamsError('DS_JOB_FILE', { what, cure, cause })
