"""The tasks that both languages have, as a Celery application made from two URLs."""

import time

from celery import Celery


def make_app(broker, backend):
    app = Celery("interop", broker=broker, backend=backend)
    app.conf.update(
        broker_connection_retry_on_startup=True,
        accept_content=["json", "yaml", "msgpack"],
        result_accept_content=["json", "yaml", "msgpack"],
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )

    @app.task(name="interop.add")
    def add(x, y=0):
        return x + y

    @app.task(name="interop.echo")
    def echo(value):
        return value

    @app.task(name="interop.fail")
    def fail(text):
        raise ValueError(text)

    @app.task(name="interop.retry", bind=True, max_retries=5)
    def retry(self, times):
        if self.request.retries < times:
            raise self.retry(countdown=0.05, exc=RuntimeError("again"))
        return self.request.retries

    @app.task(name="interop.slow", bind=True, soft_time_limit=None)
    def slow(self, seconds):
        time.sleep(seconds)
        return seconds

    @app.task(name="interop.request", bind=True)
    def request(self):
        it = self.request
        return {
            "id": it.id,
            "retries": it.retries,
            "root_id": it.root_id,
            "parent_id": it.parent_id,
            "routing_key": it.delivery_info["routing_key"],
            "priority": it.delivery_info.get("priority"),
            # Celery 5.2 has what a caller adds beside its own.
            "headers": {"tenant": (it.headers or {}).get("tenant") or getattr(it, "tenant", None)},
        }

    return app
