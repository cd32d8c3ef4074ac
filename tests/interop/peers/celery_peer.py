"""A Celery application: its representations, its dates, and its result backends."""

import json
from datetime import datetime, timedelta, timezone

from celery import Celery
from celery.app.task import Context
from celery.exceptions import TaskRevokedError  # noqa: F401, for `source`
from celery.result import AsyncResult, GroupResult, result_from_tuple
from celery.utils.saferepr import saferepr
from celery.utils.time import maybe_iso8601, maybe_make_aware
from kombu.serialization import loads

import json_lines

APPS = {}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def app_of(backend, broker="memory://"):
    """One application for each pair of URLs."""
    key = (broker, backend)
    if key not in APPS:
        app = Celery(broker=broker, backend=backend, set_as_current=False)
        app.conf.result_extended = True
        APPS[key] = app
    # Results that are rebuilt belong to the current application.
    APPS[key].set_current()
    return APPS[key]


def value_of(body):
    return loads(body, content_type="application/json", content_encoding="utf-8")


def repr_args(bodies):
    """As `as_task_v2` prints positional arguments."""
    return [saferepr(tuple(value_of(body)), 1024) for body in bodies]


def repr_values(bodies, length):
    return [saferepr(value_of(body), length) for body in bodies]


def read_dates(texts):
    """Unix milliseconds, cut off; None for what the worker refuses."""
    return [date_of(text) for text in texts]


def date_of(text):
    try:
        date = maybe_make_aware(maybe_iso8601(text))
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None
    return (date - EPOCH) // timedelta(milliseconds=1)


def store(backend, task_id, state, result=None, source=None, traceback=None, request=None, broker="memory://"):
    """Stores as a worker does. `source` is evaluated: what JSON cannot say."""
    value = eval(source) if source is not None else value_of(json.dumps(result))
    request = dict(request or {})
    children = [result_from_tuple(child) for child in request.pop("children", [])]
    context = Context(id=task_id, **request)
    context.children.extend(children)
    app_of(backend, broker).backend.store_result(task_id, value, state, traceback=traceback, request=context)
    return None


def read(backend, task_id):
    """What a Python caller sees."""
    app = app_of(backend)
    result = AsyncResult(task_id, app=app)
    value = result.result
    children = result.children
    return {
        "state": result.state,
        "result": described(value),
        "traceback": result.traceback,
        "children": children and [child.as_tuple() for child in children],
        "date_done": result.date_done and result.date_done.isoformat(),
        "name": result.name,
        "args": result.args,
        "kwargs": result.kwargs,
        "worker": result.worker,
        "retries": result.retries,
        "queue": result.queue,
    }


def described(value):
    if isinstance(value, BaseException):
        return {
            "module": type(value).__module__,
            "type": type(value).__qualname__,
            "bases": [base.__name__ for base in type(value).__mro__],
            "args": json_lines.plain(list(value.args)),
        }
    return json_lines.plain(value)


def get(backend, task_id, timeout, broker="memory://"):
    """Waits as a Python caller does."""
    result = AsyncResult(task_id, app=app_of(backend, broker))
    try:
        return {"value": described(result.get(timeout=timeout))}
    except Exception as error:
        return {"raised": described(error)}


def expect(backend, broker, task_id):
    """Prepares to be told of a result by message. Answers where to."""
    app = app_of(backend, broker)
    with app.connection_for_write() as connection:
        app.backend.on_task_call(connection.Producer(), task_id)
    return app.thread_oid


def save_group(backend, group_id, children):
    app = app_of(backend)
    results = [AsyncResult(child, app=app) for child in children]
    GroupResult(group_id, results, app=app).save(backend=app.backend)
    return None


def restore_group(backend, group_id):
    app = app_of(backend)
    group = GroupResult.restore(group_id, backend=app.backend, app=app)
    return None if group is None else {"type": type(group).__name__, "tuple": group.as_tuple()}


if __name__ == "__main__":
    json_lines.serve(
        {
            function.__name__: function
            for function in (
                repr_args,
                repr_values,
                read_dates,
                store,
                read,
                get,
                expect,
                save_group,
                restore_group,
            )
        }
    )
