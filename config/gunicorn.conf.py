"""How gunicorn serves the shop. One process's settings; GUNICORN_CMD_ARGS overrides any of them."""

import gc
import os
from pathlib import Path
from typing import Any

chdir = str(Path(__file__).resolve().parent.parent)
wsgi_app = "wsgi:app"
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# Two processes for two cores, and threads enough to wait for the database in: a request spends much
# of its time there, and a process in threads costs a tenth of another process's memory.
worker_class = "gthread"
workers = 2
threads = 4

# Every worker loads the program itself. Loading it once and forking would save some memory, but
# the job thread would not live on in the children and open database connections would be shared by
# all of them, which neither SQLite nor psycopg bears. What the children shared would also be copied
# bit by bit anyway, as reference counts are written.
preload_app = False

# Workers are not exchanged after so many requests: nothing here is known to leak, and an exchange
# would empty the caches in the middle of a busy hour.
max_requests = 0

# With threads this is not a limit for a request: a worker is killed when its main loop has not
# answered for so long. Requests that are under way when a worker is asked to end get the second.
timeout = 30
graceful_timeout = 20

# Longer than the idle time of a usual proxy (nginx: 60 s), so that the proxy is the one who hangs
# up; an idle connection waits in the poller and takes no thread.
keepalive = 75

# Who may say what X-Forwarded-* is decided in one place, the setting TRUSTED_PROXIES.
forwarded_allow_ips = ""

# The heartbeat is a file that is touched every second: in memory, a slow disk cannot stop it.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# The proxy in front keeps the access log. Visitors' addresses are written nowhere by default.
accesslog = None
errorlog = "-"
loglevel = "info"

# One more way in that nobody here uses.
control_socket_disable = True


def on_starting(_server: object) -> None:
    """Look at the settings before there are workers, who would fail and be replaced for ever."""
    from config.settings import Settings, SettingsError

    try:
        Settings.from_environment()
    except SettingsError as error:
        raise SystemExit(str(error)) from None


def post_worker_init(worker: Any) -> None:
    """Let each process work off what is left to be done after a sale, unless JOBS=off."""
    worker.app.wsgi().extensions["job_thread"].start()
    # What the program consists of is here to stay: the collector need not walk through it again
    # and again while people wait.
    gc.collect()
    gc.freeze()


def worker_exit(_server: Any, worker: Any) -> None:
    """Let the thread finish what it is at, and take nothing new."""
    if worker.app.callable:
        worker.app.callable.extensions["job_thread"].stop()
