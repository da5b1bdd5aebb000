"""``migrator docs``."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.output import err, out, print_table
from migrator.services.pages import START, DocumentationPage, as_html, find_page, pages

EXAMPLE = "migrator docs configuration"


def command(
    page: Annotated[
        str,
        typer.Argument(
            metavar="PAGE", help="A page as texts name it: configuration, how-to/trouble."
        ),
    ] = START,
    list_pages: Annotated[bool, typer.Option("--list", help="List the pages.")] = False,
    print_page: Annotated[
        bool, typer.Option("--print", help="Print the page, even if there is a browser.")
    ] = False,
) -> None:
    """Open a page of the documentation in a browser, or print it where there is none. Needs no
    network."""
    if list_pages:
        print_table(("page", "title"), [(one.name, one.title) for one in pages()])
        return
    found = find_page(page)
    if print_page or not out.is_terminal or not _opened(found):
        out.print(found.text, markup=False, soft_wrap=True)


def _opened(page: DocumentationPage) -> bool:
    """Whether a browser shows the page."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    shown = Path(tempfile.mkdtemp(prefix="migrator-docs-")) / f"{page.path.stem}.html"
    shown.write_text(as_html(page), encoding="utf-8")
    err.print(f"{page.title}: {shown}", markup=False)
    return bool(browser.open(shown.as_uri()))
