"""A registry of the workers that are alive: those that were heard of within 15 seconds.

The program that people have, with its address of the broker made an argument and its two misprints
mended (`exclusive=True`, `active_workers`). seed0_worker.py talks.
"""

import socket
import time

from kombu import Connection, Exchange, Queue

from broker_url import broker_url


def start_proxy():
    active_workers = {}
    timeout_threshold = 15
    conn = Connection(broker_url())
    heartbeat_exchange = Exchange("worker_discovery", type="fanout")

    discovery_queue = Queue("example", exchange=heartbeat_exchange, exclusive=True)

    def process_message(body, message):
        ip = body.get("ip")
        active_workers[ip] = body.get("ts")
        print(f"[+] Discovered/Updated worker: {ip}")
        message.ack()

    print("[*] Proxy is listening for heartbeats...")
    with conn.Consumer(queues=[discovery_queue], callbacks=[process_message]):
        last_check = time.time()
        while True:
            try:
                conn.drain_events(timeout=1)
            except socket.timeout:
                pass

            if time.time() - last_check > 5:
                now = time.time()
                dead_workers = [
                    ip for ip, ts in active_workers.items() if now - ts > timeout_threshold
                ]
                for ip in dead_workers:
                    del active_workers[ip]
                    print(f"[-] Worker {ip} timed out.")

                print(f"Current Online: {list(active_workers.keys())}")
                last_check = time.time()


if __name__ == "__main__":
    try:
        start_proxy()
    except KeyboardInterrupt:
        print("Exit.")
