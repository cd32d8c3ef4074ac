"""Kombu on the same file. One JSON command per line in, one JSON answer per line out."""
import json
import sys
from queue import Empty

from kombu import Connection, Queue

connection = Connection('sqla+sqlite:///' + sys.argv[1])
simple = {}


def queue(name):
    if name not in simple:
        simple[name] = connection.SimpleQueue(name)
    return simple[name]


def get(name, timeout=5):
    try:
        return queue(name).get(timeout=timeout)
    except Empty:
        return None


def consume(name, count):
    """Takes up to `count` messages, one after the other, until none comes for a second."""
    bodies = []
    while len(bodies) < count:
        message = get(name, timeout=1)
        if message is None:
            break
        bodies.append(message.payload)
        message.ack()
    return bodies


def carry_out(command):
    verb, name = command['verb'], command.get('queue')
    if verb == 'put':
        for body in command['bodies']:
            queue(name).put(body)
        return None
    if verb == 'size':
        return queue(name).qsize()
    if verb == 'consume':
        return consume(name, command['count'])
    message = get(name)
    if message is None:
        return None
    if verb == 'get':
        message.ack()
    elif verb == 'requeue':
        message.requeue()
    elif verb == 'hold':
        held.append(message)
    return {
        'payload': message.payload,
        'headers': message.headers,
        'delivery_info': message.delivery_info,
    }


held = []
for line in sys.stdin:
    print(json.dumps(carry_out(json.loads(line))), flush=True)
