"""Text from outside reaches a page through ui.text alone: looked for in the sources, as far as sources tell.

From outside are what a visitor types, an address, a file's name and notes, and an error that tells of them. Where it goes on to be shown by
others (CARRIERS) or is raised, it stays as it is, and whoever shows it uses `verbatim`, `verbatim_html` or `one_line`. What goes astray
between functions, tests/pages/test_outside.py finds on the pages themselves.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOWING = [*sorted((ROOT / "ui").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py"))]
SAFE = {"verbatim", "verbatim_html", "one_line"}
# What holds such text, by the names that its owners have; what a call or an index gave may be any owner.
CARRIERS = {
    "info": {"entry", "net", "network", "self"}, "name": {"entry", "file", "net", "network"}, "label": {"entry"}, "past": {"entry"},
    "_past": {"self"}, "summary": {"derivatives", "entry", "seen", "self"}, "titles": {"seen", "self"}, "text": {"inst"},
    "message": {"run", "self"},
}  # fmt: skip
TYPED = {"text_input", "text_area", "chat_input", "query_params", "told"}
KEPT = {"tell"}  # what it takes is kept, and is from outside again where it is shown
SHOWS = {
    "badge", "button", "caption", "checkbox", "code", "download_button", "error", "expander", "header", "html", "info", "latex",
    "markdown", "metric", "page_link", "pills", "popover", "progress", "radio", "segmented_control", "status", "subheader", "success",
    "tabs", "text", "title", "toast", "toggle", "warning", "write",
}  # fmt: skip
ALSO_TEXT = {"str", "join", "get", "strip"}  # what gives text of the text it takes
SPOKEN = {"alt", "format_func", "help", "label", "placeholder"}  # arguments that are shown, whatever the call


def called(node):
    """The last name of what a call calls."""
    return getattr(node.func, "attr", getattr(node.func, "id", None))


class Finder(ast.NodeVisitor):
    """Gathers the lines at which text from outside is shown, or made part of a text, by other ways."""

    def __init__(self, page):
        self.found, self.tainted, self.caught, self.showing, self.carrier = [], [set()], set(), False, False
        self.page = page  # where an error that was caught is for those who read it, whatever becomes of it

    def outside(self, node):
        """Whether this expression is such a text itself."""
        if isinstance(node, ast.Name):
            return any(node.id in names for names in self.tainted)
        if isinstance(node, ast.Attribute):
            owners = CARRIERS.get(node.attr, ())
            return node.attr in TYPED or (owners and (not isinstance(node.value, ast.Name) or node.value.id in owners))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self.outside(node.func) or self.outside(node.func.value)  # a method that gives it, or one of the text's own
        if isinstance(node, ast.Call):
            return called(node) in TYPED
        return isinstance(node, ast.Subscript) and self.outside(node.value)

    def passes(self, node):
        """Whether the value of this expression is or has in it such a text, unless ui.text took it in between."""
        if self.outside(node):
            return True
        if isinstance(node, (ast.Compare, ast.Lambda)) or (isinstance(node, ast.Call) and called(node) not in ALSO_TEXT):
            return False
        children = ast.iter_child_nodes(node)
        if isinstance(node, ast.IfExp):
            children = [node.body, node.orelse]
        return any(self.passes(child) for child in children)

    def visit(self, node):
        caught = isinstance(node, ast.Name) and node.id in self.caught
        if self.outside(node) and (self.showing or caught) and not self.carrier:
            self.found.append(node.lineno)
        return super().visit(node)

    def shown(self, *nodes, showing=True):
        before, self.showing = self.showing, showing
        for node in nodes:
            self.visit(node)
        self.showing = before

    def visit_FunctionDef(self, node):
        before, self.carrier = self.carrier, node.name in CARRIERS
        self.tainted.append(set())
        self.shown(*node.decorator_list, *node.body, showing=False)
        self.tainted.pop()
        self.carrier = before

    def visit_Assign(self, node):
        self.shown(node.value, showing=False)
        names = {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        if any(isinstance(target, ast.Name) for target in node.targets):
            self.tainted[-1] = self.tainted[-1] | names if self.passes(node.value) else self.tainted[-1] - names

    def visit_For(self, node):
        if isinstance(node.target, ast.Name) and self.passes(node.iter):
            self.tainted[-1].add(node.target.id)
        self.generic_visit(node)

    def visit_NamedExpr(self, node):
        if self.passes(node.value):
            self.tainted[-1].add(node.target.id)
        self.visit(node.value)

    def visit_ExceptHandler(self, node):
        before, self.caught = self.caught, self.caught | ({node.name} if self.page else set())
        self.tainted.append({node.name})
        self.shown(*node.body, showing=False)
        self.tainted.pop()
        self.caught = before

    def visit_Raise(self, node):
        before, self.carrier = self.carrier, True  # who catches it has it again
        self.generic_visit(node)
        self.carrier = before

    def visit_Call(self, node):
        name = called(node)
        if name in SAFE:
            return
        if name in KEPT:
            return self.visit_Raise(node)
        shows = isinstance(node.func, ast.IfExp) or (isinstance(node.func, ast.Attribute) and name in SHOWS)
        self.shown(node.func, showing=False)
        self.shown(*node.args, showing=shows or name in {"join", "format"} or (self.showing and name in ALSO_TEXT))
        for keyword in node.keywords:
            self.shown(keyword.value, showing=keyword.arg in SPOKEN or (shows and keyword.arg in ("body", "value")))

    def visit_JoinedStr(self, node):
        self.shown(*(part.value for part in node.values if isinstance(part, ast.FormattedValue)))

    def visit_BinOp(self, node):
        sides, text = (node.left, node.right), (ast.JoinedStr, ast.Constant)
        made = isinstance(node.op, (ast.Add, ast.Mod)) and any(isinstance(side, text) for side in sides)
        self.shown(*sides, showing=self.showing or made)

    def visit_Compare(self, node):
        self.shown(*ast.iter_child_nodes(node), showing=False)

    def visit_IfExp(self, node):
        self.shown(node.test, showing=False)
        self.shown(node.body, node.orelse, showing=self.showing)

    def visit_Subscript(self, node):
        self.shown(node.value, node.slice, showing=False)

    def visit_Attribute(self, node):
        if not isinstance(node.value, ast.Name):  # an error's number is none of its text
            self.shown(node.value, showing=False)


def astray(source):
    finder = Finder("import streamlit" in source)
    finder.visit(ast.parse(source))
    return sorted(set(finder.found))


@pytest.mark.parametrize("path", SHOWING, ids=lambda path: str(path.relative_to(ROOT)))
def test_text_from_outside_goes_through_ui_text(path):
    lines = path.read_text("utf-8").splitlines()
    assert not [f"{line}: {lines[line - 1].strip()}" for line in astray("\n".join(lines))]


CATCH = "try:\n    f()\nexcept ValueError as error:\n    "
PLANTED = [
    f"{CATCH}st.error(str(error))", f'{CATCH}st.session_state["says"] = f"No: {{error}}"', "st.caption(f\"from {entry.info['data']}\")",
    'st.markdown("**" + inst.text + "**")', "st.write(file.name)", 'typed = st.text_input("x")\nst.success(f"You typed {typed}")',
    'st.markdown(st.query_params.get("run", ""))', 'parts = [entry.name]\nst.caption(" · ".join(parts))',
    'st.button("Use", help=state.network().name)', "(st.error if bad else st.success)(run.message)", 'st.html(f"<b>{inst.text}</b>")',
    "name = file.name.strip()\nst.toast(name)", "def author(self):\n    return f\"by {self.info['author']}\"",
    'if says := st.query_params["says"]:\n    st.info(says)', 'st.image(png, alt="Weights of " + entry.name)',
    "for sentence in told():\n    st.warning(sentence)",
    'left.metric("Network", seen.titles[0])', 'st.error("“%s” is none" % st.text_area("y"))',
]  # fmt: skip


@pytest.mark.parametrize("source", PLANTED)
def test_a_mistake_is_found(source):
    assert astray(source) == [source.count("\n") + 1 - source.endswith(" ")]


@pytest.mark.parametrize(
    "source",
    [
        f"{CATCH}raise ValueError(f'{{error}}') from None", f"{CATCH}st.error(verbatim(error))", "st.caption(verbatim(entry.past))",
        'st.text_input("Name", entry.name)', "if entry.name == 'x':\n    st.caption('x')", "n = len(file.name)\nst.write(n)",
        "st.caption('own' if entry.info else 'none')", 'name = verbatim(entry.name)\nst.markdown(f"**{name}**")', 'st.info("text")',
    ],
)  # fmt: skip
def test_what_is_right_is_not_found(source):
    assert not astray(source)


def uses():
    for path in SHOWING:
        source = path.read_text("utf-8")
        for found in re.finditer(r"\bverbatim(?:_html)?\(", source):
            if path.name not in ("text.py", "digits.py"):  # which take any text
                line = source.count("\n", 0, found.start()) + 1
                yield pytest.param(f"{source[: found.start()]}str({source[found.end() :]}", id=f"{path.stem}-{line}")


@pytest.mark.parametrize("source", [*uses()])
def test_each_use_is_missed_where_it_is_left_out(source):
    assert astray(source)


def mixed(source):
    """The calls that take the text as it was made ready for another: Markdown for HTML, or HTML for Markdown."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and called(node) in SHOWS):
        inside = {called(node) for node in ast.walk(call) if isinstance(node, ast.Call)} & SAFE
        unsafe = any(keyword.arg == "unsafe_allow_html" for keyword in call.keywords)
        if inside & ({"verbatim", "one_line"} if called(call) == "html" else SAFE if unsafe else {"verbatim_html"}):
            yield ast.unparse(call)


def test_no_way_is_taken_for_another():
    assert not [call for path in SHOWING for call in mixed(path.read_text("utf-8"))]
    wrong = ['st.html(f"<p>{verbatim(x)}")', "st.markdown(verbatim(x), unsafe_allow_html=True)", "st.caption(verbatim_html(x))"]
    assert all([*mixed(source)] for source in wrong)
