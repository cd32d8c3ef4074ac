/**
 * Results of tasks in Redis.
 *
 * @module
 */
export { type RedisResultsOptions, redisResults } from './redis-results.ts'
export { resultStoreFromUrl } from './result-store-from-url.ts'
