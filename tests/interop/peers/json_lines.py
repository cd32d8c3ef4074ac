"""Commands in, answers out: one JSON object per line, in order.

A command is {"id": 1, "do": "name", ...arguments}; its answer is {"id": 1, "ok": value}, or
{"id": 1, "error": {"type": ..., "message": ..., "traceback": ...}}. The program ends when its input
does. Whatever else it or a library prints goes to stderr.
"""

import base64
import json
import os
import sys
import traceback

#: Integers beyond it change when a JavaScript program reads them.
MAX_SAFE_INTEGER = 2**53 - 1


class CommandError(Exception):
    """The command makes no sense; the message says why."""


def serve(commands):
    """Answers every line of stdin with the function of that name, until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        if line.strip():
            answers.write(json.dumps(answer_to(line, commands), allow_nan=False) + "\n")
            answers.flush()


def answer_to(line, commands):
    command_id = None
    try:
        command = json.loads(line)
        command_id = command.pop("id", None)
        name = command.pop("do", None)
        if name not in commands:
            raise CommandError(f"no command {name!r}; there are: {', '.join(sorted(commands))}")
        return {"id": command_id, "ok": commands[name](**command)}
    except Exception as error:
        return {"id": command_id, "error": describe_error(error)}


def describe_error(error):
    return {
        "type": type(error).__name__,
        "message": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }


def describe(value):
    """A value that JSON may not hold: {"json": v} if it can, {"base64": s}, or {"python": repr}."""
    if isinstance(value, (bytes, memoryview)):
        return {"base64": base64.b64encode(value).decode("ascii")}
    return {"json": value} if is_exact(value) else {"python": repr(value)}


def plain(value):
    """The value with everything in it that JSON cannot hold replaced by what `describe` says."""
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if is_exact(value) else describe(value)


def is_exact(value):
    """Whether the value is the same after a journey through JSON and JavaScript."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) <= MAX_SAFE_INTEGER
    if isinstance(value, float):
        return value - value == 0
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, list):
        return all(is_exact(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_exact(item) for key, item in value.items())
    return False
