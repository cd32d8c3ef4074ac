/**
 * Celery for TypeScript: a typed distributed task queue over any broker, on Celery's wire.
 *
 * @module
 */

export * from './app/app.ts'
export type { RemoteTask, Task } from './app/task.ts'
export type {
  QueueSetting,
  Route,
  RouteFunction,
  RouteSetting,
} from './configuration/routing-settings.ts'
export type { AppOptions, Settings } from './configuration/settings.ts'
export * from './errors.ts'
export * from './protocol/task-request.ts'
export { AsyncResult, type AsyncResultOptions, resultFromTuple } from './result/async-result.ts'
export { type DecodeExceptionOptions, decodeException } from './result/decode-exception.ts'
export { type EagerOutcome, EagerResult } from './result/eager-result.ts'
export { encodeException } from './result/encode-exception.ts'
export type { EncodedException } from './result/encoded-exception.ts'
export { GroupResult, type GroupResultOptions } from './result/group-result.ts'
export type { WaitOptions } from './result/ready-wait.ts'
export { restoreGroup } from './result/restore-group.ts'
export * from './result/result-meta.ts'
export type { GetOptions, ResultNode, ResultTuple } from './result/result-node.ts'
export { ResultSet } from './result/result-set.ts'
export type {
  MetaCodec,
  MetaListener,
  ResultAddress,
  ResultContext,
  ResultSession,
  ResultStore,
} from './result/result-store.ts'
export { filesystemResults } from './result/stores/filesystem-results.ts'
export {
  type MemoryResultsOptions,
  memoryResults,
  ResultMemory,
} from './result/stores/memory-results.ts'
export { rpcResults } from './result/stores/rpc-results.ts'
export * from './task/call-options.ts'
export * from './task/task-context.ts'
export * from './task/task-hooks.ts'
export * from './task/task-logger.ts'
export * from './task/task-options.ts'
export { type ConsoleLoggerOptions, consoleLogger } from './worker/console-logger.ts'
export * from './worker/worker.ts'
export type { AppModule, WorkerOptions } from './worker/worker-options.ts'
