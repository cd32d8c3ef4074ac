"""A worker that tells its address every five seconds: worker discovery with a fanout exchange.

The program that people have, with its address of the broker made an argument. seed0_proxy.py listens.
"""

import time

from kombu import Connection, Exchange

from broker_url import broker_url


def run_worker():
    with Connection(broker_url()) as conn:
        heartbeat_exchange = Exchange("worker_discovery", type="fanout")
        producer = conn.Producer()
        worker_ip = "127.0.0.1"
        print(f"[*] Worker {worker_ip} started...")
        while True:
            payload = {"ip": worker_ip, "ts": time.time()}
            producer.publish(
                payload,
                exchange=heartbeat_exchange,
                declare=[heartbeat_exchange],  # without it the proxy receives nothing
                serializer="json",
            )
            print(f"[#] Heartbeat sent: {time.ctime()}")
            time.sleep(5)


if __name__ == "__main__":
    run_worker()
