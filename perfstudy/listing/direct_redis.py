"""Redis commands over a socket of each thread, parsed by hiredis, without a pool.

redis-py spends most of a short command's time on its pool and its own bookkeeping. A deadline of the kernel takes the
place of Python's, which polls before each read. An error closes the connection, and no command is sent twice.
"""

import os
import socket
import struct
import threading
from collections.abc import Sequence
from typing import Any

import hiredis
from redis import Redis
from redis.client import Pipeline
from redis.connection import parse_url
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as LateReply

Command = tuple[Any, ...]

SIZE = 1 << 16
"""Bytes that are read at once."""
KNOWN = frozenset({"host", "port", "db", "username", "password", "socket_timeout", "socket_connect_timeout"})
"""The options that a direct connection honours."""
IGNORED = frozenset({"retry", "max_connections"})
"""Options without effect here: nothing is retried, and each thread has one connection."""


class DirectConnection:
    """A connection to Redis, made by one thread with the options of redis-py."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.process = os.getpid()
        self._reader = hiredis.Reader(protocolError=BrokenConnection, replyError=_read_error)
        self._socket = socket.create_connection(
            (options.get("host") or "localhost", options.get("port") or 6379), options.get("socket_connect_timeout")
        )
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._limit(options.get("socket_timeout"))
            self._greet(options)
        except BaseException:
            self.close()
            raise

    def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Send *commands* at once; return their replies, errors among them."""
        self._socket.sendall(b"".join(map(hiredis.pack_command, commands)))
        return [self._reply() for _ in commands]

    def is_idle(self) -> bool:
        """Return whether the connection is open and nothing is left to be read."""
        try:
            self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _limit(self, seconds: float | None) -> None:
        """Let the kernel end a wait after *seconds*; never, if there are none."""
        self._socket.settimeout(None)
        limit = struct.pack("ll", *divmod(round((seconds or 0) * 1_000_000), 1_000_000))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, option, limit)

    def _greet(self, options: dict[str, Any]) -> None:
        who = [options[name] for name in ("username", "password") if options.get(name)]
        commands = [("AUTH", *who)] if who else []
        commands += [("SELECT", options["db"])] if options.get("db") else []
        for reply in self.ask(commands) if commands else ():
            if isinstance(reply, Exception):
                raise reply

    def _reply(self) -> Any:
        while (reply := self._reader.gets()) is False:
            received = self._socket.recv(SIZE)
            if not received:
                raise BrokenConnection("Redis closed the connection")
            self._reader.feed(received)
        return reply


class DirectRedis(Redis):
    """A client of redis-py that has a connection of its own in each thread."""

    _threads: threading.local

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command; return its reply or raise its error."""
        (reply,) = self.ask([args])
        return self.interpret(args, options, reply)

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """Return a pipeline that sends its commands at once; it is never a transaction."""
        return DirectPipeline(self)

    def interpret(self, command: Command, options: dict[str, Any], reply: Any) -> Any:
        """Return *reply* as redis-py would.

        Raises:
            ResponseError: it is an error of the server.
        """
        if isinstance(reply, Exception):
            raise reply
        callbacks = self.response_callbacks
        return callbacks[command[0]](reply, **options) if command[0] in callbacks else reply

    def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Send *commands* at once; return their replies, errors among them.

        Raises:
            redis.ConnectionError: Redis cannot be reached, or the connection ended.
            redis.TimeoutError: a reply took longer than the client's deadline.
        """
        connection = None
        try:
            connection = self._connection()
            return connection.ask(commands)
        except BaseException as error:
            self._drop(connection)
            if isinstance(error, TimeoutError | BlockingIOError):
                raise LateReply("Redis did not answer in time") from error
            if isinstance(error, OSError):
                raise BrokenConnection(f"Redis cannot be reached: {error}") from error
            raise

    def _connection(self) -> DirectConnection:
        """Return the thread's connection: the one that it has, or a new one."""
        local = self.__dict__.setdefault("_threads", threading.local())
        held: DirectConnection | None = getattr(local, "connection", None)
        if held and held.process == os.getpid() and held.is_idle():
            return held
        self._drop(held)
        local.connection = DirectConnection(self.connection_pool.connection_kwargs)
        return local.connection  # type: ignore[no-any-return]

    def _drop(self, connection: DirectConnection | None) -> None:
        if connection:
            self._threads.connection = None
            connection.close()


class DirectPipeline(Pipeline):
    """Commands that are sent at once over the connection of the calling thread."""

    def __init__(self, client: DirectRedis) -> None:
        super().__init__(client.connection_pool, client.response_callbacks, False, None)
        self._client = client

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send the commands; return their replies or raise the first error."""
        commands, self.command_stack = self.command_stack, []
        replies = self._client.ask([command for command, _ in commands]) if commands else []
        return [
            self._client.interpret(command, options, reply)
            for (command, options), reply in zip(commands, replies, strict=True)
        ]


def connect(url: str, **options: Any) -> Redis:
    """Return a direct client of the server at *url*.

    A URL of another kind than plain TCP, or with options that a direct connection does not know, gets redis-py's own.
    """
    given = parse_url(url).keys() | options.keys()  # type: ignore[no-untyped-call]
    return (DirectRedis if given <= KNOWN | IGNORED else Redis).from_url(url, **options)


def _read_error(text: str) -> ResponseError:
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)
