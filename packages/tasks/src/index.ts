/**
 * Celery for TypeScript: a typed distributed task queue over any broker, on Celery's wire.
 *
 * @module
 */

export * from './errors.ts'
export * from './protocol/task-request.ts'
export * from './result/result-meta.ts'
export * from './task/call-options.ts'
export * from './task/task-context.ts'
export * from './task/task-hooks.ts'
export * from './task/task-logger.ts'
export * from './task/task-options.ts'
