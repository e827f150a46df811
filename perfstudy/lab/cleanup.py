"""What a keeper that was killed may leave behind, and its end."""

import signal

from perfstudy.lab import processes
from perfstudy.lab.session import sweep_sessions
from perfstudy.lab.state import State

PATIENCE = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))


def end_leftover_processes(state: State) -> bool:
    """End the servers that a killed keeper recorded, and remove all short folders of the dead; whether any ran.

    They are ending already where the kernel tells them of their parent's death, and are told here where it does not.
    """
    recorded = (state.record() or {}).get("processes", {})
    found = [processes.end(pid, birth, *PATIENCE) for name, (pid, birth) in recorded.items() if name != "keeper"]
    state.forget()
    sweep_sessions(state)
    return any(found)
