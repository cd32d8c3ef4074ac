/** A plugin for TypeDoc: modules have the names by which they are imported. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Converter, ReflectionKind } from 'typedoc'

const root = join(import.meta.dirname, '..', '..')

/** Called by TypeDoc. */
export function load(app) {
  const names = importNames()
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = names.get(module.sources?.[0]?.fullFileName) ?? module.name
    }
  })
}

/** From the source file of an entry point to what one writes to import it. */
function importNames() {
  const entries = globSync('packages/*/package.json', { cwd: root }).flatMap((path) => {
    const { name, exports = {} } = JSON.parse(readFileSync(join(root, path), 'utf8'))
    return Object.entries(exports).map(([entry, target]) => [
      join(root, dirname(path), target['@dashi/source'] ?? ''),
      name + entry.slice(1),
    ])
  })
  return new Map(entries)
}
