import { casesFor, type Subject } from '@dashi/conformance'
import type { Capabilities, ExchangeType, Transport } from '@dashi/messaging'

/** A line of the table: what is asked, how this transport answers, and how the other answer would be declared. */
interface Question {
  readonly name: string
  answer(capabilities: Capabilities): string
  opposite(capabilities: Capabilities): Partial<Capabilities>
}

const exchangeTypes: readonly ExchangeType[] = ['direct', 'fanout', 'topic', 'headers']
type Flag =
  | 'exchangeBindings'
  | 'messageTtl'
  | 'deadLetters'
  | 'leases'
  | 'sharedBindings'
  | 'heartbeats'

const questions: readonly Question[] = [
  ...exchangeTypes.map(exchangeQuestion),
  flagQuestion('exchange-to-exchange bindings', 'exchangeBindings'),
  flagQuestion('bindings seen by all connections', 'sharedBindings'),
  {
    name: 'priorities',
    answer: ({ priorities }) => (priorities ? priorities.replace('-', ' ') : 'no'),
    opposite: ({ priorities }) => ({ priorities: priorities ? false : 'high-first' }),
  },
  flagQuestion('expiry of messages', 'messageTtl'),
  flagQuestion('dead letters', 'deadLetters'),
  flagQuestion('what a killed process held comes back by itself', 'leases'),
  {
    name: 'what a confirmed message outlives',
    answer: ({ durability }) => outlived[durability],
    opposite: ({ durability }) => ({ durability: durability === 'none' ? 'broker' : 'none' }),
  },
  {
    name: '`requeue()` puts a message',
    answer: ({ requeue }) => requeue,
    opposite: ({ requeue }) => ({ requeue: requeue === 'first' ? 'last' : 'first' }),
  },
  flagQuestion('heartbeats of the protocol', 'heartbeats'),
]

const outlived: Readonly<Record<Capabilities['durability'], string>> = {
  none: 'nothing: it goes with the process',
  process: 'our processes',
  broker: 'our processes, and the broker as far as it is told to',
}

/**
 * What a transport declares, as a table in Markdown, each answer with the cases of the conformance suite that are there because
 * of it: those that the suite would not choose if the answer were the other one.
 */
export function capabilityTable(transport: Transport): string {
  const { capabilities } = transport
  const chosen = caseNames(transport, capabilities)
  const rows = questions.map(({ name, answer, opposite }) => {
    const others = new Set(caseNames(transport, { ...capabilities, ...opposite(capabilities) }))
    const proof = chosen.filter((one) => !others.has(one))
    return `| ${name} | ${answer(capabilities)} | ${listed(proof)} |`
  })
  return ['| | | what the suite tests because of it |', '| --- | --- | --- |', ...rows].join('\n')
}

function exchangeQuestion(type: ExchangeType): Question {
  return {
    name: `${type} exchanges`,
    answer: (capabilities) => (capabilities.exchangeTypes.includes(type) ? 'yes' : 'no'),
    opposite: (capabilities) => {
      const others = capabilities.exchangeTypes.filter((one) => one !== type)
      const isThere = others.length < capabilities.exchangeTypes.length
      return { exchangeTypes: isThere ? others : [...others, type] }
    },
  }
}

function flagQuestion(name: string, flag: Flag): Question {
  return {
    name,
    answer: (capabilities) => (capabilities[flag] ? 'yes' : 'no'),
    opposite: (capabilities) => ({ [flag]: !capabilities[flag] }),
  }
}

function caseNames(transport: Transport, capabilities: Capabilities): readonly string[] {
  // Cases of processes are chosen when there is a way to start one. None is run here.
  const process = { url: 'memory://', recoveryMs: 1 }
  const setup = { name: transport.name, create: () => transport, process }
  const subject: Subject = { setup, capabilities }
  return casesFor(subject).flatMap(({ cases }) => cases.map(({ name }) => name))
}

function listed(names: readonly string[]): string {
  const [first, second, ...rest] = names
  if (first === undefined) return '–'
  const more = rest.length === 0 ? '' : `; ${rest.length} more`
  return `${second === undefined ? first : `${first}; ${second}`}${more}`
}
