/**
 * The names of Kombu's own integration tests, all of them. Pure.
 *
 * Source: github.com/celery/kombu, folder t/integration, at 9ee8595b835c77b4f04cfb54b40b5d446f985a35 (August 2026).
 * The classes of common.py run over py-amqp, Redis (with and without `global_keyprefix`), MongoDB, SQS and Kafka,
 * each as far as its transport can. Classes that add nothing to the one of common.py are not named again.
 */

/** A test of Kombu's. */
export interface KombuTest {
  readonly file: string
  /** Class and method, or the function. */
  readonly name: string
  /** Why nothing mirrors it, where nothing can; `undefined`: something has to. */
  readonly outside: string | undefined
}

const noTransport = 'its transport is not there yet'
const unreleased = 'queues over Redis expire in no release of Kombu yet, nor here'

/** In the order of their files. */
export const kombuTests: readonly KombuTest[] = [
  ...testsOf('common.py', 'BasicFunctionality', [
    'test_connect',
    'test_failed_connect',
    'test_failed_connection',
    'test_failed_channel',
    'test_failed_default_channel',
    'test_default_channel_autoconnect',
    'test_channel',
    'test_default_channel',
    'test_publish_consume',
    'test_consume_empty_queue',
    'test_simple_queue_publish_consume',
    'test_simple_buffer_publish_consume',
  ]),
  ...testsOf('common.py', 'BaseExchangeTypes', [
    'test_direct',
    'test_direct_routing_keys',
    'test_fanout',
    'test_topic',
    'test_publish_empty_exchange',
  ]),
  ...testsOf('common.py', 'BaseTimeToLive', [
    'test_publish_consume',
    'test_simple_queue_publish_consume',
    'test_simple_buffer_publish_consume',
  ]),
  ...testsOf('common.py', 'BasePriority', [
    'test_publish_consume',
    'test_publish_requeue_consume',
    'test_simple_queue_publish_consume',
    'test_simple_buffer_publish_consume',
  ]),
  ...testsOf('common.py', 'BaseMessage', [
    'test_ack',
    'test_reject_no_requeue',
    'test_reject_requeue',
    'test_requeue',
  ]),
  ...testsOf('common.py', 'BaseFailover', [
    'test_connect',
    'test_publish_consume',
    'test_consume_empty_queue',
    'test_simple_buffer_publish_consume',
  ]),
  ...testsOf('test_py_amqp.py', 'test_PyAMQPConnectionPool', [
    'test_publish_confirm_does_not_block',
  ]),
  ...testsOf('test_redis.py', undefined, ['test_failed_credentials']),
  ...testsOf('test_redis.py', 'test_RedisBasicFunctionality', [
    'test_failed_connection__ConnectionError',
  ]),
  ...testsOf('test_redis.py', 'test_RedisPriority', [
    'test_publish_consume',
    'test_publish_requeue_consume',
  ]),
  ...testsOf('test_redis.py', undefined, [
    'test_RedisConnectTimeout',
    'test_RedisConnection_check_hostname',
  ]),
  ...outside(unreleased, [
    ...testsOf('test_redis.py', 'test_RedisQueueExpiration', [
      'test_queue_expiration_set',
      'test_expiration_gets_reset_on_put',
      'test_expiration_gets_reset_on_get',
      'test_queue_expires_for_all_priorities',
    ]),
  ]),
  ...outside(noTransport, [
    ...testsOf('test_mongodb.py', 'test_MongoDBBaseExchangeTypes', ['test_fanout']),
    ...testsOf('test_mongodb.py', 'test_MongoDBPriority', [
      'test_publish_consume',
      'test_publish_requeue_consume',
    ]),
    ...testsOf('test_sqs.py', 'test_SQSBaseExchangeTypes', ['test_fanout']),
    ...testsOf('test_kafka.py', 'test_KafkaBaseExchangeTypes', ['test_fanout']),
  ]),
]

function testsOf(
  file: string,
  className: string | undefined,
  methods: readonly string[],
): readonly KombuTest[] {
  const prefix = className === undefined ? '' : `${className}.`
  return methods.map((method) => ({ file, name: `${prefix}${method}`, outside: undefined }))
}

function outside(reason: string, tests: readonly KombuTest[]): readonly KombuTest[] {
  return tests.map((test) => ({ ...test, outside: reason }))
}
