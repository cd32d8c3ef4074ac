import json
import sys

from kombu import Connection, Exchange, Queue

url = sys.argv[1] if len(sys.argv) > 1 else "redis://localhost:6379/0"

greetings = Exchange("greetings", type="topic")
queue = Queue("greetings", exchange=greetings, routing_key="greeting.#")


def callback(body, message):
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    print(f"{message.delivery_info['routing_key']}: {text}")
    print(f"language: {message.headers['language']}")
    message.ack()


with Connection(url) as connection:
    with connection.Consumer(queues=[queue], callbacks=[callback]):
        connection.drain_events()
