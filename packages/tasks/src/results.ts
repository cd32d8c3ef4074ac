/**
 * For authors of result stores.
 *
 * @module
 */

export { TaskError } from './errors.ts'
export { mayReplace } from './result/may-replace.ts'
export { type MetaCodecOptions, metaCodec } from './result/meta-codec.ts'
export * from './result/result-meta.ts'
export * from './result/result-store.ts'
