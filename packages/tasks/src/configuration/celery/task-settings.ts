import type { CelerySetting } from './celery-setting.ts'

/** Settings of Celery about tasks: `task_…`. Source: celery/app/defaults.py, NAMESPACES. */
export const taskSettings: Readonly<Record<string, CelerySetting>> = {
  task_acks_late: { old: 'CELERY_ACKS_LATE', to: 'taskAcksLate', as: 'same' },
  task_acks_on_failure_or_timeout: {
    old: 'CELERY_ACKS_ON_FAILURE_OR_TIMEOUT',
    to: 'taskAcksOnFailureOrTimeout',
    as: 'same',
  },
  task_acks_on_failure: {
    old: 'CELERY_ACKS_ON_FAILURE',
    ignored: 'tasks say it in their own options',
  },
  task_acks_on_timeout: {
    old: 'CELERY_ACKS_ON_TIMEOUT',
    ignored: 'tasks say it in their own options',
  },
  task_always_eager: { old: 'CELERY_ALWAYS_EAGER', to: 'taskAlwaysEager', as: 'same' },
  task_annotations: { old: 'CELERY_ANNOTATIONS', ignored: 'tasks say it in their own options' },
  task_compression: { old: 'CELERY_MESSAGE_COMPRESSION', to: 'taskCompression', as: 'same' },
  task_create_missing_queues: {
    old: 'CELERY_CREATE_MISSING_QUEUES',
    to: 'taskCreateMissingQueues',
    as: 'same',
  },
  task_create_missing_queue_type: {
    old: 'CELERY_CREATE_MISSING_QUEUE_TYPE',
    ignored: 'configure the queue in "taskQueues"',
  },
  task_create_missing_queue_exchange_type: {
    old: 'CELERY_CREATE_MISSING_QUEUE_EXCHANGE_TYPE',
    to: 'taskCreateMissingQueueExchangeType',
    as: 'same',
  },
  task_inherit_parent_priority: {
    old: 'CELERY_INHERIT_PARENT_PRIORITY',
    ignored: 'it is not part of this package yet',
  },
  task_default_delivery_mode: {
    old: 'CELERY_DEFAULT_DELIVERY_MODE',
    to: 'taskDefaultDeliveryMode',
    as: 'deliveryMode',
  },
  task_default_queue: { old: 'CELERY_DEFAULT_QUEUE', to: 'taskDefaultQueue', as: 'same' },
  task_default_queue_type: {
    old: 'CELERY_DEFAULT_QUEUE_TYPE',
    to: 'taskDefaultQueueType',
    as: 'same',
  },
  task_default_exchange: { old: 'CELERY_DEFAULT_EXCHANGE', to: 'taskDefaultExchange', as: 'same' },
  task_default_exchange_type: {
    old: 'CELERY_DEFAULT_EXCHANGE_TYPE',
    to: 'taskDefaultExchangeType',
    as: 'same',
  },
  task_default_routing_key: {
    old: 'CELERY_DEFAULT_ROUTING_KEY',
    to: 'taskDefaultRoutingKey',
    as: 'same',
  },
  task_default_rate_limit: {
    old: 'CELERY_DEFAULT_RATE_LIMIT',
    to: 'taskDefaultRateLimit',
    as: 'same',
  },
  task_default_priority: { old: 'CELERY_DEFAULT_PRIORITY', to: 'taskDefaultPriority', as: 'same' },
  task_eager_propagates: {
    old: 'CELERY_EAGER_PROPAGATES_EXCEPTIONS',
    ignored: 'it is not part of this package yet',
  },
  task_ignore_result: { old: 'CELERY_IGNORE_RESULT', to: 'taskIgnoreResult', as: 'same' },
  task_store_eager_result: {
    old: 'CELERY_STORE_EAGER_RESULT',
    ignored: 'it is not part of this package yet',
  },
  task_protocol: { old: 'CELERY_TASK_PROTOCOL', to: 'taskProtocol', as: 'same' },
  task_publish_retry: { old: 'CELERY_TASK_PUBLISH_RETRY', to: 'taskPublishRetry', as: 'same' },
  task_publish_retry_policy: {
    old: 'CELERY_TASK_PUBLISH_RETRY_POLICY',
    ignored: 'calls say it in "retryPolicy"',
  },
  task_queues: { old: 'CELERY_QUEUES', to: 'taskQueues', as: 'queues' },
  task_queue_max_priority: {
    old: 'CELERY_QUEUE_MAX_PRIORITY',
    to: 'taskQueueMaxPriority',
    as: 'same',
  },
  task_reject_on_worker_lost: {
    old: 'CELERY_REJECT_ON_WORKER_LOST',
    to: 'taskRejectOnWorkerLost',
    as: 'same',
  },
  task_remote_tracebacks: {
    old: 'CELERY_REMOTE_TRACEBACKS',
    ignored: 'errors carry the traceback of the worker always',
  },
  task_routes: { old: 'CELERY_ROUTES', to: 'taskRoutes', as: 'routes' },
  task_send_sent_event: {
    old: 'CELERY_SEND_TASK_SENT_EVENT',
    ignored: 'it is not part of this package yet',
  },
  task_serializer: { old: 'CELERY_TASK_SERIALIZER', to: 'taskSerializer', as: 'same' },
  task_soft_time_limit: {
    old: 'CELERYD_TASK_SOFT_TIME_LIMIT',
    to: 'taskSoftTimeLimitMs',
    as: 'milliseconds',
  },
  task_time_limit: { old: 'CELERYD_TASK_TIME_LIMIT', to: 'taskTimeLimitMs', as: 'milliseconds' },
  task_store_errors_even_if_ignored: {
    old: 'CELERY_STORE_ERRORS_EVEN_IF_IGNORED',
    to: 'taskStoreErrorsEvenIfIgnored',
    as: 'same',
  },
  task_track_started: { old: 'CELERY_TRACK_STARTED', to: 'taskTrackStarted', as: 'same' },
  task_allow_error_cb_on_chord_header: {
    old: 'CELERY_ALLOW_ERROR_CB_ON_CHORD_HEADER',
    ignored: 'chords are not part of this package yet',
  },
}
