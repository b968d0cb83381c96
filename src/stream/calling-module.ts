/**
 * The text of the module that a job is written in, for what its functions use from outside.
 *
 * Where the module is comes from the stack of the call of `job`. It is read only when a function needs it, and only if
 * the file is the one that was there then: what was loaded must be what is read. TypeScript's types are taken out.
 */
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The text of the module that calls `callee`, as JavaScript, when it is asked for; `undefined` where it isn't known. */
export function callingModule(callee: Function): () => string | undefined {
  const path = pathOf(callee)
  const version = path === undefined ? undefined : versionOf(path)
  let text: { readonly value: string | undefined } | undefined
  return () => {
    text ??= { value: path === undefined || version === undefined ? undefined : textOf(path, version) }
    return text.value
  }
}

/** The file that calls a function. */
function pathOf(callee: Function): string | undefined {
  const { prepareStackTrace } = Error
  try {
    Error.prepareStackTrace = (_, sites) => sites
    const holder: { stack?: unknown } = {}
    Error.captureStackTrace(holder, callee)
    const [site] = holder.stack as readonly NodeJS.CallSite[]
    const name = site?.getFileName() ?? undefined
    return name?.startsWith('file:') ? fileURLToPath(name) : name
  } catch {
    return undefined
  } finally {
    Error.prepareStackTrace = prepareStackTrace
  }
}

/** What changes when a file is written. */
function versionOf(path: string): string | undefined {
  const { mtimeMs, size, ino } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return mtimeMs === undefined ? undefined : `${mtimeMs} ${size} ${ino}`
}

const LOADERS = { '.ts': 'ts', '.mts': 'ts', '.cts': 'ts', '.tsx': 'tsx', '.jsx': 'jsx' } as const
function textOf(path: string, version: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    if (versionOf(path) !== version) return undefined
    const loader = LOADERS[extname(path) as keyof typeof LOADERS] as (typeof LOADERS)['.ts'] | undefined
    if (!loader) return text
    const esbuild = createRequire(import.meta.url)('esbuild') as typeof import('esbuild')
    return esbuild.transformSync(text, { loader, target: 'esnext', charset: 'utf8' }).code
  } catch {
    // gone, or nothing that can be read: then nothing is known, and functions run as JavaScript
    return undefined
  }
}
