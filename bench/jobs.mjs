/** Running a job to its end, with its output written to a directory that is thrown away. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../dist/index.js'

/** Runs what `define` makes of an output directory; returns the summary. */
export async function drained(jobOf, options = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'dstreams-bench-'))
  try {
    return await run(jobOf(directory), { until: 'drained', ...options }).finished
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
