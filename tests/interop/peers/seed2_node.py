"""A node of a mailbox that prints what it is told. The program that people have; seed2_client.py tells."""

import sys

import kombu
from kombu import pidbox

from broker_url import broker_url

hostname = "localhost"
connection = kombu.Connection(broker_url())
mailbox = pidbox.Mailbox("testMailbox", type="direct")
node = mailbox.Node(hostname, state={"a": "b"})
node.channel = connection.channel()


def callback(body, message):
    print(body)
    print(message)


def main(arguments):
    consumer = node.listen(callback=callback)
    try:
        while True:
            print("Consumer Waiting")
            connection.drain_events()
    finally:
        consumer.cancel()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
