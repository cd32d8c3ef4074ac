"""Where the broker is: the first argument, else DASHI_TEST_REDIS_URL."""

import os
import sys


def broker_url():
    if len(sys.argv) > 1:
        return sys.argv[1]
    if "DASHI_TEST_REDIS_URL" in os.environ:
        return os.environ["DASHI_TEST_REDIS_URL"]
    sys.exit(f"usage: {sys.argv[0]} URL (or set DASHI_TEST_REDIS_URL)")
