"""How gunicorn serves the desk. Two processes of four threads on two cores; WEB_CONCURRENCY and WEB_THREADS change that."""

import os
from pathlib import Path

bind = f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
keepalive = 5
timeout = 60
graceful_timeout = 20
# A worker is renewed now and then, not all at the same time.
max_requests, max_requests_jitter = 10_000, 1_000
# The home folder of a service is often read-only.
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
accesslog = None
