"""JupyterHub for one room and one machine. serve.py writes WORKSHOP into the environment and starts
it.
"""

import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE)]
from attendees import AttendeeSpawner  # noqa: E402
from login import RoomAuthenticator  # noqa: E402

workshop = json.loads(os.environ["WORKSHOP"])
hub = Path(workshop["folder"], ".hub")
c = get_config()  # noqa: F821

c.JupyterHub.bind_url = f"http://{workshop['address']}:{workshop['port']}"
c.JupyterHub.hub_ip = c.JupyterHub.hub_connect_ip = "127.0.0.1"
c.JupyterHub.hub_port = workshop["hub_port"]
c.JupyterHub.db_url = f"sqlite:///{hub}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = str(hub / "cookie_secret")
c.JupyterHub.template_paths = [str(HERE / "templates")]
c.JupyterHub.active_server_limit = workshop["attendees"]
c.JupyterHub.log_level = "WARN"
c.JupyterHub.authenticator_class = RoomAuthenticator
c.RoomAuthenticator.allow_all = True  # who has the password
c.RoomAuthenticator.refresh_pre_spawn = True  # it looks whether the room is full
c.RoomAuthenticator.room = workshop["password"]
c.RoomAuthenticator.pins = str(hub / "pins")

c.ConfigurableHTTPProxy.command = [sys.executable, str(HERE / "proxy.py"), "--proxy-timeout=300000"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{workshop['proxy_port']}"
c.ConfigurableHTTPProxy.pid_file = f"{workshop['run_folder']}/proxy.pid"
c.ConfigurableHTTPProxy.log_level = "error"

c.JupyterHub.spawner_class = AttendeeSpawner
c.AttendeeSpawner.folder = workshop["folder"]
c.AttendeeSpawner.run_folder = workshop["run_folder"]
c.AttendeeSpawner.isolated = workshop["isolated"]
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.env_keep = ["LANG", "LC_ALL", "TZ"]  # nothing else of the teacher's, above all no key
c.Spawner.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.Spawner.start_timeout = c.Spawner.http_timeout = 240  # 30 servers at once on 2 cores
c.Spawner.args = [
    "--KernelSpecManager.allowed_kernelspecs=python3",  # as start.py has it
    "--LabApp.custom_css=True",
    "--LanguageServerManager.autodetect=False",
    "--ConnectionFileMixin.transport=ipc",
    # sockets in a folder of mode 0700: all could listen to a port's output
    "--MappingKernelManager.cull_idle_timeout=3600",
    # of a lesson whose tab is closed; servers are left alone
    "--ServerApp.terminado_settings={'shell_command': ['/bin/bash']}",
    # a login shell would lose .venv from PATH
    "--ServerApp.log_level=WARN",
]
