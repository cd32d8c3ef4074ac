import { messagingLayers } from './rules.ts'

/**
 * Why an import inside `messaging` goes the wrong way, or `undefined` when it does not.
 *
 * @param from and `to` are paths relative to `packages/messaging/src`, with `/`.
 */
export function messagingViolation(from: string, to: string): string | undefined {
  const low = layerOf(from)
  const high = layerOf(to)
  if (high <= low) return undefined
  return `inside messaging, "${unitOf(from)}" (layer ${low}) may not import "${unitOf(to)}" (layer ${high}); imports go to the same layer or a lower one, see tools/layers/rules.ts`
}

function layerOf(path: string): number {
  const unit = unitOf(path)
  const bare = unit.replace(/(\.ts|\/)$/, '')
  const listed = messagingLayers.findIndex((layer) => layer.includes(unit) || layer.includes(bare))
  return listed >= 0 ? listed : messagingLayers.findIndex((layer) => layer.includes('*'))
}

/** The first part of the path: `errors.ts`, or `codec/` for everything in that folder. */
function unitOf(path: string): string {
  const slash = path.indexOf('/')
  return slash < 0 ? path : path.slice(0, slash + 1)
}
