/**
 * For authors of result stores, and of programs that read results without an app.
 *
 * @module
 */

export { TaskError } from './errors.ts'
export {
  type ExtendedMeta,
  type ResultMetaParts,
  resultMeta,
} from './result/make-result-meta.ts'
export { mayReplace } from './result/may-replace.ts'
export { type MetaCodecOptions, metaCodec } from './result/meta-codec.ts'
export { type OpenStoreOptions, openStore } from './result/open-store.ts'
export * from './result/result-meta.ts'
export * from './result/result-store.ts'
