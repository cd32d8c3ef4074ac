import re
import sys
from urllib.parse import urljoin
from urllib.request import urlopen

import pika


class RabbitMQ:
    """A consumer whose callback may produce: one queue to get from, one exchange to put into."""

    def __init__(self, url, exchange, queue_name, queue_key, auto_ack=False):
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.exchange = exchange
        self.queue_name = queue_name
        self.queue_key = queue_key
        self.auto_ack = auto_ack
        channel = self.connection.channel()
        channel.exchange_declare(exchange=exchange, durable=True)
        channel.queue_declare(queue=queue_name, durable=True)
        channel.queue_bind(exchange=exchange, queue=queue_name, routing_key=queue_key)
        channel.close()

    def rabbit_get(self, callback, on_ready):
        channel = self.connection.channel()
        channel.basic_qos(prefetch_count=1)
        channel.basic_consume(self.queue_name, callback, auto_ack=self.auto_ack)
        on_ready()
        channel.start_consuming()

    def rabbit_put(self, key, message):
        channel = self.connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(exchange=self.exchange, routing_key=key, body=message, mandatory=True)
        channel.close()


url = sys.argv[1] if len(sys.argv) > 1 else "amqp://guest:guest@localhost:5672"
level = sys.argv[2] if len(sys.argv) > 2 else "list"
start = sys.argv[3] if len(sys.argv) > 3 else None

rabbit = RabbitMQ(url, exchange="crawler", queue_name=f"crawler.{level}", queue_key=level)


def download(page):
    with urlopen(page, timeout=10) as response:
        return response.read().decode()


def on_list(channel, method, properties, body):
    page = body.decode()
    for kind, link in re.findall(r'<a class="(list|detail)" href="(.+?)">', download(page)):
        rabbit.rabbit_put(kind, urljoin(page, link))
        print(f"put {kind} {link}")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def on_detail(channel, method, properties, body):
    html = download(body.decode())
    print(f"got {re.search('<title>(.*)</title>', html)[1]}")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def on_ready():
    print(f"waiting for pages of level {level}")
    if start:
        rabbit.rabbit_put(level, start)


rabbit.rabbit_get(on_list if level == "list" else on_detail, on_ready)
