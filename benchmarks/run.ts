/**
 * `npm run bench -- NAME [--rounds N] [--out FILE]`: one question, everybody interleaved in one run.
 *
 * Each round measures every contender of every comparison once, in an order that turns with the round. A ratio is the median of
 * the ratios of the rounds. Lines are JSON; the last one is `{ bench, ratios, targetsMet }`.
 */
import { appendFile } from 'node:fs/promises'
import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import { askCodecs } from './codecs.ts'
import { installPeers } from './install-peers.ts'
import type { Measurement } from './measure.ts'
import { measureInProcess } from './measurement.ts'
import { messagingAmqp } from './messaging-amqp.ts'
import { messagingEmbedded } from './messaging-embedded.ts'
import { messagingRedis } from './messaging-redis.ts'
import type { Comparison, Place, Question } from './question.ts'
import { median, ratios, rounded } from './ratios.ts'

const questions: readonly Question[] = [messagingRedis, messagingAmqp, messagingEmbedded]

/** What came out of one comparison, by contender, round by round. */
type Series = Map<string, Measurement[]>

type Print = (line: object) => Promise<void>

const ours = 'dashi'

/** What needs no broker, nor processes of its own. */
async function askCodecsHere(rounds: number, print: Print): Promise<boolean> {
  const description =
    'Serializers, compressors and envelopes, each beside the plainest way to do as much'
  await print({ bench: 'codecs', description, ...conditions(), rounds })
  return await askCodecs(rounds, print)
}

async function ask(question: Question, rounds: number, print: Print): Promise<boolean> {
  await print({ bench: question.name, description: question.description, ...conditions(), rounds })
  if (question.comparisons.some(({ peers = [] }) => peers.length > 0)) await installPeers()
  await using place = await question.open()
  const series = new Map(question.comparisons.map(({ name }) => [name, new Map() as Series]))
  for (let round = 0; round < rounds; round += 1) {
    for (const comparison of question.comparisons) {
      await measureRound(comparison, { place, round, series: series.get(comparison.name), print })
    }
  }
  return await conclude(question, series, print)
}

interface Round {
  readonly place: Place
  readonly round: number
  readonly series: Series | undefined
  readonly print: Print
}

async function measureRound(
  comparison: Comparison,
  { place, round, series, print }: Round,
): Promise<void> {
  const { name, peers = [], workload } = comparison
  for (const contender of turned([ours, ...peers], round)) {
    await place.empty()
    const measured = await measureInProcess({ contender, url: place.urlOf(comparison), workload })
    series?.set(contender, [...(series.get(contender) ?? []), measured])
    await print({
      workload: name,
      round,
      contender,
      perSecond: Math.round(measured.perSecond),
      cpuMicrosPerMessage: rounded(measured.cpuMicrosPerMessage),
    })
  }
}

/** Everybody comes first as often as the others, and before each of them as often as behind. */
function turned(contenders: readonly string[], round: number): readonly string[] {
  const first = (round >> 1) % contenders.length
  const order = [...contenders.slice(first), ...contenders.slice(0, first)]
  return round % 2 === 0 ? order : order.toReversed()
}

async function conclude(
  question: Question,
  series: ReadonlyMap<string, Series>,
  print: Print,
): Promise<boolean> {
  const results: Record<string, number> = {}
  const cpuRatios: Record<string, number> = {}
  let targetsMet = true
  for (const { name, peers = [], atLeast } of question.comparisons) {
    const measured = series.get(name) ?? new Map()
    const speed = (contender: string) => perRound(measured, contender, 'perSecond')
    const cost = (contender: string) => perRound(measured, contender, 'cpuMicrosPerMessage')
    if (peers.length === 0) results[name] = Math.round(median(speed(ours)))
    for (const peer of peers) {
      results[`${name} / ${peer}`] = rounded(median(ratios(speed(ours), speed(peer))))
      cpuRatios[`${name} / ${peer}`] = rounded(median(ratios(cost(ours), cost(peer))))
    }
    // Each peer by itself: the better of two in every single round would be better than either is.
    const values = peers.length === 0 ? [name] : peers.map((peer) => `${name} / ${peer}`)
    targetsMet &&= values.every((value) => (results[value] ?? 0) >= rounded(atLeast))
  }
  await print({ bench: question.name, ratios: results, cpuRatios, targetsMet })
  return targetsMet
}
function perRound(series: Series, contender: string, figure: keyof Measurement): readonly number[] {
  return (series.get(contender) ?? []).map((measured) => measured[figure])
}

function conditions() {
  const [cpu] = cpus()
  return { node: process.version, cores: cpus().length, cpu: cpu?.model, kernel: release() }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '5' }, out: { type: 'string' } },
  })
  const [wanted] = positionals
  const question = questions.find(({ name }) => name === wanted)
  if (!question && wanted !== 'codecs') {
    const names = [...questions.map(({ name }) => name), 'codecs'].join(', ')
    process.stderr.write(`Which benchmark? npm run bench -- NAME, with NAME one of: ${names}\n`)
    return 2
  }
  const { out } = values
  const print = async (line: object) => {
    process.stdout.write(`${JSON.stringify(line)}\n`)
    if (out !== undefined) await appendFile(out, `${JSON.stringify(line)}\n`)
  }
  const rounds = Number(values.rounds)
  const isMet = question ? ask(question, rounds, print) : askCodecsHere(rounds, print)
  return (await isMet) ? 0 : 1
}

process.exitCode = await main()
