import { Connection, type FailoverStrategy, failoverStrategies } from '@dashi/messaging'

const [urls = 'redis://localhost:6399;sqla+sqlite:///examples.db'] = process.argv.slice(2)

/** The last of the list first: a strategy is any function from the list to endlessly many of its members. */
function* backwards(list: readonly string[]): Iterable<string> {
  for (;;) yield* list.toReversed()
}

const strategies: readonly FailoverStrategy[] = ['round-robin', 'shuffle', backwards]

console.log(Object.keys(failoverStrategies))
for (const failoverStrategy of strategies) {
  await using connection = new Connection(urls, { failoverStrategy })
  await connection.connect()
  console.log(`${connection}`)
}
