/** The test projects of `vitest.config.ts`, each with the brokers that its tests talk to. */
export const projectBrokers: Readonly<Record<string, readonly string[]>> = {
  unit: [],
  conformance: ['redis', 'python', 'rabbitmq', 'valkey'],
  interop: ['redis', 'python', 'rabbitmq'],
  e2e: ['redis', 'python', 'rabbitmq'],
}

/** The brokers that the projects need, each once. No projects means all of them. */
export function brokersFor(projects: readonly string[]): readonly string[] {
  const chosen = projects.length > 0 ? projects : Object.keys(projectBrokers)
  return [...new Set(chosen.flatMap((name) => projectBrokers[name] ?? []))]
}
