import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  // a test that imports `dstreams` tests the source; the built package has tests of its own (tests/package)
  resolve: { alias: [{ find: /^dstreams$/, replacement: at('src/index.ts') }] },
  test: {
    include: ['tests/**/*.test.ts'],
    // a process for each file: DuckDB's threads, signals and standard input are the process's own
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // a test that was left running alone by accident must not pass for all of them
    allowOnly: !process.env.CI,
  },
})
