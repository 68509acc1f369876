"""Opens JupyterLab with DataAsk on the demo data: prints the URL, opens a browser where there is one."""

from __future__ import annotations

import os
import shutil
import sys
import webbrowser
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def has_browser() -> bool:
    """True where a desktop could show one; a server or a container prints the URL only."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def main() -> None:
    """Replaces this process by JupyterLab, started in a working copy of the demo notebooks."""
    folder = Path.cwd() / "var" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not (folder / notebook.name).exists():
            shutil.copy(notebook, folder / notebook.name)
    arguments = ["jupyter-lab", "--ip=127.0.0.1", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None"]
    if not has_browser():
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")
    arguments += sys.argv[1:]
    command = Path(sys.executable).parent / "jupyter-lab"
    print("Opening JupyterLab with the DataAsk demo; its URL follows.", flush=True)  # noqa: T201 - a script's output
    os.execv(command, [str(command), *arguments[1:]])  # noqa: S606 - a fixed program of this environment


if __name__ == "__main__":
    main()
