/** Makes sure that the Pythons on the other end exist, installing them where they do not. */
import { broker } from '../../tools/brokers/python.ts'

/** Sets the variables that `findPython()` reads, unless they lead somewhere already. */
export async function preparePythons(): Promise<void> {
  const environment: Record<string, string> = {}
  for (const name of broker.variables) environment[name] = process.env[name] ?? ''
  if (await broker.isUp(environment)) return
  const started = await broker.start()
  Object.assign(process.env, started.environment)
}
