"""A cluster of machines under Ray (https://ray.io), on which a build has its pictures encoded.

Ray is imported here alone. It starts workers, moves shares to them and starts a share again where a worker
ended; what is in a share and what becomes of it is :mod:`ham_recommend.encode.sharing`.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from ham_recommend.encode.sharing import Encoded, Parcel, check_worker, encode_share
from ham_recommend.errors import ClusterError, HamRecommendError, MissingExtraError, SettingsError

RETRIES = 3
"""How often a share is begun again whose worker has ended."""
_REACHED = 10.0
_ADDRESS = re.compile(r"ray://[^/?#\s]+:\d{1,5}")


def check_cluster(on: str, gpus: float) -> None:
    """Refuse what is no cluster's address, before anything is asked of one.

    Parameters
    ----------
    on, gpus
        As in :func:`cluster_at`.

    Raises
    ------
    SettingsError
        The address is neither ``"ray"`` nor ``"ray://host:port"``, or there is no such share of a GPU.
    MissingExtraError
        Ray is not installed here.
    """
    if on != "ray" and not _ADDRESS.fullmatch(on):
        raise SettingsError(
            f"A build runs on ray, a cluster of this machine, or on ray://host:port, not on {on!r:.100}."
        )
    if not (0 <= gpus <= 1 or (gpus > 0 and float(gpus).is_integer())):
        raise SettingsError(f"A share takes a part of a GPU or whole ones: 0.25, 1 or 2, not {gpus:g}.")
    if find_spec("ray") is None:
        raise MissingExtraError.needing("A build on Ray", "ray")


@contextmanager
def cluster_at(on: str, encoder_name: str, model_id: str, *, gpus: float = 0.0) -> Iterator[RayCluster]:
    """Join a cluster; leave it, or end the one that was started for this build, when the block ends.

    Parameters
    ----------
    on : str
        ``"ray"`` for the cluster that ``RAY_ADDRESS`` names, or one started on this machine now, with a
        worker for each core; ``"ray://head:10001"`` for another one.
    encoder_name : str
        What encodes there, from the registry, with its model.
    model_id : str
        Of that encoder, as it is on this machine.
    gpus : float
        How much of a GPU a share takes: 1, or 0.25 where four are to be encoded at once on each.

    Raises
    ------
    ClusterError
        It is out of reach, or its workers cannot encode as this machine does.
    """
    ray = _ray()
    joined = ray.is_initialized()
    try:
        if not joined:
            _join(ray, on)
        cluster = RayCluster(ray, on, encoder_name, gpus)
        try:
            check_worker(cluster.submit(()).result(), model_id)
            yield cluster
        finally:
            cluster.close()
    finally:
        if not joined:
            ray.shutdown()


class RayCluster:
    """Encodes shares as tasks of Ray; see :class:`ham_recommend.encode.sharing.Cluster`.

    Parameters
    ----------
    ray : module
        Ray, joined.
    on : str
        What to call it in errors.
    encoder_name : str
        What encodes.
    gpus : float
        How much of a GPU a share takes.
    """

    def __init__(self, ray: Any, on: str, encoder_name: str, gpus: float) -> None:
        self._ray = ray
        self._on = on
        self._encoder_name = encoder_name
        self._task = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=RETRIES)(encode_share)
        self._under_way: set[Any] = set()
        self.slots = self._count_slots(gpus)

    def _count_slots(self, gpus: float) -> int:
        """Return how many shares are encoded at once."""
        has = self._ray.cluster_resources()
        slots = int(has.get("CPU", 0))
        if gpus:
            slots = min(slots, int(has.get("GPU", 0) / gpus))
        if not slots:
            wanted = f"a core and {gpus:g} of a GPU" if gpus else "a core"
            raise ClusterError(
                f"{self._on} has no machine with {wanted} for a share. Start one, or leave --gpus out."
            )
        return slots

    def submit(self, share: Sequence[Parcel]) -> Future[Encoded]:
        """Have a share encoded somewhere."""
        outer: Future[Encoded] = Future()
        outer.set_running_or_notify_cancel()
        task = self._task.remote(self._encoder_name, self._ray.put(share))
        self._under_way.add(task)
        task.future().add_done_callback(lambda done: self._hand_over(task, done, outer))
        return outer

    def close(self) -> None:
        """End what is under way."""
        for task in tuple(self._under_way):
            self._ray.cancel(task)

    def _hand_over(self, task: Any, done: Future[Encoded], outer: Future[Encoded]) -> None:
        """Pass on what came of a share; of an error, what it means."""
        self._under_way.discard(task)
        error = done.exception()
        if error is None:
            outer.set_result(done.result())
        else:
            outer.set_exception(self._meaning(error))

    def _meaning(self, error: BaseException) -> BaseException:
        exceptions = self._ray.exceptions
        cause = getattr(error, "cause", None)
        if isinstance(cause, HamRecommendError):
            return ClusterError(f"A worker of {self._on} cannot encode: {cause}")
        if isinstance(error, exceptions.RayTaskError):
            return ClusterError(
                f"A worker of {self._on} cannot encode ({_line(cause or error)}). "
                "Install the same ham-recommend on all machines of the cluster."
            )
        if isinstance(
            error, exceptions.WorkerCrashedError | exceptions.OutOfMemoryError | exceptions.NodeDiedError
        ):
            return ClusterError(
                f"A share of pictures ended its worker on {self._on} {RETRIES + 1} times ({_line(error)}). "
                "What was encoded is kept: the same build goes on from there, without --on if need be."
            )
        return ClusterError(
            f"{self._on} broke off ({_line(error)}). "
            "What was encoded is kept: the same build goes on from there."
        )


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nobody is told of a build
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    return ray


def _join(ray: Any, on: str) -> None:
    """Join a cluster, or start one.

    Raises
    ------
    ClusterError
        It is out of reach, does not start, or is another version.
    """
    address = on if on != "ray" else os.environ.get("RAY_ADDRESS", "local")
    try:
        if address not in {"local", "auto"}:
            host, port = address.removeprefix("ray://").rsplit(":", 1)
            socket.create_connection(
                (host.strip("[]"), int(port)), _REACHED
            ).close()  # Ray would try for long
        try:
            _init(ray, address)
        except ConnectionAbortedError:  # a busy head was too slow in making room for us
            ray.shutdown()
            _init(ray, address)
    except (OSError, OverflowError, ValueError) as error:
        raise ClusterError(
            f"{on} does not answer ({_line(error)}). Is its head running, the port the one for clients, "
            "and the cluster's token in RAY_AUTH_TOKEN?"
        ) from error
    except Exception as error:  # Ray raises it as such where a part of it does not start
        if address == "local":
            raise ClusterError(
                f"Ray does not start on this machine: {_line(error)}. Try again when it is less busy."
            ) from error
        raise ClusterError(
            f"{on} cannot be joined: {_line(error)}. Have the same Ray and Python on all machines."
        ) from error


def _init(ray: Any, address: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what matters is in the error
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)


def _line(error: BaseException) -> str:
    """Return what an error says, as one line."""
    said = " ".join(str(error).split()) or type(error).__name__
    return f"{said:.200}".rstrip(". ")
