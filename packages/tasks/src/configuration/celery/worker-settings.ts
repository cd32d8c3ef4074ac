import type { CelerySetting } from './celery-setting.ts'

/** Settings of Celery about workers: `worker_…`. Source: celery/app/defaults.py, NAMESPACES. */
export const workerSettings: Readonly<Record<string, CelerySetting>> = {
  worker_agent: { old: 'CELERYD_AGENT', ignored: 'there is nothing of the kind in this worker' },
  worker_autoscaler: {
    old: 'CELERYD_AUTOSCALER',
    ignored: 'there is nothing of the kind in this worker',
  },
  worker_cancel_long_running_tasks_on_connection_loss: {
    old: 'CELERYD_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS',
    ignored: 'it is not part of this package yet',
  },
  worker_soft_shutdown_timeout: {
    old: 'CELERYD_SOFT_SHUTDOWN_TIMEOUT',
    to: 'workerSoftShutdownTimeoutMs',
    as: 'milliseconds',
  },
  worker_enable_soft_shutdown_on_idle: {
    old: 'CELERYD_ENABLE_SOFT_SHUTDOWN_ON_IDLE',
    ignored: 'it is not part of this package yet',
  },
  worker_concurrency: { old: 'CELERYD_CONCURRENCY', to: 'workerConcurrency', as: 'same' },
  worker_consumer: {
    old: 'CELERYD_CONSUMER',
    ignored: 'there is nothing of the kind in this worker',
  },
  worker_direct: { old: 'CELERY_WORKER_DIRECT', ignored: 'it is not part of this package yet' },
  worker_disable_rate_limits: {
    old: 'CELERY_DISABLE_RATE_LIMITS',
    to: 'workerDisableRateLimits',
    as: 'same',
  },
  worker_deduplicate_successful_tasks: {
    old: 'CELERYD_DEDUPLICATE_SUCCESSFUL_TASKS',
    ignored: 'it is not part of this package yet',
  },
  worker_enable_remote_control: {
    old: 'CELERY_ENABLE_REMOTE_CONTROL',
    ignored: 'remote control is not part of this package yet',
  },
  worker_hijack_root_logger: {
    old: 'CELERYD_HIJACK_ROOT_LOGGER',
    ignored: 'give the worker a logger',
  },
  worker_log_color: { old: 'CELERYD_LOG_COLOR', ignored: 'give the worker a logger' },
  worker_log_format: { old: 'CELERYD_LOG_FORMAT', ignored: 'give the worker a logger' },
  worker_lost_wait: {
    old: 'CELERYD_WORKER_LOST_WAIT',
    ignored: 'there is nothing of the kind in this worker',
  },
  worker_max_memory_per_child: {
    old: 'CELERYD_MAX_MEMORY_PER_CHILD',
    to: 'workerMaxMemoryPerChildBytes',
    as: 'bytes',
  },
  worker_max_tasks_per_child: {
    old: 'CELERYD_MAX_TASKS_PER_CHILD',
    to: 'workerMaxTasksPerChild',
    as: 'same',
  },
  worker_pool: { old: 'CELERYD_POOL', to: 'workerPool', as: 'pool' },
  worker_pool_putlocks: {
    old: 'CELERYD_POOL_PUTLOCKS',
    ignored: 'the pool takes no more than it can run',
  },
  worker_pool_restarts: {
    old: 'CELERYD_POOL_RESTARTS',
    ignored: 'remote control is not part of this package yet',
  },
  worker_proc_alive_timeout: {
    old: 'CELERYD_PROC_ALIVE_TIMEOUT',
    ignored: 'there is nothing of the kind in this worker',
  },
  worker_prefetch_multiplier: {
    old: 'CELERYD_PREFETCH_MULTIPLIER',
    to: 'workerPrefetchMultiplier',
    as: 'same',
  },
  worker_eta_task_limit: { old: 'CELERYD_ETA_TASK_LIMIT', to: 'workerEtaTaskLimit', as: 'same' },
  worker_enable_prefetch_count_reduction: {
    old: 'CELERYD_ENABLE_PREFETCH_COUNT_REDUCTION',
    ignored: 'there is nothing of the kind in this worker',
  },
  worker_disable_prefetch: {
    old: 'CELERYD_DISABLE_PREFETCH',
    ignored: 'set "workerPrefetchMultiplier" to 1',
  },
  worker_redirect_stdouts: { old: 'CELERY_REDIRECT_STDOUTS', ignored: 'give the worker a logger' },
  worker_redirect_stdouts_level: {
    old: 'CELERY_REDIRECT_STDOUTS_LEVEL',
    ignored: 'give the worker a logger',
  },
  worker_send_task_events: {
    old: 'CELERY_SEND_EVENTS',
    ignored: 'it is not part of this package yet',
  },
  worker_state_db: {
    old: 'CELERYD_STATE_DB',
    ignored: 'remote control is not part of this package yet',
  },
  worker_task_log_format: { old: 'CELERYD_TASK_LOG_FORMAT', ignored: 'give the worker a logger' },
  worker_timer: { old: 'CELERYD_TIMER', ignored: 'there is nothing of the kind in this worker' },
  worker_timer_precision: {
    old: 'CELERYD_TIMER_PRECISION',
    ignored: 'there is nothing of the kind in this worker',
  },
  worker_detect_quorum_queues: {
    old: 'CELERYD_DETECT_QUORUM_QUEUES',
    ignored: 'there is nothing of the kind in this worker',
  },
}
