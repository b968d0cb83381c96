/**
 * Text files as sources: each file that matches a glob is a partition. Files may come, grow, be rotated and go while
 * the job runs (file-cuts.ts). A file whose name ends with `.gz` is unpacked, and read once, whole.
 */
import { DstreamsError } from '../errors.ts'
import { type Infer, resolveSchema, type SchemaLike } from '../schema/literal.ts'
import { STRING } from '../schema/type.ts'
import { structTypeOf } from './decode.ts'
import { FileCuts } from './file-cuts.ts'
import { isPlainPath, listFiles } from './file-listing.ts'
import { checkOptions, type SourceOptions, wrong } from './limits.ts'
import type { TextFormat } from './record-scan.ts'
import type { OpenSource, Source, SourceContext } from './source.ts'

export { BYTES_PER_INTERVAL } from './file-cuts.ts'

/**
 * The lines of the files that match a glob.
 * @example
 * s.from(textFiles('logs/*.log')).filter((line) => line.includes('ERROR'))
 */
export function textFiles(glob: string, options: SourceOptions = {}): Source<string> {
  return files('textFiles', 'lines', glob, options, { type: STRING, validate: undefined })
}

/**
 * The records of files with one JSON value per line.
 * @example
 * s.from(ndjsonFiles('in/*.ndjson', { user: 'string', ms: 'number', at: 'timestamp' }))
 */
export function ndjsonFiles<const S extends SchemaLike>(
  glob: string,
  schema: S,
  options: SourceOptions = {},
): Source<Infer<S>> {
  return files('ndjsonFiles', 'ndjson', glob, options, resolveSchema(schema))
}

/**
 * The records of CSV files: comma separated, the first line names the columns. Columns the schema does not name are
 * left out; a field without a column is null. Cells are read strictly: see csv-cells.ts.
 * @example
 * s.from(csvFiles('in/*.csv', { id: 'integer', city: 'string?' }, { perInterval: { files: 10 } }))
 */
export function csvFiles<const S extends SchemaLike>(
  glob: string,
  schema: S,
  options: SourceOptions = {},
): Source<Infer<S>> {
  const resolved = resolveSchema(schema)
  structTypeOf(resolved.type)
  return files('csvFiles', 'csv', glob, options, resolved)
}

function files<T>(
  kind: string,
  format: TextFormat,
  glob: string,
  options: SourceOptions,
  { type, validate }: ReturnType<typeof resolveSchema>,
): Source<T> {
  checkOptions(kind, options, { limits: ['files', 'records', 'bytes'] })
  if (typeof glob !== 'string' || glob === '') {
    throw wrong(kind, 'glob', glob, 'a path or a glob', 'Write for example `logs/*.log`.')
  }
  return {
    kind,
    detail: glob,
    type,
    ...(validate && { validate }),
    format,
    onReject: options.onReject ?? 'keep',
    canEnd: true,
    isFinite: false,
    open: (context) => openFiles(glob, format, options, context),
  }
}

async function openFiles(
  glob: string,
  format: TextFormat,
  options: SourceOptions,
  context: SourceContext,
): Promise<OpenSource> {
  const found = await listFiles(glob, context.directory)
  if (found.length === 0 && isPlainPath(glob)) {
    throw new DstreamsError('DS_SOURCE', {
      what: `There is no file ${glob} in ${context.directory}.`,
      cure: 'Check the path; a glob such as `logs/*.log` may match files that come later.',
    })
  }
  if (found.length === 0) context.warn(`no file matches ${glob} yet`)
  return new FileCuts(glob, format, options.perInterval ?? {}, context)
}
