import { spawn } from 'node:child_process'

/** What must hold for every commit, as name and command. */
const checks: Readonly<Record<string, string>> = {
  types: 'tsc -p tsconfig.check.json --pretty false',
  'lint and format': 'biome check --colors=off --max-diagnostics=200',
  layers: 'node tools/check-layers.ts',
  docs: 'node tools/check-docs.ts',
  capabilities: 'node --conditions=@dashi/source tools/check-capabilities.ts',
}

interface Outcome {
  readonly ok: boolean
  readonly output: string
  readonly seconds: number
}

function run(command: string): Promise<Outcome> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    // A shell, because the commands of npm packages are not executables on every platform.
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      const output = Buffer.concat(chunks).toString('utf8')
      resolve({ ok: code === 0, output, seconds: (performance.now() - started) / 1000 })
    })
  })
}

async function check(name: string, command: string): Promise<boolean> {
  const { ok, output, seconds } = await run(command)
  if (!ok) process.stdout.write(`\n--- ${name}: ${command}\n${output}\n`)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`)
  return ok
}

const results = await Promise.all(
  Object.entries(checks).map(([name, command]) => check(name, command)),
)
if (results.includes(false)) {
  console.log('\nNot ok. "npm run fix" mends what can be mended by a tool.')
  process.exitCode = 1
}
