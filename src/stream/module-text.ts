/** The text of the module in which a job is written, for what its constants hold (expression/outer.ts). */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** The file that calls a function, as it runs: for a program that was transformed on the way, what it was made of. */
export function callerOf(callee: Function): string | undefined {
  const { prepareStackTrace } = Error
  try {
    Error.prepareStackTrace = (_, sites) => sites
    const holder: { stack?: unknown } = {}
    Error.captureStackTrace(holder, callee)
    const [site] = holder.stack as NodeJS.CallSite[]
    return site?.getFileName() ?? undefined
  } catch {
    return undefined
  } finally {
    Error.prepareStackTrace = prepareStackTrace
  }
}

/** The text of a module as JavaScript, without its types; `undefined` where it can't be had. */
export function moduleText(file: string): string | undefined {
  try {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file
    const text = readFileSync(path, 'utf8')
    if (!/\.[cm]?tsx?$/.test(path)) return text
    const esbuild = createRequire(import.meta.url)('esbuild') as typeof import('esbuild')
    return esbuild.transformSync(text, { loader: path.endsWith('x') ? 'tsx' : 'ts', target: 'esnext' }).code
  } catch {
    // a file that is gone, or was never there: nothing is known of its constants
    return undefined
  }
}
