"""A Celery worker: celery_worker.py BROKER BACKEND [option of "celery worker" ...]."""

import sys

from celery_tasks import make_app

broker, backend, *options = sys.argv[1:]
app = make_app(broker, backend)


if __name__ == "__main__":
    from celery.signals import worker_ready

    @worker_ready.connect
    def tell(**_):
        print("ready", flush=True)

    app.worker_main(
        ["worker", "--without-mingle", "--without-gossip", "--loglevel", "WARNING", *options]
    )
