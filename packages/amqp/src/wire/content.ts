/** Methods that carry a message, put together from their frames. Source: AMQP 0-9-1, 4.2.6. */
import { bodySizeOf } from './properties.ts'

/** Class and method as one number. */
export const basicReturn: number = (60 << 16) | 50
export const basicDeliver: number = (60 << 16) | 60
export const basicGetOk: number = (60 << 16) | 71
export const basicAck: number = (60 << 16) | 80
export const basicNack: number = (60 << 16) | 120
export const basicRecoverOk: number = (60 << 16) | 111

/** A method with its message. Nothing is decoded yet. */
export interface Content {
  readonly method: number
  /** The payload of the method frame. */
  readonly fields: Buffer
  /** The payload of the header frame. */
  readonly header: Buffer
  readonly body: Buffer
}

const noBody = Buffer.alloc(0)

/** What a channel is in the middle of receiving. */
export class ContentAssembly {
  readonly #method: number
  readonly #fields: Buffer
  #header: Buffer | undefined
  readonly #parts: Buffer[] = []
  #missingBytes = 0

  constructor(method: number, fields: Buffer) {
    this.#method = method
    this.#fields = fields
  }

  /** @returns the whole, when the message has no body. */
  addHeader(header: Buffer): Content | undefined {
    this.#header = header
    this.#missingBytes = bodySizeOf(header)
    return this.#missingBytes === 0 ? this.#content(header, noBody) : undefined
  }

  /** @returns the whole, with the last part. */
  addBody(part: Buffer): Content | undefined {
    const header = this.#header
    this.#missingBytes -= part.length
    if (header === undefined || this.#missingBytes < 0) throw new Error('A body was not announced')
    if (this.#missingBytes > 0) {
      this.#parts.push(part)
      return undefined
    }
    const isWhole = this.#parts.length === 0
    return this.#content(header, isWhole ? part : Buffer.concat([...this.#parts, part]))
  }

  #content(header: Buffer, body: Buffer): Content {
    return { method: this.#method, fields: this.#fields, header, body }
  }
}
