/**
 * For authors of result stores.
 *
 * @module
 */

export { TaskError } from './errors.ts'
export * from './result/result-meta.ts'
export * from './result/result-store.ts'
