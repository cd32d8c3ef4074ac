import sys

import pika

url = sys.argv[1] if len(sys.argv) > 1 else "amqp://guest:guest@localhost:5672"
text = sys.argv[2] if len(sys.argv) > 2 else "hello world"

connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
channel.confirm_delivery()
channel.exchange_declare(exchange="hello", durable=True)
channel.queue_declare(queue="world", durable=True)
channel.queue_bind(exchange="hello", queue="world", routing_key="test")
channel.basic_publish(exchange="hello", routing_key="test", body=text, mandatory=True)
print(f"sent {text}")
connection.close()
