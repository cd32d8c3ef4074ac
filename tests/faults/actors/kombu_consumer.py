"""A consumer with Kombu, for calibration: the same commands and the same ledger as consumer.ts."""

import json
import os
import random
import socket
import sys
import threading
import time

import kombu
import redis

config = json.loads(sys.argv[1])
ledger = os.open(config["ledger"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
go = threading.Event()
stopping = threading.Event()
serials = iter(range(1, sys.maxsize))


def write(code, *words):
    line = " ".join([code, f"{time.monotonic() * 1000:.3f}", *map(str, words)])
    os.write(ledger, f"{line}\n".encode())


def announce(fact):
    sys.stdout.write(f"{fact}\n")
    sys.stdout.flush()


def obey():
    for line in sys.stdin:
        if line.strip() == "stop":
            stopping.set()
        # Also wakes one that is to stop before it ever began.
        go.set()
    # Whoever started this process is gone.
    os._exit(3)


def on_message(body, message):
    serial = next(serials)
    identity = message.properties["message_id"]
    redelivered = message.delivery_info.get("redelivered")
    write("D", identity, serial, 1, 1 if redelivered else 0)
    if serial == 1:
        announce("busy")
    if config["workMs"] > 0:
        time.sleep(random.random() * 2 * config["workMs"] / 1000)
    write("H", identity, serial)
    write("A", identity, serial)
    # Returns when Redis has answered.
    message.ack()
    write("a", identity, serial)


def main():
    options = config["transportOptions"]
    with kombu.Connection(config["url"], transport_options=options) as connection:
        connection.connect()
        announce("ready")
        go.wait()
        queue = kombu.Queue(
            config["queue"],
            routing_key=config["queue"],
            queue_arguments=config["queueArguments"],
        )
        with connection.Consumer(
            queue, callbacks=[on_message], prefetch_count=config["prefetchCount"]
        ):
            while not stopping.is_set():
                try:
                    connection.drain_events(timeout=0.2)
                except socket.timeout:
                    pass
                except redis.exceptions.ResponseError:
                    # The broker refused something; a program that is to live goes on.
                    pass


threading.Thread(target=obey, daemon=True).start()
main()
sys.stdout.flush()
os._exit(0)
