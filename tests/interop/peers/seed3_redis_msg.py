"""A small framework over Redis' publish and subscribe, with a heartbeat, and its demonstration.

The program that people have, with its address of the broker made an argument. Where it printed
misshaped it is as its text describes it.
"""

import threading
import time

import redis

from broker_url import broker_url


class RedisMsg:
    def __init__(self, url, timeout=1):
        pool = redis.ConnectionPool.from_url(url)
        self.beat = None
        self.timeout = timeout
        self._client = redis.Redis(connection_pool=pool)
        self._sub = None

    def putmsg(self, channel, msg):
        return self._client.publish(channel, msg)

    def creatpub(self):
        if self._sub is None:
            self._sub = self._client.pubsub()

    def startsub(self, channel, *channels, **function):
        task = threading.Thread(target=self._runsub, args=(channel, function, *channels))
        task.start()
        if self.beat is None or not self.beat.is_alive():
            self.beat = threading.Thread(target=self._heartbeat, args=())
            self.beat.start()

    def addchannel(self, channel, *channels, **function):
        if self._sub is None:
            self.startsub(channel, *channels, **function)
        if self.beat.is_alive():
            self.startsub(channel, *channels, **function)
        else:
            self._sub.subscribe(channel, *channels, **function)

    def delchannel(self, channel, *channels):
        self._sub.unsubscribe(channel, *channels)

    def _runsub(self, channel, function, *channels):
        if self._sub is None:
            self.creatpub()
        self._sub.subscribe(channel, *channels, **function)
        for message in self._sub.listen():
            print(message)

    def _heartbeat(self):
        while True:
            time.sleep(self.timeout)
            channels = self._sub.channels
            if not channels:
                break
            self._sub.ping()


def channel1(msg):
    print(f"这是频道1回调处理程序: {msg}")


def channel2(msg):
    print(f"这是频道2回调处理程序: {msg}")


if __name__ == "__main__":
    test = RedisMsg(broker_url())
    test.startsub("channel1", "channel2", channel1=channel1, channel2=channel2)
    time.sleep(5)
    test.putmsg("channel1", "channel1的消息")
    time.sleep(2)
    test.putmsg("channel2", "channel2的消息")
    time.sleep(5)
    test.addchannel("channel3")
    time.sleep(5)
    test.putmsg("channel3", "channel3的消息")
    test.delchannel("channel1", "channel2")
