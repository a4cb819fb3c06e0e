"""``ultra reload``: a gateway reads port.cfg, users, certificates and the licence anew, and says what it found."""

import json

import click

from protocol.client import Address
from protocol.errors import code_name
from protocol.kinds import Kind
from protocol.requests import Request
from ultra.access import Access
from ultra.event_lines import printable
from ultra.gateway_session import ask, refusal_line, run_told, server_option


@click.command()
@server_option
@click.option("--json", "json_wanted", is_flag=True, help="One JSON object: accepted, code, text, lines.")
def reload(server: Address, access: Access, json_wanted: bool) -> None:
    """Take changed files over without dropping a call or a session: port.cfg, users, certificates, licence.

    Every problem found is printed. With an error the old files stay in force, and the exit code is 1. `ultra check`
    says the same beforehand and changes nothing.
    """
    reply = run_told(ask(server, Request(Kind.RELOAD), "reload", access=access))
    if json_wanted:
        form = {
            "accepted": reply.accepted,
            "code": code_name(reply.code),
            "text": reply.text,
            "lines": list(reply.lines),
        }
        click.echo(json.dumps(form, ensure_ascii=False))
        raise SystemExit(0 if reply.accepted else 1)
    for line in reply.lines:
        click.echo(printable(line))
    if not reply.accepted:
        raise click.ClickException(f"the old files stay in force: {refusal_line(reply)}")
    click.echo("reloaded" if not reply.lines else "reloaded, with the warnings above")
