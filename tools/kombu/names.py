"""Prints, as JSON, every public name of the Kombu that is installed.

Names are dotted and without the leading "kombu.": modules ("common"), what a module defines or
lists in __all__ ("common.maybe_declare"), what a class defines ("connection.Connection.ensure"),
and, of the classes that a program makes, the parameters ("entity.Queue(durable)"). What a module
merely passes on from another module of Kombu is there under the name of that other module; the
package root is the exception, because that is what programs import. Of transports other than the
virtual one only the modules count: what is in them is theirs. Modules whose drivers are not
installed cannot be looked into; their names are there.
"""

import importlib
import inspect
import json
import pkgutil
import sys
import types
import typing

import kombu

MADE_BY_PROGRAMS = (
    "common.Broadcast",
    "common.QoS",
    "connection.Connection",
    "entity.Exchange",
    "entity.Queue",
    "entity.binding",
    "messaging.Consumer",
    "messaging.Producer",
    "messaging.Producer.publish",
    "pidbox.Mailbox",
    "simple.SimpleBuffer",
    "simple.SimpleQueue",
)


def modules():
    found = [module.name for module in pkgutil.walk_packages(kombu.__path__, "kombu.")]
    for name in found:
        try:
            importlib.import_module(name)
        except Exception:  # a driver is missing: the name of the module is all that can be known
            pass
    return ["kombu", *found]


def is_looked_into(module):
    if not module.startswith("kombu.transport."):
        return True
    return module.startswith(("kombu.transport.virtual", "kombu.transport.base", "kombu.transport.native"))


def is_typing(value):
    return isinstance(value, typing.TypeVar) or getattr(value, "__module__", "") == "typing"


def is_own(module, name, value):
    if name.startswith("_") or name == "TYPE_CHECKING" or isinstance(value, types.ModuleType) or is_typing(value):
        return False
    return getattr(value, "__module__", module.__name__) == module.__name__


def names_of(module):
    """What the module lists, and what it defines and does not list."""
    own = {name for name, value in vars(module).items() if is_own(module, name, value)}
    listed = set(getattr(module, "__all__", ()))
    if module is kombu:
        return listed
    return own | {name for name in listed if not is_passed_on(module, getattr(module, name, None))}


def is_passed_on(module, value):
    home = getattr(value, "__module__", None) or ""
    return home != module.__name__ and home.startswith("kombu") and not home.startswith("kombu.__")


def members_of(cls):
    return {name for name in vars(cls) if not name.startswith("_")}


def parameters_of(value):
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(value).parameters.values()
    own = {p.name for p in parameters if p.kind not in kinds and p.name != "self"}
    # Entities are made from keywords that this list names.
    return own | {name for name, _ in getattr(value, "attrs", ())}


def main():
    found = set()
    for full in modules():
        short = full.removeprefix("kombu").lstrip(".")
        if short:
            found.add(short)
        module = sys.modules.get(full)
        if module is None or not is_looked_into(full):
            continue
        for name in names_of(module):
            value = getattr(module, name, None)
            path = f"{short}.{name}".lstrip(".")
            found.add(path)
            if inspect.isclass(value) and (value.__module__, value.__qualname__) == (full, name):
                found |= {f"{path}.{member}" for member in members_of(value)}
    for path in MADE_BY_PROGRAMS:
        module, *rest = path.split(".")
        value = importlib.import_module(f"kombu.{module}")
        for name in rest:
            value = getattr(value, name)
        found |= {f"{path}({name})" for name in parameters_of(value)}
    json.dump({"version": kombu.__version__, "names": sorted(found)}, sys.stdout)


main()
