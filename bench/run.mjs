/**
 * The benchmarks: `npm run bench`, or one of them by name: `npm run bench -- wordcount`.
 *
 * Each prints what was measured and the ratio to a rival in the same run; only ratios carry over between machines.
 */
import { execSync } from 'node:child_process'
import { cpus } from 'node:os'
import { grep } from './grep.mjs'
import { lambdas } from './lambdas.mjs'
import { records } from './running.mjs'
import { small } from './small-intervals.mjs'
import { wordcount } from './wordcount.mjs'

const benchmarks = { grep, wordcount, running: records, small, lambdas }
const asked = process.argv.slice(2)
for (const name of asked)
  if (!(name in benchmarks))
    throw new Error(`no benchmark "${name}"; there are ${Object.keys(benchmarks).join(', ')}`)

const commit = execSync('git rev-parse --short HEAD', { encoding: 'utf8' }).trim()
console.log(
  `dstreams ${commit}, Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}`,
)
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.log(`\n## ${name}`)
  for (const [what, value, target] of await benchmark())
    console.log(`${what.padEnd(58)} ${String(value).padStart(12)}${target ? `   target ${target}` : ''}`)
}
