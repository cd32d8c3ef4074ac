"""A node of a Kombu mailbox that listens on a thread and a connection of its own."""

import socket
import threading
import time


def ping(state, **arguments):
    return "pong"


def echo(state, **arguments):
    return arguments


def add(state, x, y):
    return x + y


def fail(state, reason="asked to"):
    raise ValueError(reason)


def remember(state, **arguments):
    """Keeps its arguments for `recall`."""
    state.update(arguments)


def recall(state):
    return dict(state)


HANDLERS = {function.__name__: function for function in (ping, echo, add, fail, remember, recall)}


class NodeThread(threading.Thread):
    """Answers with HANDLERS, and logs what comes: {"body", "headers", "properties"}."""

    def __init__(self, connection, mailbox, hostname):
        super().__init__(daemon=True)
        self._connection = connection.clone()
        self._mailbox = mailbox
        self._hostname = hostname
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._log = []
        self._error = None

    def start_listening(self, timeout=10):
        self.start()
        if not self._ready.wait(timeout):
            raise self._error or TimeoutError(f"the node is not ready after {timeout} s")
        if self._error is not None:
            raise self._error

    def stop_listening(self):
        self._stopping.set()
        self.join(timeout=10)

    def take_log(self, count, timeout):
        with self._changed:
            self._changed.wait_for(lambda: len(self._log) >= count, timeout)
            taken, self._log = self._log, []
            return taken

    def run(self):
        try:
            with self._connection:
                self._listen()
        except Exception as error:
            self._error = error
            self._ready.set()

    def _listen(self):
        bound = self._mailbox(self._connection)
        # A short poll where Kombu polls; Redis and AMQP are told.
        if getattr(self._connection.transport, "polling_interval", None):
            self._connection.transport.polling_interval = 0.02
        channel = self._connection.channel()
        node = bound.Node(self._hostname, state={}, channel=channel, handlers=dict(HANDLERS))
        node.listen(callback=lambda body, message: self._handle(node, body, message))
        if getattr(channel, "active_fanout_queues", None):
            # The first event on Redis is the confirmation of the subscription.
            self._connection.drain_events(timeout=10)
        self._ready.set()
        while not self._stopping.is_set():
            try:
                self._connection.drain_events(timeout=0.2)
            except socket.timeout:
                pass

    def _handle(self, node, body, message):
        arrival = {
            "body": body,
            "headers": message.headers,
            "properties": message.properties,
            "at": time.time(),
        }
        # Kombu turns whatever a handler raises into an answer.
        node.handle_message(body, message)
        with self._changed:
            self._log.append(arrival)
            self._changed.notify_all()
