"""The command `backprop-lab`: the app on this machine, in the browser."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
APP = (HERE if (HERE / "app.py").is_file() else HERE.parent) / "app.py"  # installed, or a checkout


def main():
    """Serve the app; arguments are those of `streamlit run`, for example --server.port 8502. Streamlit reads the settings beside app.py."""
    try:
        from streamlit.web import cli
    except ImportError:
        sys.exit("The app needs Streamlit and what it draws with: pip install '.[app]' in the project's folder")
    sys.argv = ["streamlit", "run", str(APP), *sys.argv[1:]]
    cli.main(prog_name="streamlit")
