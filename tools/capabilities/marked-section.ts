const begin = '<!-- capabilities: written by "npm run capabilities" -->'
const end = '<!-- end of capabilities -->'

/**
 * The page with this text between its two markers.
 *
 * @returns `undefined` when the page does not have both, in order.
 */
export function withSection(page: string, text: string): string | undefined {
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from === -1 || to === -1) return undefined
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`
}
