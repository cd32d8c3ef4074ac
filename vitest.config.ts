import type { ViteUserConfig } from 'vitest/config'
import { runningEnvironment } from './tools/services/records.ts'

// Brokers that "npm run brokers" started are known to "npx vitest" too; what is set wins.
Object.assign(process.env, { ...runningEnvironment(), ...process.env })

// Tests import the packages' sources, so that no build is needed before them. The rest of the list
// is what Vite uses for Node when nothing is set: setting it replaces the defaults.
const conditions = ['@dashi/source', 'module', 'node', 'development|production']

const neverTests = ['**/node_modules/**', '**/dist/**', '.peers/**']

// The suites of conformance, and other tests in packages that talk to a real broker.
const withBroker = [
  'packages/*/src/**/*.conformance.test.ts',
  'packages/*/src/**/conformance.test.ts',
  '{packages/*/src,tools}/**/*.broker.test.ts',
]

interface ProjectOptions {
  readonly exclude?: readonly string[]
  readonly testTimeout?: number
}

function project(name: string, include: readonly string[], options: ProjectOptions = {}) {
  const { exclude = [], testTimeout = 30_000 } = options
  return {
    extends: true as const,
    test: {
      name,
      include: [...include],
      exclude: [...neverTests, ...exclude],
      testTimeout,
      hookTimeout: testTimeout,
    },
  }
}

const config: ViteUserConfig = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Children that a test forks inherit it, and so find the sources too.
    execArgv: ['--conditions=@dashi/source'],
    passWithNoTests: true,
    projects: [
      project('unit', ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts'], {
        exclude: withBroker,
        testTimeout: 10_000,
      }),
      project('conformance', withBroker),
      project('interop', ['tests/interop/**/*.test.ts'], { testTimeout: 60_000 }),
      project('e2e', ['{tests/e2e,tests/faults,examples,demo,benchmarks}/**/*.test.ts'], {
        testTimeout: 60_000,
      }),
    ],
  },
}

export default config
