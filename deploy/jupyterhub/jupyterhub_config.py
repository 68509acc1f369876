"""JupyterHub with DataAsk as its service.

Start it with `jupyterhub -f jupyterhub_config.py`. What to set for your Hub stands first; README.md beside this file
says what each part is for.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 - JupyterHub runs this file

HERE = Path(__file__).resolve().parent

# ---- Yours -------------------------------------------------------------------------------------------------------

# Where people reach the Hub, as they type it. Kernels use the same address to reach DataAsk.
PUBLIC_URL = os.environ.get("HUB_PUBLIC_URL", "http://127.0.0.1:8000/")
# Where DataAsk keeps its own database and results. Only its own system user may read it.
DATA = os.environ.get("DATAASK_DATA_DIR", "/var/lib/dataask")
# The system user that the service runs as; kernels must run as others. Empty: the Hub's own, for trying it out.
SERVICE_USER = os.environ.get("DATAASK_SERVICE_USER", "")
# The groups whose members may use DataAsk. What each may do there is in jupyter_dataask_config.py.
GROUPS = ["analysts", "managers"]

c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.public_url = PUBLIC_URL

# For trying it out: everybody is let in with one password, and all servers run as the Hub's own user. In earnest take
# your Authenticator (OAuth, LDAP, PAM) and a spawner that separates users: DockerSpawner, KubeSpawner, SystemdSpawner,
# SudoSpawner. With SimpleLocalProcessSpawner code in a notebook could read the service's files.
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ.get("HUB_DEMO_PASSWORD", "")
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"

# ---- The service -------------------------------------------------------------------------------------------------

service = {
    "name": "dataask",
    "url": "http://127.0.0.1:8090",
    "command": [sys.executable, "-m", "dataask_jupyter.cli"],
    # Nobody is asked whether this service may know their name and groups: the hidden sign-in of JupyterLab needs that.
    "oauth_no_confirm": True,
    "environment": {
        "DATAASK_DATA_DIR": DATA,
        "DATAASK_DATABASE_URL": os.environ.get("DATAASK_DATABASE_URL", ""),
        # At least 32 random bytes, e.g. from `openssl rand -base64 48`. It is for the service alone.
        "DATAASK_SECRET_KEY": os.environ.get("DATAASK_SECRET_KEY", ""),
        "JUPYTER_CONFIG_DIR": str(HERE),
        "JUPYTER_RUNTIME_DIR": str(Path(DATA) / "runtime"),
    },
}
if SERVICE_USER:
    service["user"] = SERVICE_USER
c.JupyterHub.services = [service]

# ---- Who may use it ----------------------------------------------------------------------------------------------

ACCESS = "access:services!service=dataask"
c.JupyterHub.load_groups = {group: {"users": []} for group in GROUPS}
c.JupyterHub.load_roles = [{"name": "dataask-user", "scopes": [ACCESS], "groups": GROUPS}]

# ---- Users' own servers ------------------------------------------------------------------------------------------

c.Spawner.default_url = "/lab"
# The server's own token, which code in a notebook can read, may use the service: with what a notebook may do there.
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", ACCESS]
c.Spawner.environment = {
    "DATAASK_SERVICE_URL": "/services/dataask/",
    # Where kernels can't reach PUBLIC_URL (containers), name the way that they have:
    # "DATAASK_URL": "http://proxy-public/services/dataask/",
}
