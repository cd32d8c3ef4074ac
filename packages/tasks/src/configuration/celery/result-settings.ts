import type { CelerySetting } from './celery-setting.ts'

/** Settings of Celery about results, and about the stores of single technologies. Source: celery/app/defaults.py, NAMESPACES. */
export const resultSettings: Readonly<Record<string, CelerySetting>> = {
  result_accept_content: { old: 'RESULT_ACCEPT_CONTENT', to: 'resultAcceptContent', as: 'same' },
  cache_backend: { old: 'CELERY_CACHE_BACKEND', ignored: 'there is no memcached result store' },
  cache_backend_options: {
    old: 'CELERY_CACHE_BACKEND_OPTIONS',
    ignored: 'there is no memcached result store',
  },
  cassandra_entry_ttl: {
    old: 'CASSANDRA_ENTRY_TTL',
    ignored: 'there is no Cassandra result store',
  },
  cassandra_keyspace: { old: 'CASSANDRA_KEYSPACE', ignored: 'there is no Cassandra result store' },
  cassandra_port: { old: 'CASSANDRA_PORT', ignored: 'there is no Cassandra result store' },
  cassandra_read_consistency: {
    old: 'CASSANDRA_READ_CONSISTENCY',
    ignored: 'there is no Cassandra result store',
  },
  cassandra_servers: { old: 'CASSANDRA_SERVERS', ignored: 'there is no Cassandra result store' },
  cassandra_bundle_path: {
    old: 'CASSANDRA_BUNDLE_PATH',
    ignored: 'there is no Cassandra result store',
  },
  cassandra_table: { old: 'CASSANDRA_TABLE', ignored: 'there is no Cassandra result store' },
  cassandra_write_consistency: {
    old: 'CASSANDRA_WRITE_CONSISTENCY',
    ignored: 'there is no Cassandra result store',
  },
  cassandra_auth_provider: {
    old: 'CASSANDRA_AUTH_PROVIDER',
    ignored: 'there is no Cassandra result store',
  },
  cassandra_auth_kwargs: {
    old: 'CASSANDRA_AUTH_KWARGS',
    ignored: 'there is no Cassandra result store',
  },
  cassandra_options: { old: 'CASSANDRA_OPTIONS', ignored: 'there is no Cassandra result store' },
  s3_access_key_id: { old: 'S3_ACCESS_KEY_ID', ignored: 'there is no S3 result store' },
  s3_secret_access_key: { old: 'S3_SECRET_ACCESS_KEY', ignored: 'there is no S3 result store' },
  s3_bucket: { old: 'S3_BUCKET', ignored: 'there is no S3 result store' },
  s3_base_path: { old: 'S3_BASE_PATH', ignored: 'there is no S3 result store' },
  s3_endpoint_url: { old: 'S3_ENDPOINT_URL', ignored: 'there is no S3 result store' },
  s3_region: { old: 'S3_REGION', ignored: 'there is no S3 result store' },
  azureblockblob_container_name: {
    old: 'AZUREBLOCKBLOB_CONTAINER_NAME',
    ignored: 'there is no Azure result store',
  },
  azureblockblob_retry_initial_backoff_sec: {
    old: 'AZUREBLOCKBLOB_RETRY_INITIAL_BACKOFF_SEC',
    ignored: 'there is no Azure result store',
  },
  azureblockblob_retry_increment_base: {
    old: 'AZUREBLOCKBLOB_RETRY_INCREMENT_BASE',
    ignored: 'there is no Azure result store',
  },
  azureblockblob_retry_max_attempts: {
    old: 'AZUREBLOCKBLOB_RETRY_MAX_ATTEMPTS',
    ignored: 'there is no Azure result store',
  },
  azureblockblob_base_path: {
    old: 'AZUREBLOCKBLOB_BASE_PATH',
    ignored: 'there is no Azure result store',
  },
  azureblockblob_connection_timeout: {
    old: 'AZUREBLOCKBLOB_CONNECTION_TIMEOUT',
    ignored: 'there is no Azure result store',
  },
  azureblockblob_read_timeout: {
    old: 'AZUREBLOCKBLOB_READ_TIMEOUT',
    ignored: 'there is no Azure result store',
  },
  gcs_bucket: { old: 'GCS_BUCKET', ignored: 'there is no Google Cloud result store' },
  gcs_project: { old: 'GCS_PROJECT', ignored: 'there is no Google Cloud result store' },
  gcs_base_path: { old: 'GCS_BASE_PATH', ignored: 'there is no Google Cloud result store' },
  gcs_ttl: { old: 'GCS_TTL', ignored: 'there is no Google Cloud result store' },
  couchbase_backend_settings: {
    old: 'CELERY_COUCHBASE_BACKEND_SETTINGS',
    ignored: 'there is no Couchbase result store',
  },
  arangodb_backend_settings: {
    old: 'CELERY_ARANGODB_BACKEND_SETTINGS',
    ignored: 'there is no ArangoDB result store',
  },
  mongodb_backend_settings: {
    old: 'CELERY_MONGODB_BACKEND_SETTINGS',
    ignored: 'there is no MongoDB result store',
  },
  cosmosdbsql_database_name: {
    old: 'COSMOSDBSQL_DATABASE_NAME',
    ignored: 'there is no Cosmos DB result store',
  },
  cosmosdbsql_collection_name: {
    old: 'COSMOSDBSQL_COLLECTION_NAME',
    ignored: 'there is no Cosmos DB result store',
  },
  cosmosdbsql_consistency_level: {
    old: 'COSMOSDBSQL_CONSISTENCY_LEVEL',
    ignored: 'there is no Cosmos DB result store',
  },
  cosmosdbsql_max_retry_attempts: {
    old: 'COSMOSDBSQL_MAX_RETRY_ATTEMPTS',
    ignored: 'there is no Cosmos DB result store',
  },
  cosmosdbsql_max_retry_wait_time: {
    old: 'COSMOSDBSQL_MAX_RETRY_WAIT_TIME',
    ignored: 'there is no Cosmos DB result store',
  },
  redis_backend_use_ssl: {
    old: 'CELERY_REDIS_BACKEND_USE_SSL',
    ignored: 'say it in the URL of "resultBackend"',
  },
  redis_db: { old: 'CELERY_REDIS_DB', ignored: 'say it in the URL of "resultBackend"' },
  redis_host: { old: 'CELERY_REDIS_HOST', ignored: 'say it in the URL of "resultBackend"' },
  redis_max_connections: {
    old: 'CELERY_REDIS_MAX_CONNECTIONS',
    ignored: 'say it in the URL of "resultBackend"',
  },
  redis_username: { old: 'CELERY_REDIS_USERNAME', ignored: 'say it in the URL of "resultBackend"' },
  redis_password: { old: 'CELERY_REDIS_PASSWORD', ignored: 'say it in the URL of "resultBackend"' },
  redis_port: { old: 'CELERY_REDIS_PORT', ignored: 'say it in the URL of "resultBackend"' },
  redis_socket_timeout: {
    old: 'CELERY_REDIS_SOCKET_TIMEOUT',
    ignored: 'say it in the URL of "resultBackend"',
  },
  redis_socket_connect_timeout: {
    old: 'CELERY_REDIS_SOCKET_CONNECT_TIMEOUT',
    ignored: 'say it in the URL of "resultBackend"',
  },
  redis_retry_on_timeout: {
    old: 'CELERY_REDIS_RETRY_ON_TIMEOUT',
    ignored: 'say it in the URL of "resultBackend"',
  },
  redis_socket_keepalive: {
    old: 'CELERY_REDIS_SOCKET_KEEPALIVE',
    ignored: 'say it in the URL of "resultBackend"',
  },
  result_backend: { old: 'CELERY_RESULT_BACKEND', to: 'resultBackend', as: 'same' },
  result_cache_max: {
    old: 'CELERY_MAX_CACHED_RESULTS',
    ignored: 'a result is kept by whoever asked for it',
  },
  result_compression: {
    old: 'CELERY_RESULT_COMPRESSION',
    ignored: 'no release of Celery reads it',
  },
  result_exchange: {
    old: 'CELERY_RESULT_EXCHANGE',
    ignored: 'results are pushed here, and the store reconnects by itself',
  },
  result_exchange_type: {
    old: 'CELERY_RESULT_EXCHANGE_TYPE',
    ignored: 'results are pushed here, and the store reconnects by itself',
  },
  result_expires: { old: 'CELERY_TASK_RESULT_EXPIRES', to: 'resultExpiresMs', as: 'milliseconds' },
  result_persistent: { old: 'CELERY_RESULT_PERSISTENT', to: 'resultPersistent', as: 'same' },
  result_extended: { old: 'CELERY_RESULT_EXTENDED', to: 'resultExtended', as: 'same' },
  result_serializer: { old: 'CELERY_RESULT_SERIALIZER', to: 'resultSerializer', as: 'same' },
  result_backend_transport_options: {
    old: 'CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS',
    ignored: 'say it in the URL of "resultBackend"',
  },
  result_chord_retry_interval: {
    old: 'CELERY_RESULT_CHORD_RETRY_INTERVAL',
    ignored: 'chords are not part of this package yet',
  },
  result_chord_join_timeout: {
    old: 'CELERY_RESULT_CHORD_JOIN_TIMEOUT',
    ignored: 'chords are not part of this package yet',
  },
  result_backend_max_sleep_between_retries_ms: {
    old: 'CELERY_RESULT_BACKEND_MAX_SLEEP_BETWEEN_RETRIES_MS',
    ignored: 'results are pushed here, and the store reconnects by itself',
  },
  result_backend_max_retries: {
    old: 'CELERY_RESULT_BACKEND_MAX_RETRIES',
    ignored: 'results are pushed here, and the store reconnects by itself',
  },
  result_backend_base_sleep_between_retries_ms: {
    old: 'CELERY_RESULT_BACKEND_BASE_SLEEP_BETWEEN_RETRIES_MS',
    ignored: 'results are pushed here, and the store reconnects by itself',
  },
  result_backend_always_retry: {
    old: 'CELERY_RESULT_BACKEND_ALWAYS_RETRY',
    ignored: 'results are pushed here, and the store reconnects by itself',
  },
  elasticsearch_retry_on_timeout: {
    old: 'CELERY_ELASTICSEARCH_RETRY_ON_TIMEOUT',
    ignored: 'there is no Elasticsearch result store',
  },
  elasticsearch_max_retries: {
    old: 'CELERY_ELASTICSEARCH_MAX_RETRIES',
    ignored: 'there is no Elasticsearch result store',
  },
  elasticsearch_timeout: {
    old: 'CELERY_ELASTICSEARCH_TIMEOUT',
    ignored: 'there is no Elasticsearch result store',
  },
  elasticsearch_save_meta_as_text: {
    old: 'CELERY_ELASTICSEARCH_SAVE_META_AS_TEXT',
    ignored: 'there is no Elasticsearch result store',
  },
  database_url: { old: 'CELERY_RESULT_DBURI', ignored: 'say it in the URL of "resultBackend"' },
  database_engine_options: {
    old: 'CELERY_RESULT_ENGINE_OPTIONS',
    ignored: 'say it in the URL of "resultBackend"',
  },
  database_engine_callback: {
    old: 'DATABASE_ENGINE_CALLBACK',
    ignored: 'say it in the URL of "resultBackend"',
  },
  database_short_lived_sessions: {
    old: 'CELERY_RESULT_DB_SHORT_LIVED_SESSIONS',
    ignored: 'say it in the URL of "resultBackend"',
  },
  database_table_schemas: {
    old: 'DATABASE_TABLE_SCHEMAS',
    ignored: 'say it in the URL of "resultBackend"',
  },
  database_table_names: {
    old: 'CELERY_RESULT_DB_TABLENAMES',
    ignored: 'say it in the URL of "resultBackend"',
  },
  database_create_tables_at_setup: {
    old: 'DATABASE_CREATE_TABLES_AT_SETUP',
    ignored: 'say it in the URL of "resultBackend"',
  },
}
