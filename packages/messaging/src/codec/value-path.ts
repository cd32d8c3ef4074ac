/** Where a value is in a larger one, as an expression: `$.args[3]["x y"]`. */
export function pathText(path: readonly (string | number)[]): string {
  const parts = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`
    return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
  })
  return `$${parts.join('')}`
}
