"""A program with Kombu that does what it is told: the other end of the interoperability tests.

See json_lines.py for how it is told. Things that live on have names: connections "c1", consumers
"k1", messages "m1", simple queues "s1", mailboxes "b1", nodes "n1". Times are seconds, as Kombu's. An exchange or a queue
is an object with the arguments of kombu.Exchange or kombu.Queue; a body is {"json": ...},
{"base64": ...}, {"python": expression}, or {"plain": ...}: a value in which {"base64": ...} and
{"python": literal} stand for what JSON cannot hold.
"""

import ast
import base64
import datetime
import decimal
import itertools
import platform
import socket
import time
import uuid

import kombu
from kombu.pidbox import Mailbox

from json_lines import CommandError, describe, describe_error, plain, serve
from pidbox_node import NodeThread

#: One drain at most, so that a deadline is kept on every transport.
LONGEST_DRAIN = 0.5

numbers = itertools.count(1)
connections = {}
consumers = {}
messages = {}
boxes = {}
mailboxes = {}
nodes = {}


def keep(table, letter, thing):
    name = f"{letter}{next(numbers)}"
    table[name] = thing
    return name


def find(table, name):
    if name not in table:
        raise CommandError(f"nothing is named {name!r}; there are: {', '.join(table) or 'none'}")
    return table[name]


# --- Values


def body_from(description):
    if "json" in description:
        return description["json"]
    if "base64" in description:
        return base64.b64decode(description["base64"])
    if "plain" in description:
        return unplain(description["plain"])
    # Only the tests of this repository talk to this program.
    return eval(description["python"], {"datetime": datetime, "decimal": decimal, "uuid": uuid})


def unplain(value):
    """The inverse of json_lines.plain()."""
    if isinstance(value, list):
        return [unplain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["base64"]:
        return base64.b64decode(value["base64"])
    if list(value) == ["python"]:
        return ast.literal_eval(value["python"])
    return {key: unplain(item) for key, item in value.items()}


def exchange_from(description):
    if description is None or isinstance(description, str):
        return description
    return kombu.Exchange(**description)


def queue_from(description):
    arguments = dict(description)
    if "exchange" in arguments:
        arguments["exchange"] = exchange_from(arguments["exchange"])
    bindings = arguments.pop("bindings", None)
    if bindings is not None:
        arguments["bindings"] = [
            kombu.binding(exchange_from(one["exchange"]), one.get("routing_key", ""))
            for one in bindings
        ]
    return kombu.Queue(**arguments)


def entity_from(description):
    """{"exchange": {...}} or {"queue": {...}}."""
    if "queue" in description:
        return queue_from(description["queue"])
    return exchange_from(description["exchange"])


def describe_message(message, error=None):
    """What arrived. `body` and `value` are decoded; `raw` is as it came, but decompressed."""
    body = value = None
    try:
        if error is None:
            decoded = message.decode()
            body, value = describe(decoded), plain(decoded)
    except Exception as decode_error:
        error = decode_error
    raw = message.body.encode() if isinstance(message.body, str) else message.body
    return {
        "message": keep(messages, "m", message),
        "body": body,
        "value": value,
        "raw": None if raw is None else base64.b64encode(raw).decode("ascii"),
        "error": None if error is None else describe_error(error),
        "content_type": message.content_type,
        "content_encoding": message.content_encoding,
        "headers": plain(message.headers),
        "properties": plain(message.properties),
        "delivery_info": plain(message.delivery_info),
        "delivery_tag": plain(message.delivery_tag),
        "redelivered": is_redelivered(message),
    }


def is_redelivered(message):
    """AMQP and Redis say it in delivery_info, Redis in a header too, the other virtual ones nowhere."""
    return bool(message.delivery_info.get("redelivered") or message.headers.get("redelivered"))


# --- Connections


def connect(url, connect=True, polling_interval=None, **options):
    connection = kombu.Connection(url, **options)
    if connect:
        connection.connect()
    if polling_interval is not None:
        # Not as a transport option: SQLAlchemy's engine would refuse it.
        connection.transport.polling_interval = polling_interval
    name = keep(connections, "c", connection)
    return {"connection": name, "uri": connection.as_uri()}


def close(connection):
    """Gives back what is held, as a program that ends in order."""
    owner = find(connections, connection)
    for name in [name for name, consumer in consumers.items() if consumer.connection is owner]:
        del consumers[name]
    del connections[connection]
    owner.close()


def drain(connection, timeout=1):
    """Lets the connection work, e.g. restore what others left behind. Returns the events handled."""
    deadline = time.monotonic() + timeout
    events = 0
    while time.monotonic() < deadline:
        events += drain_once(find(connections, connection), deadline)
    return {"events": events}


def drain_once(connection, deadline):
    remaining = max(deadline - time.monotonic(), 0.001)
    try:
        connection.drain_events(timeout=min(remaining, LONGEST_DRAIN))
        return 1
    except socket.timeout:
        return 0


# --- Entities


def declare(connection, entities):
    channel = find(connections, connection).default_channel
    names = [entity_from(entity)(channel).declare() for entity in entities]
    return {"names": plain(names)}


def bind(connection, queue, exchange, routing_key="", arguments=None):
    channel = find(connections, connection).default_channel
    bound = queue_from(queue)(channel)
    bound.bind_to(exchange_from(exchange), routing_key=routing_key, arguments=arguments)


def unbind(connection, queue, exchange, routing_key="", arguments=None):
    channel = find(connections, connection).default_channel
    bound = queue_from(queue)(channel)
    bound.unbind_from(exchange_from(exchange), routing_key=routing_key, arguments=arguments)


def delete(connection, entity, if_unused=False, **options):
    channel = find(connections, connection).default_channel
    entity_from(entity)(channel).delete(if_unused=if_unused, **options)


def purge(connection, queue):
    return {"removed": find(connections, connection).default_channel.queue_purge(queue)}


def qsize(connection, queue):
    channel = find(connections, connection).default_channel
    return {"messages": channel.queue_declare(queue=queue, passive=True).message_count}


# --- Publishing


def publish(connection, body, exchange="", declare=(), producer=None, count=1, **options):
    """`producer`: arguments of the Producer, `options`: those of publish() and the properties."""
    settings = dict(producer or {})
    if "exchange" in settings:
        settings["exchange"] = exchange_from(settings["exchange"])
    else:
        # Otherwise it would overrule the one that the producer was made with.
        options["exchange"] = exchange_from(exchange)
    owner = find(connections, connection).Producer(**settings)
    for _ in range(count):
        owner.publish(
            body_from(body), declare=[entity_from(entity) for entity in declare], **options
        )


def publish_all(messages):
    """`messages`: arguments of `publish`. Returns for each the exception that it raised, or null."""
    return {"errors": [error_of(publish, message) for message in messages]}


def error_of(function, arguments):
    try:
        function(**arguments)
    except Exception as error:
        return describe_error(error)
    return None


# --- Consuming


class Receiver:
    """A consumer on a channel of its own that keeps what arrives until it is asked for."""

    def __init__(self, connection, queues, no_ack=False, prefetch_count=None, accept=None):
        self.connection = connection
        self.channel = connection.channel()
        self.arrived = []
        self.is_subscribed = False
        self._watch_subscription()
        self.consumer = connection.Consumer(
            [queue_from(queue) for queue in queues],
            channel=self.channel,
            no_ack=no_ack,
            accept=accept,
            prefetch_count=prefetch_count,
            on_message=lambda message: self.arrived.append((message, None)),
            on_decode_error=lambda message, error: self.arrived.append((message, error)),
        )
        self.consumer.consume()

    def _watch_subscription(self):
        """Kombu's Redis subscribes to a fanout while draining, and tells nobody when it is done."""
        handle = getattr(self.channel, "_handle_message", None)
        if handle is None:
            self.is_subscribed = True
            return

        def watching(client, reply):
            if reply[0] in (b"psubscribe", "psubscribe"):
                self.is_subscribed = True
            return handle(client, reply)

        self.channel._handle_message = watching

    def wait_until_subscribed(self, timeout=10):
        deadline = time.monotonic() + timeout
        while getattr(self.channel, "active_fanout_queues", None) and not self.is_subscribed:
            if time.monotonic() >= deadline:
                raise CommandError(f"not subscribed after {timeout} s")
            drain_once(self.connection, deadline)

    def receive(self, count, timeout):
        deadline = time.monotonic() + timeout
        while len(self.arrived) < count and time.monotonic() < deadline:
            drain_once(self.connection, deadline)
        taken, self.arrived = self.arrived[:count], self.arrived[count:]
        return taken


def subscribe(connection, queues, **options):
    """Begins to consume, and goes on until `cancel`. Returns when messages can arrive."""
    receiver = Receiver(find(connections, connection), queues, **options)
    receiver.wait_until_subscribed()
    return {"consumer": keep(consumers, "k", receiver)}


def receive(consumer, count=1, timeout=5, acknowledge=False):
    """Up to `count` messages, fewer when `timeout` is over. They are held until settled."""
    taken = find(consumers, consumer).receive(count, timeout)
    if acknowledge:
        for message, _ in taken:
            message.ack()
    return {"messages": [describe_message(*one) for one in taken]}


def pause(consumer):
    """Takes no more messages; what it holds can still be settled."""
    find(consumers, consumer).consumer.cancel()


def resume(consumer):
    find(consumers, consumer).consumer.consume()


def cancel(consumer):
    """Ends the consumer; what it holds goes back."""
    find(consumers, consumer).channel.close()
    del consumers[consumer]


def consume(connection, queues, count=1, timeout=5, **options):
    """Takes up to `count` messages, acknowledges them, and stops."""
    receiver = Receiver(find(connections, connection), queues, prefetch_count=count, **options)
    taken = receiver.receive(count, timeout)
    described = [describe_message(*one) for one in taken]
    if not options.get("no_ack"):
        for message, _ in taken:
            message.ack()
    receiver.channel.close()
    return {"messages": described}


def get(connection, queue, no_ack=False, accept=None):
    channel = find(connections, connection).default_channel
    message = queue_from(queue)(channel).get(no_ack=no_ack, accept=accept)
    return {"message": None if message is None else describe_message(message)}


def ack(message, multiple=False):
    find(messages, message).ack(multiple=multiple)


def reject(message, requeue=False):
    find(messages, message).reject(requeue=requeue)


def requeue(message):
    find(messages, message).requeue()


# --- The simple interface


def simple(connection, queue, buffer):
    owner = find(connections, connection)
    return owner.SimpleBuffer(queue) if buffer else owner.SimpleQueue(queue)


def simple_put(connection, queue, body, buffer=False, **options):
    with simple(connection, queue, buffer) as box:
        box.put(body_from(body), **options)


def simple_get(connection, queue, timeout=5, buffer=False):
    """Takes one message and acknowledges it; null when there is none in time."""
    with simple(connection, queue, buffer) as box:
        try:
            message = box.get(timeout=timeout)
        except box.Empty:
            return {"message": None}
        described = describe_message(message)
        if not buffer:
            message.ack()
        return {"message": described}


def simple_qsize(connection, queue):
    with simple(connection, queue, False) as box:
        return {"messages": box.qsize()}


def simple_clear(connection, queue):
    with simple(connection, queue, False) as box:
        return {"removed": box.clear()}


def box_open(connection, queue, buffer=False, **options):
    """A SimpleQueue or SimpleBuffer that stays open. `options`: its other arguments."""
    owner = find(connections, connection)
    make = owner.SimpleBuffer if buffer else owner.SimpleQueue
    return {"box": keep(boxes, "s", make(queue, **options))}


def box_put(box, body, **options):
    find(boxes, box).put(body_from(body), **options)


def box_get(box, timeout=None):
    """One message, held; null when there is none in time. Without `timeout`: get_nowait()."""
    owner = find(boxes, box)
    try:
        message = owner.get_nowait() if timeout is None else owner.get(timeout=timeout)
    except owner.Empty:
        return {"message": None}
    return {"message": describe_message(message)}


def box_close(box):
    boxes.pop(box).close()


# --- Mailboxes


def mailbox(connection, namespace, type="direct", **options):
    owner = Mailbox(namespace, type=type, **options)(find(connections, connection))
    return {"mailbox": keep(mailboxes, "b", owner), "oid": owner.oid}


def broadcast(mailbox, command, arguments=None, **options):
    """Mailbox._broadcast: cast, call and multi_call are forms of it. Returns the replies, if asked."""
    replies = find(mailboxes, mailbox)._broadcast(command, arguments, **options)
    return {"replies": plain(replies)}


def cast(mailbox, destination, command, arguments=None):
    find(mailboxes, mailbox).cast(destination, command, arguments)


def abcast(mailbox, command, arguments=None):
    find(mailboxes, mailbox).abcast(command, arguments)


def call(mailbox, destination, command, arguments=None, timeout=5):
    return {
        "replies": plain(
            find(mailboxes, mailbox).call(destination, command, arguments, timeout=timeout)
        )
    }


def multi_call(mailbox, command, arguments=None, timeout=1, limit=None):
    owner = find(mailboxes, mailbox)
    return {"replies": plain(owner.multi_call(command, arguments, timeout=timeout, limit=limit))}


def clock(mailbox):
    return {"value": find(mailboxes, mailbox).clock.value}


def node(connection, namespace, hostname, type="direct", **options):
    """Listens in the background, until `stop_node`; see pidbox_node.py for what it can do."""
    owner = find(connections, connection)
    thread = NodeThread(owner, Mailbox(namespace, type=type, **options), hostname)
    thread.start_listening()
    return {"node": keep(nodes, "n", thread)}


def node_log(node, count=0, timeout=5):
    """Waits for `count` commands, and returns all that came since the last time."""
    return {"commands": plain(find(nodes, node).take_log(count, timeout))}


def stop_node(node):
    nodes.pop(node).stop_listening()


def hello():
    names = {"kombu": kombu.__version__, "python": platform.python_version()}
    for library in ("amqp", "redis", "sqlalchemy"):
        try:
            names[library] = __import__(library).__version__
        except ImportError:
            names[library] = None
    return names


COMMANDS = (
    *(hello, connect, close, drain),
    *(declare, bind, unbind, delete, purge, qsize),
    *(publish, publish_all, subscribe, receive, cancel, consume, get, ack, reject, requeue),
    *(pause, resume, simple_put, simple_get, simple_qsize, simple_clear),
    *(box_open, box_put, box_get, box_close),
    *(mailbox, broadcast, cast, abcast, call, multi_call, clock, node, node_log, stop_node),
)

if __name__ == "__main__":
    serve({command.__name__: command for command in COMMANDS})
