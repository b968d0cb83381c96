/**
 * What npm runs after `npm install` in a clone, and before packing: builds the package and links its command.
 *
 * `npx dstreams` in a clone makes npm install the clone into its cache, which runs this again: then what is built is
 * good enough, and the user is waiting.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const isBuilt = existsSync(`${root}dist/cli/main.js`)
if (!(isBuilt && process.env.npm_command === 'exec'))
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
await import('./link-bin.mjs')
