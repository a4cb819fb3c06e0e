"""Keeps `runtime/locale` in step with the texts in the code; `python -m tests.catalogue` rewrites it.

New texts get an empty Chinese line to be filled in, texts that are gone lose theirs, the rest stays. The file is
written the same way whoever writes it (sorted, no dates, no places), so that a change to it shows only the texts that
changed.
"""

from collections.abc import Iterator
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from runtime.texts import CATALOGUE_LOCALES, CATALOGUE_NAME, LOCALE_FOLDER, Language
from tests.rules.source_tree import CODE_PACKAGES, ROOT

KEYWORDS = {"text": None, "counted": (1, 2)}
"""The functions of `runtime.texts` that mark a text."""

PO_FILE = LOCALE_FOLDER / CATALOGUE_LOCALES[Language.ZH] / "LC_MESSAGES" / f"{CATALOGUE_NAME}.po"

HEADER = """\
# Chinese texts of the ultra suite. After a text was added or changed in the code:
#   .venv/bin/python -m tests.catalogue
# then fill in what is empty here. Placeholders {like this} stay as they are.
msgid ""
msgstr ""
"Language: zh_CN\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def texts_in_the_code() -> set[str | tuple[str, ...]]:
    """Every template that a module of ours marks; those with a plural as (singular, plural)."""
    return {
        message
        for package in CODE_PACKAGES
        if (ROOT / package).is_dir()
        for _, _, message, _, _ in extract_from_dir(ROOT / package, [("**.py", "python")], keywords=KEYWORDS)
    }


def entries(catalogue: Catalog) -> Iterator[Message]:
    """The texts of a catalogue, without its header."""
    return (message for message in catalogue if message.id)


def read() -> Catalog:
    """The catalogue as it stands in the checkout."""
    with PO_FILE.open("rb") as po_file:
        return read_po(po_file, locale=CATALOGUE_LOCALES[Language.ZH])


def renewed(held: Catalog, needed: set[str | tuple[str, ...]]) -> str:
    """The catalogue file with exactly the texts that are needed."""
    fresh = Catalog(locale=held.locale)
    for message_id in needed:
        message = held.get(message_id if isinstance(message_id, str) else message_id[0])
        kept = (message.string if message is not None and not message.fuzzy else "") or ""
        one = kept if isinstance(kept, str) else kept[0]
        fresh.add(message_id, one if isinstance(message_id, str) else (one,))
    written = BytesIO()
    write_po(written, fresh, sort_output=True, width=0, omit_header=True)
    body = written.getvalue().decode().replace("#, python-brace-format\n", "")
    return HEADER + body.strip() + "\n"


if __name__ == "__main__":
    PO_FILE.write_text(renewed(read(), texts_in_the_code()), "utf-8")
