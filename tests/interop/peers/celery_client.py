"""A Celery client: calls tasks and waits for their results, on command."""

import json_lines
from celery.result import AsyncResult
from celery_tasks import make_app

APPS = {}


def app_of(broker, backend):
    if (broker, backend) not in APPS:
        APPS[broker, backend] = make_app(broker, backend)
    return APPS[broker, backend]


def send(broker, backend, task, args=(), kwargs=None, options=None):
    """Sends a call. Answers its id."""
    result = app_of(broker, backend).send_task(task, args, kwargs or {}, **(options or {}))
    # Held, since rpc results come to the object that waits for them.
    RESULTS[result.id] = result
    return result.id


RESULTS = {}


def get(broker, backend, result, timeout=10):
    """Waits for it. Answers its state, and its value or its exception."""
    held = RESULTS.get(result) or AsyncResult(result, app=app_of(broker, backend))
    try:
        return {"state": "SUCCESS", "value": json_lines.plain(held.get(timeout=timeout))}
    except Exception as error:
        return {
            "state": held.state,
            "type": type(error).__name__,
            "module": type(error).__module__,
            "args": json_lines.plain(list(error.args)),
        }


if __name__ == "__main__":
    json_lines.serve({"send": send, "get": get})
