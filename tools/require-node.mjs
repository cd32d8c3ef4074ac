// Runs on any Node, so it uses only syntax that very old ones parse. It is the first thing that
// every npm script starts: the sources are TypeScript, which an older Node cannot run.
const wanted = 24
const found = Number(process.versions.node.split('.')[0])

if (found < wanted) {
  console.error(
    'Node ' +
      wanted +
      ' is needed, and this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\n' +
      'It comes with the dev dependencies: run "npm ci" without --omit=optional, and start\n' +
      'scripts with "npm run" or "npx", which find it. On a platform for which no such package\n' +
      'exists, install Node ' +
      wanted +
      ' or newer and try again.',
  )
  process.exit(1)
}
