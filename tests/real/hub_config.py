"""The Hub of the tests: the deployment's own configuration, with free ports and folders of the test."""

import json
import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 - JupyterHub runs this file

given = json.loads(os.environ["TEST_HUB"])
root = Path(given["root"])
load_subconfig(given["deployed"])  # noqa: F821

c.JupyterHub.bind_url = f"http://127.0.0.1:{given['port']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{given['hub_port']}"
c.JupyterHub.db_url = f"sqlite:///{root / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(root / "cookie_secret")
c.ConfigurableHTTPProxy.command = [given["proxy"]]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{given['proxy_port']}"
c.ConfigurableHTTPProxy.pid_file = str(root / "proxy.pid")
c.JupyterHub.log_level = "WARN"
c.Authenticator.admin_users = {"boss"}

service = c.JupyterHub.services[0]
service["url"] = f"http://127.0.0.1:{given['service_port']}"
service["command"] += [*given["service_options"]]
service["environment"] |= {"PYTHONPATH": os.environ["PYTHONPATH"], "JUPYTER_DATA_DIR": str(root / "service-jupyter")}
# Where the tests put their databases.
service["environment"]["DATAASK_FILE_FOLDERS"] = str(root.parent)
# Groups are changed with this one's token.
c.JupyterHub.services += [{"name": "tester", "api_token": given["api_token"]}]
c.JupyterHub.load_roles += [
    {"name": "tester", "scopes": ["groups", "admin:users", "servers", "tokens"], "services": ["tester"]},
    # People who may come in, but whose group gives no role.
    {"name": "guest", "scopes": ["access:services!service=dataask"], "groups": ["guests"]},
]
c.JupyterHub.load_groups = {name: {"users": users} for name, users in given["groups"].items()}

c.SimpleLocalProcessSpawner.home_dir_template = str(root / "home" / "{username}")
c.Spawner.cmd = [f"{Path(sys.executable).parent}/jupyterhub-singleuser", *given["as_root"]]
c.Spawner.environment |= {
    "PYTHONPATH": os.environ["PYTHONPATH"],
    "JUPYTER_CONFIG_DIR": str(root / "config"),
    "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
}
# Lab asks the network for news, and kernels must not outlive the test.
c.Spawner.args = ["--LabApp.news_url=None", "--KernelManager.shutdown_wait_time=1.0"]
