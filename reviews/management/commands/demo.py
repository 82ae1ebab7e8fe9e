"""manage.py demo: the sample program, played through and served."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from reviews.sample import CODE, play, reset
from reviews.sample.play import MEMBERS, PASSWORD, STAFF
from reviews.writeback.targets.file import path_of


class Command(BaseCommand):
    """Set up, load the sample program, run the main job, then serve web and worker until Ctrl-C."""

    help = (
        "Load the sample program and serve it; --no-serve runs the main job end to end and stops. "
        "Example: manage.py demo --no-serve --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to serve, where, and how to answer."""
        parser.add_argument("--no-serve", action="store_true", help="run the main job without a server")
        parser.add_argument("--json", action="store_true", help="print counts and seconds as one JSON object")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="default 8000")
        parser.add_argument("--keep", action="store_true", help="serve what an earlier demo left, without resetting it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Set up, play, serve."""
        started = time.perf_counter()
        call_command("setup_database", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: SIM115 (until exit)
        setup = round(time.perf_counter() - started, 3)
        if not options["keep"]:
            self._play(options, setup)
        if not options["no_serve"]:
            self._serve(options["port"])

    def _play(self, options: dict[str, Any], setup: float) -> None:
        say = (lambda _: None) if options["json"] else (lambda line: self.stdout.write(f"  {line} ..."))
        if reset(CODE):
            say("forgetting the sample program of an earlier demo")
            path_of(f"{CODE}-outcomes").unlink(missing_ok=True)
        played = play(timezone.now(), say)
        if options["json"]:
            self.stdout.write(json.dumps({**played.counts, "seconds": {"setup": setup, **played.seconds}}))
            return
        counts = ", ".join(f"{count} {name}" for name, count in played.counts.items())
        self.stdout.write(f"{counts}.")
        self.stdout.write(f"Outcomes were written to {os.path.relpath(path_of(f'{CODE}-outcomes'))}")

    def _serve(self, port: int) -> None:
        """Web and worker as one group: whichever ends, the other is ended too."""
        environment = {
            **os.environ,
            "CHANNELCONFLICT_PLAIN_HTTP": "1",
            "PUBLIC_URL": os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{port}"),
            "DJANGO_SETTINGS_MODULE": "channelconflict.settings",
        }
        call_command("collectstatic", interactive=False, verbosity=0)
        base = Path(settings.BASE_DIR)
        web = [sys.executable, "-m", "gunicorn", "channelconflict.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "8",
               "--workers", "1", "--log-level", "warning"]  # fmt: skip
        worker = [sys.executable, "manage.py", "work"]
        # In sessions of their own: Ctrl-C reaches only this process, which then stops each of them once. A worker that
        # gets a second signal while it stops waits for ever.
        group = [
            subprocess.Popen(command, cwd=base, env=environment | extra, start_new_session=True)  # noqa: S603 (ours)
            for command, extra in ((web, {"DATABASE_POOL": "8"}), (worker, {}))
        ]
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            self._announce(port, group[0])
            while all(process.poll() is None for process in group):
                time.sleep(0.3)
        except KeyboardInterrupt:
            self.stdout.write("\nstopping; `make demo` starts again, `make clean` forgets everything")
        finally:
            for process in group:
                process.terminate()
            for process in group:
                _wait_for(process)

    def _announce(self, port: int, web: subprocess.Popen[bytes]) -> None:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
                break
            except OSError:
                if web.poll() is not None:
                    return
                time.sleep(0.2)
        people = "\n".join(f"    {username:<8}{role.label.lower()}, {name}" for username, name, role in STAFF)
        members = "\n".join(f"    {username:<8}partner, {name}" for username, name, *_ in MEMBERS)
        self.stdout.write(
            f"\nchannelconflict is ready:  http://127.0.0.1:{port}/\n\n"
            f"Sign in with the password {PASSWORD} as\n{people}\n{members}\n"
        )
        self.stdout.flush()


def _wait_for(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
