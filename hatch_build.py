"""Puts the app into the wheel, beside the command that starts it: `ui` and `pages` must not become packages of everybody's Python."""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AppInWheel(BuildHookInterface):
    def initialize(self, version, build_data):
        if version != "editable":  # which runs the app from where it stands
            for path in ("app.py", "ui", "pages", ".streamlit/config.toml"):
                build_data["force_include"][path] = f"backprop_lab/{path}"
