"""Kombu's serialization and compression, as commands: the other end of codec.test.ts.

See json_lines.py for how it is told. Bodies are base64.
"""

import base64
import random
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from kombu.compression import compress, decompress
from kombu.serialization import dumps, loads

from json_lines import serve


TYPES = {
    "json": ("application/json", "utf-8"),
    "yaml": ("application/x-yaml", "utf-8"),
    "msgpack": ("application/x-msgpack", "binary"),
    "pickle": ("application/x-python-serialize", "binary"),
}


def decode(body, serializer):
    content_type, content_encoding = TYPES[serializer]
    return loads(base64.b64decode(body), content_type, content_encoding, accept=[content_type])


def encode(value, serializer):
    body = dumps(value, serializer)[2]
    return base64.b64encode(body.encode() if isinstance(body, str) else body).decode()


def pass_through(bodies, serializer):
    """Each body read and written again."""
    return [encode(decode(body, serializer), serializer) for body in bodies]


def generate(seed, count, serializer):
    """Random values, as bodies. The same seed makes the same values."""
    return [encode(value, serializer) for value in values(seed, count, serializer)]


def compare(seed, bodies, serializer):
    """Differences between what `generate` made and what the bodies hold now."""
    read = [decode(body, serializer) for body in bodies]
    pairs = zip(values(seed, len(bodies), serializer), read)
    return [f"{ours!r} became {theirs!r}" for ours, theirs in pairs if not same(ours, theirs)]


def pass_compressed(bodies, method):
    """Each compressed body expanded and compressed again."""
    plain = [decompress(base64.b64decode(body), method) for body in bodies]
    return [base64.b64encode(compress(body, method)[0]).decode() for body in plain]


def values(seed, count, serializer):
    source = random.Random(seed)
    return [random_value(source, 3, LEAVES[serializer]) for _ in range(count)]


def random_value(source, depth, leaves):
    maker = source.choice(leaves + (BRANCHES * 3 if depth else []))
    return maker(source, depth - 1, leaves) if maker in BRANCHES else maker(source)


def random_text(source):
    alphabet = "abc \"\\/\n\t\0\x7f\u00e9\u2028\u4f60\U0001f600NaN__type0123456789"
    return "".join(source.choice(alphabet) for _ in range(source.randrange(12)))


def random_zone(source):
    minutes = source.choice([0, 0, 330, -210, 1439, -1439])
    return source.choice([None, timezone(timedelta(minutes=minutes))])


def random_microsecond(source):
    return source.choice([0, source.randrange(1000) * 1000, source.randrange(1_000_000)])


def random_datetime(source):
    moment = datetime(1, 1, 2) + timedelta(seconds=source.randrange(9998 * 365 * 86400))
    return moment.replace(microsecond=random_microsecond(source), tzinfo=random_zone(source))


def random_time(source):
    clock = [source.randrange(24), source.randrange(60), source.randrange(60)]
    return time(*clock, random_microsecond(source), tzinfo=random_zone(source))


def random_integer(source):
    return source.randrange(-(2 ** source.randrange(1, 200)), 2 ** source.randrange(1, 200))


def random_float(source):
    whole = [float(random_integer(source)), float("nan"), float("inf"), float("-inf"), -0.0]
    return source.choice([source.random(), source.gauss(0, 1e20), *whole])


def random_decimal(source):
    special = ["NaN", "-Infinity", "0E-10", "1E+100", "-0.00"]
    return Decimal(source.choice([f"{random_integer(source)}.{source.randrange(1000)}", *special]))


def random_short_integer(source):
    return source.choice([source.randrange(-(2**63), 2**64), source.randrange(-40000, 70000)])


def random_date(source):
    return random_datetime(source).date()


def random_list(source, depth, leaves):
    return [random_value(source, depth, leaves) for _ in range(source.randrange(5))]


def random_dict(source, depth, leaves):
    items = range(source.randrange(5))
    return {random_text(source): random_value(source, depth, leaves) for _ in items}


PLAIN = [
    lambda source: None,
    lambda source: source.random() < 0.5,
    random_float,
    random_text,
    lambda source: source.randbytes(source.randrange(12)),
    lambda source: random_text(source).encode(),
]
DATED = [*PLAIN, random_integer, random_datetime, random_date]
ANY = [
    *DATED,
    random_time,
    random_decimal,
    lambda source: uuid.UUID(int=source.getrandbits(128)),
]
LEAVES = {
    "json": ANY,
    "yaml": DATED,
    "msgpack": [*PLAIN, random_short_integer],
    "pickle": ANY,
}
BRANCHES = [random_list, random_dict]


def same(ours, theirs):
    """Equal, exact to the offset and the last digit. Floats may come back as integers of the same value."""
    if isinstance(ours, (list, tuple)):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, float):
        return repr(ours) == repr(float(theirs)) or ours == theirs == 0
    if isinstance(ours, (date, time)):
        return type(ours) is type(theirs) and ours.isoformat() == theirs.isoformat()
    return type(ours) is type(theirs) and repr(ours) == repr(theirs)


if __name__ == "__main__":
    serve(
        {
            "pass_through": pass_through,
            "generate": generate,
            "compare": compare,
            "pass_compressed": pass_compressed,
        }
    )
