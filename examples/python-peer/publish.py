import sys

from kombu import Connection, Exchange, Queue

url = sys.argv[1] if len(sys.argv) > 1 else "redis://localhost:6379/0"
name = "Python"

greetings = Exchange("greetings", type="topic")
queue = Queue("greetings", exchange=greetings, routing_key="greeting.#")

with Connection(url) as connection:
    connection.Producer(exchange=greetings).publish(
        {"from": name, "words": ["héllo", "你好"], "count": 2},
        routing_key="greeting.new",
        headers={"language": name},
        declare=[queue],
    )
print("published")
