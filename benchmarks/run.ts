/**
 * `npm run bench -- NAME [--rounds N] [--out FILE]`: one question, everybody interleaved in one run.
 *
 * Each round measures every contender of every comparison once, in an order that turns with the round. A ratio is the median of
 * the ratios of the rounds. Lines are JSON; the last one is `{ bench, ratios, targetsMet }`.
 */
import { appendFile } from 'node:fs/promises'
import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import { installPeers } from './install-peers.ts'
import { measureInProcess } from './measurement.ts'
import { messagingEmbedded } from './messaging-embedded.ts'
import { messagingRedis } from './messaging-redis.ts'
import type { Comparison, Place, Question } from './question.ts'
import { median, ratios, rounded } from './ratios.ts'

const questions: readonly Question[] = [messagingRedis, messagingEmbedded]

interface Series {
  readonly ours: number[]
  readonly theirs: number[]
}

type Print = (line: object) => Promise<void>

async function ask(question: Question, rounds: number, print: Print): Promise<boolean> {
  await print({ bench: question.name, description: question.description, ...conditions(), rounds })
  if (question.comparisons.some(({ peer }) => peer === 'bullmq')) await installPeers()
  await using place = await question.open()
  const series = new Map(
    question.comparisons.map(({ name }) => [name, { ours: [], theirs: [] } as Series]),
  )
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
  const { name, peer, workload } = comparison
  const contenders = peer === undefined ? ['dashi'] : ['dashi', peer]
  for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
    await place.empty()
    const measured = await measureInProcess({ contender, url: place.urlOf(comparison), workload })
    const target = contender === 'dashi' ? series?.ours : series?.theirs
    target?.push(measured.perSecond)
    await print({
      workload: name,
      round,
      contender,
      perSecond: Math.round(measured.perSecond),
      cpuMicrosPerMessage: rounded(measured.cpuMicrosPerMessage),
    })
  }
}

async function conclude(
  question: Question,
  series: ReadonlyMap<string, Series>,
  print: Print,
): Promise<boolean> {
  const results: Record<string, number> = {}
  let targetsMet = true
  for (const { name, peer, atLeast } of question.comparisons) {
    const { ours, theirs } = series.get(name) ?? { ours: [], theirs: [] }
    const value =
      peer === undefined ? Math.round(median(ours)) : rounded(median(ratios(ours, theirs)))
    results[peer === undefined ? name : `${name} / ${peer}`] = value
    targetsMet &&= value >= rounded(atLeast)
  }
  await print({ bench: question.name, ratios: results, targetsMet })
  return targetsMet
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
  const question = questions.find(({ name }) => name === positionals[0])
  if (!question) {
    process.stderr.write(
      `Which benchmark? npm run bench -- NAME, with NAME one of: ${questions.map(({ name }) => name).join(', ')}\n`,
    )
    return 2
  }
  const { out } = values
  const print = async (line: object) => {
    process.stdout.write(`${JSON.stringify(line)}\n`)
    if (out !== undefined) await appendFile(out, `${JSON.stringify(line)}\n`)
  }
  return (await ask(question, Number(values.rounds), print)) ? 0 : 1
}

process.exitCode = await main()
