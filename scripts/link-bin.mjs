/**
 * Makes `npx dstreams` work inside a clone: npm links the commands of dependencies, not the package's own.
 *
 * Runs after the build, as part of `npm install` (package.json, "prepare"). In a package that was installed as a
 * dependency it does nothing: there npm has made the link.
 */
import { chmod, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const target = join(root, 'dist', 'cli', 'main.js')
const folder = join(root, 'node_modules', '.bin')

const isDependency = basename(dirname(root)) === 'node_modules'
const isBuilt = await stat(target).then(
  () => true,
  () => false,
)

if (!isDependency && isBuilt) {
  await chmod(target, 0o755)
  await mkdir(folder, { recursive: true })
  if (process.platform === 'win32') {
    await writeFile(join(folder, 'dstreams.cmd'), '@node "%~dp0\\..\\..\\dist\\cli\\main.js" %*\r\n')
  } else {
    const link = join(folder, 'dstreams')
    await rm(link, { force: true })
    await symlink('../../dist/cli/main.js', link)
  }
}
