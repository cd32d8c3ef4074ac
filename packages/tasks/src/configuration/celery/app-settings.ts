import type { CelerySetting } from './celery-setting.ts'

/** Settings of Celery about the app, its broker and what belongs to neither tasks nor results. Source: celery/app/defaults.py, NAMESPACES. */
export const appSettings: Readonly<Record<string, CelerySetting>> = {
  accept_content: { old: 'CELERY_ACCEPT_CONTENT', to: 'acceptContent', as: 'same' },
  enable_utc: { old: 'ENABLE_UTC', ignored: 'times are UTC always' },
  imports: {
    old: 'CELERY_IMPORTS',
    ignored: 'import the modules of the tasks where the app is made',
  },
  include: {
    old: 'CELERY_INCLUDE',
    ignored: 'import the modules of the tasks where the app is made',
  },
  timezone: { old: 'CELERY_TIMEZONE', to: 'timezone', as: 'same' },
  beat_max_loop_interval: {
    old: 'CELERYBEAT_MAX_LOOP_INTERVAL',
    ignored: 'schedules are not part of this package yet',
  },
  beat_schedule: {
    old: 'CELERYBEAT_SCHEDULE',
    ignored: 'schedules are not part of this package yet',
  },
  beat_scheduler: {
    old: 'CELERYBEAT_SCHEDULER',
    ignored: 'schedules are not part of this package yet',
  },
  beat_schedule_filename: {
    old: 'CELERYBEAT_SCHEDULE_FILENAME',
    ignored: 'schedules are not part of this package yet',
  },
  beat_sync_every: {
    old: 'CELERYBEAT_SYNC_EVERY',
    ignored: 'schedules are not part of this package yet',
  },
  beat_cron_starting_deadline: {
    old: 'CELERYBEAT_CRON_STARTING_DEADLINE',
    ignored: 'schedules are not part of this package yet',
  },
  broker_url: { old: 'BROKER_URL', to: 'brokerUrl', as: 'same' },
  broker_read_url: {
    old: 'BROKER_READ_URL',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_write_url: {
    old: 'BROKER_WRITE_URL',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_transport: {
    old: 'BROKER_TRANSPORT',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_transport_options: {
    old: 'BROKER_TRANSPORT_OPTIONS',
    to: 'brokerOptions',
    as: 'transportOptions',
  },
  broker_connection_timeout: {
    old: 'BROKER_CONNECTION_TIMEOUT',
    to: 'brokerOptions',
    as: 'connectTimeout',
  },
  broker_connection_retry: {
    old: 'BROKER_CONNECTION_RETRY',
    ignored: 'a lost connection always comes back',
  },
  broker_connection_retry_on_startup: {
    old: 'BROKER_CONNECTION_RETRY_ON_STARTUP',
    ignored: 'a connection is tried again until its deadline',
  },
  broker_connection_max_retries: {
    old: 'BROKER_CONNECTION_MAX_RETRIES',
    ignored: 'a lost connection comes back for as long as it takes',
  },
  broker_channel_error_retry: {
    old: 'BROKER_CHANNEL_ERROR_RETRY',
    ignored: 'the connection tells them apart by itself',
  },
  broker_failover_strategy: {
    old: 'BROKER_FAILOVER_STRATEGY',
    to: 'brokerOptions',
    as: 'failoverStrategy',
  },
  broker_heartbeat: { old: 'BROKER_HEARTBEAT', ignored: 'say it in the URL, ?heartbeat=' },
  broker_heartbeat_checkrate: {
    old: 'BROKER_HEARTBEAT_CHECKRATE',
    ignored: 'heartbeats are kept by the connection',
  },
  broker_login_method: {
    old: 'BROKER_LOGIN_METHOD',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_native_delayed_delivery_queue_type: {
    old: 'BROKER_NATIVE_DELAYED_DELIVERY_QUEUE_TYPE',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_pool_limit: {
    old: 'BROKER_POOL_LIMIT',
    ignored: 'one connection is enough: publishes share it',
  },
  broker_pool_acquire_timeout: {
    old: 'BROKER_POOL_ACQUIRE_TIMEOUT',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_use_ssl: {
    old: 'BROKER_USE_SSL',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_host: {
    old: 'BROKER_HOST',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_port: {
    old: 'BROKER_PORT',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_user: {
    old: 'BROKER_USER',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_password: {
    old: 'BROKER_PASSWORD',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  broker_vhost: {
    old: 'BROKER_VHOST',
    ignored: 'say it in the URL of "brokerUrl", or in "brokerOptions"',
  },
  control_queue_ttl: {
    old: 'CONTROL_QUEUE_TTL',
    ignored: 'remote control is not part of this package yet',
  },
  control_queue_expires: {
    old: 'CONTROL_QUEUE_EXPIRES',
    ignored: 'remote control is not part of this package yet',
  },
  control_queue_exclusive: {
    old: 'CONTROL_QUEUE_EXCLUSIVE',
    ignored: 'remote control is not part of this package yet',
  },
  control_queue_durable: {
    old: 'CONTROL_QUEUE_DURABLE',
    ignored: 'remote control is not part of this package yet',
  },
  control_exchange: {
    old: 'CONTROL_EXCHANGE',
    ignored: 'remote control is not part of this package yet',
  },
  event_queue_expires: {
    old: 'CELERY_EVENT_QUEUE_EXPIRES',
    ignored: 'events are not part of this package yet',
  },
  event_queue_ttl: {
    old: 'CELERY_EVENT_QUEUE_TTL',
    ignored: 'events are not part of this package yet',
  },
  event_queue_prefix: {
    old: 'CELERY_EVENT_QUEUE_PREFIX',
    ignored: 'events are not part of this package yet',
  },
  event_queue_exclusive: {
    old: 'CELERY_EVENT_QUEUE_EXCLUSIVE',
    ignored: 'events are not part of this package yet',
  },
  event_queue_durable: {
    old: 'CELERY_EVENT_QUEUE_DURABLE',
    ignored: 'events are not part of this package yet',
  },
  event_serializer: {
    old: 'CELERY_EVENT_SERIALIZER',
    ignored: 'events are not part of this package yet',
  },
  event_exchange: {
    old: 'CELERY_EVENT_EXCHANGE',
    ignored: 'events are not part of this package yet',
  },
  security_certificate: {
    old: 'CELERY_SECURITY_CERTIFICATE',
    ignored: 'signed messages are not part of this package yet',
  },
  security_cert_store: {
    old: 'CELERY_SECURITY_CERT_STORE',
    ignored: 'signed messages are not part of this package yet',
  },
  security_key: {
    old: 'CELERY_SECURITY_KEY',
    ignored: 'signed messages are not part of this package yet',
  },
  security_key_password: {
    old: 'CELERY_SECURITY_KEY_PASSWORD',
    ignored: 'signed messages are not part of this package yet',
  },
  security_digest: {
    old: 'CELERY_SECURITY_DIGEST',
    ignored: 'signed messages are not part of this package yet',
  },
}
