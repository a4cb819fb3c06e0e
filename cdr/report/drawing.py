"""pygal, without what it leaves behind: a finder of a kind that Python no longer knows, for plugins of its own."""

import sys

import pygal  # type: ignore[import-untyped]

sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]

Bar, StackedBar, Style = pygal.Bar, pygal.StackedBar, pygal.style.Style
