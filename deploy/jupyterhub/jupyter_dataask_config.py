"""Settings of the DataAsk service: see docs/user-guide/settings.md."""

c = get_config()  # noqa: F821 - Jupyter runs this file

# What the Hub's groups may do. The service makes these workspaces when the first member of a group comes in.
c.DataAsk.group_roles = {
    "analysts": {"Retail analytics": "editor"},
    "managers": {"Retail analytics": "owner"},
}
# Folders of the machine whose SQLite and DuckDB files people may connect: the environment names them too.
# c.DataAsk.file_folders = ["/srv/data"]
# Members of these groups administer the service's accounts.
c.DataAsk.admin_groups = []
