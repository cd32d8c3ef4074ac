"""Failover as Kombu's manual shows it: each function is one of its examples.

    seed1_failover.py EXAMPLE 'URL;URL...'

`consumer` and `mixin` print what they receive until they are stopped; the others end.
"""

import socket
import sys

import kombu
from kombu import Connection, Consumer, Producer, Queue
from kombu.mixins import ConsumerMixin


def connect(urls):
    """While connecting, the first address that works is taken."""
    conn = Connection(urls)
    conn.connect()
    print(conn.as_uri())


def strategy(urls):
    print(sorted(kombu.connection.failover_strategies))
    conn = Connection(urls, failover_strategy="round-robin")
    conn.connect()
    print(conn.as_uri())


def ensure(urls):
    """An operation that is tried again, on the next address if it must."""
    conn = Connection(urls)
    producer = Producer(conn)

    def errback(exc, interval):
        print(f"Error: {exc!r}")
        print(f"Retry in {interval} seconds.")

    publish = conn.ensure(producer, producer.publish, errback=errback, max_retries=3)
    publish({"hello": "world"}, routing_key="dest")
    print("published")


def autoretry(urls):
    """The same for what takes a channel: a fresh one for each attempt."""
    conn = kombu.Connection(urls)
    conn.connect()
    queue = kombu.Queue("test_queue")
    declare = conn.autoretry(queue.declare)
    declare()
    print("declared")


def publish(urls):
    with Connection(urls) as conn:
        with conn.channel() as channel:
            producer = Producer(channel)
            producer.publish({"hello": "world"}, routing_key="queue", retry=True)
    print("published")


def consumer(urls):
    def callback(body, message):
        print(body)
        message.ack()

    queue = Queue("queue", routing_key="queue")
    with Connection(urls) as conn:

        def consume():
            while True:
                try:
                    conn.drain_events(timeout=1)
                except socket.timeout:
                    pass

        with conn.channel() as channel:
            consumer = Consumer(channel, queue)
            consumer.register_callback(callback)
            with consumer:
                while True:
                    conn.ensure(conn, consume)()


class C(ConsumerMixin):
    def __init__(self, connection):
        self.connection = connection

    def get_consumers(self, Consumer, channel):
        return [
            Consumer(
                [Queue("queue", routing_key="queue")],
                callbacks=[self.on_message],
                accept=["json"],
            ),
        ]

    def on_message(self, body, message):
        print(f"RECEIVED MESSAGE: {body!r}")
        message.ack()

    def consume(self, *args, **kwargs):
        consume = self.connection.ensure(self.connection, super().consume)
        return consume(*args, **kwargs)


def mixin(urls):
    with Connection(urls) as conn:
        C(conn).run()


EXAMPLES = {
    example.__name__: example
    for example in (connect, strategy, ensure, autoretry, publish, consumer, mixin)
}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in EXAMPLES:
        sys.exit(f"usage: {sys.argv[0]} {'|'.join(EXAMPLES)} 'URL;URL...'")
    EXAMPLES[sys.argv[1]](sys.argv[2])
