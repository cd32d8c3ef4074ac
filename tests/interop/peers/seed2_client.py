"""Tells every node of a mailbox something. The program that people have; seed2_node.py listens."""

import sys

import kombu
from kombu import pidbox

from broker_url import broker_url


def main(arguments):
    connection = kombu.Connection(broker_url())
    mailbox = pidbox.Mailbox("testMailbox", type="direct")
    bound = mailbox(connection)
    bound._broadcast("print_msg", {"msg": "Message for you"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
