/** What all parts of the client share: where the API is, and which virtual host is meant. */
import { ask, type ManagementPlace, type ManagementRequest } from './request.ts'

/** A JSON object of the API. */
export type ApiRecord = Readonly<Record<string, unknown>>

/** Asks, and checks the shape of the answer. */
export class ManagementApi {
  readonly virtualHost: string
  readonly #place: ManagementPlace

  constructor(place: ManagementPlace, virtualHost: string) {
    this.#place = place
    this.virtualHost = virtualHost
  }

  async list(request: Omit<ManagementRequest, 'method'>): Promise<readonly ApiRecord[]> {
    const answer = await ask(this.#place, { ...request, method: 'GET' })
    return Array.isArray(answer) ? answer : []
  }

  async get(request: Omit<ManagementRequest, 'method'>): Promise<ApiRecord> {
    const answer = await ask(this.#place, { ...request, method: 'GET' })
    // The API's own documentation says that it is an object.
    return (answer ?? {}) as ApiRecord
  }

  async put(request: Omit<ManagementRequest, 'method'>): Promise<void> {
    await ask(this.#place, { ...request, method: 'PUT' })
  }

  async post(request: Omit<ManagementRequest, 'method'>): Promise<void> {
    await ask(this.#place, { ...request, method: 'POST' })
  }

  async delete(request: Omit<ManagementRequest, 'method'>): Promise<void> {
    await ask(this.#place, { ...request, method: 'DELETE' })
  }
}

export function textIn(record: ApiRecord, name: string): string {
  const value = record[name]
  return typeof value === 'string' ? value : ''
}

export function numberIn(record: ApiRecord, name: string): number {
  const value = record[name]
  return typeof value === 'number' ? value : 0
}

export function recordIn(record: ApiRecord, name: string): ApiRecord {
  const value = record[name]
  // Narrowed to an object just before; what is in it is unknown.
  return typeof value === 'object' && value !== null ? (value as ApiRecord) : {}
}

/** Tags are a list, and were a text with commas before RabbitMQ 3.9. */
export function wordsIn(record: ApiRecord, name: string): readonly string[] {
  const value = record[name]
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' && value !== '' ? value.split(',') : []
}
