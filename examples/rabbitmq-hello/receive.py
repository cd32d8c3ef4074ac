import sys

import pika

url = sys.argv[1] if len(sys.argv) > 1 else "amqp://guest:guest@localhost:5672"


def callback(channel, method, properties, body):
    print(f"received {body.decode()}")
    channel.basic_ack(delivery_tag=method.delivery_tag)


connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
channel.exchange_declare(exchange="hello", durable=True)
channel.queue_declare(queue="world", durable=True)
channel.queue_bind(exchange="hello", queue="world", routing_key="test")
channel.basic_consume("world", callback)
print("waiting for messages")
channel.start_consuming()
