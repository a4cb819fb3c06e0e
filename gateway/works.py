"""The works of a gateway: the model's owner, the roster of devices, the licence and the link, without a socket, a file
or a loop. What comes in, comes in by the doors of ``gateway.intake``; the same works run in a daemon and in a replay.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from gateway.doors import Door
from gateway.intake import Intake
from gateway.links.base import Done, Link
from gateway.owner import Owner
from gateway.portcfg import Port
from gateway.roster import Roster
from model.commands import Command
from model.states import LinkState
from model.view import Licence

STARTING = "starting"


class Works:
    """``licence`` is the licence's verdict: its seats count, how many are needed is known here. ``link_serves_all``:
    the link tells of all ports in any case (Asterisk), and needs to know whose endpoint is whose."""

    def __init__(
        self, owner: Owner, ports: Iterable[Port], licence: Licence, intake: Intake, *, link_serves_all: bool
    ) -> None:
        self.owner = owner
        self.roster = Roster(ports, licence.seats, owner.is_busy)
        self._licence = licence
        self._link_serves_all = link_serves_all
        self._intake = intake

    @property
    def seats(self) -> int:
        """Seats that the licence grants."""
        return self._licence.seats

    def begin(self) -> None:
        """The process begins: news to whoever knew the link, and the trouble, of the one before."""
        self._intake.take(Door.BEGUN, self._begin)

    def take_site(self, ports: tuple[Port, ...] | None, licence: Licence) -> None:
        """port.cfg, unless None, and the licence as they are now; no call is dropped."""
        self._intake.take(Door.SITE, partial(self._take_site, ports, licence), (ports, licence))

    def tick(self) -> None:
        """Once a second."""
        self._intake.take(Door.TICK, self._tick)

    def request(self, session: int, number: int, command: Command, done: Done) -> None:
        """A client asks for something; ``done`` gets the outcome."""
        act = partial(self.owner.begin, session, number, command, done)
        self._intake.take(Door.REQUEST, act, (session, number, command))

    def condition(self, code: str, subject: str, text: str | None) -> None:
        """Trouble of the process that lasts: why it is so, None when it is over."""
        act = partial(self.owner.condition, code, subject, text)
        self._intake.take(Door.CONDITION, act, (code, subject, text))

    def begin_epoch(self, epoch: int) -> None:
        """Numbers begin anew."""
        self._intake.take(Door.EPOCH, partial(self.owner.model.begin_epoch, epoch), (epoch,))

    # -- the link ------------------------------------------------------------------------------------------------

    def ports_for_link(self) -> list[Port]:
        """Ports that a link is to serve."""
        return self.roster.ports() if self._link_serves_all else self.roster.served()

    def link_started(self, link: Link) -> None:
        """A link is there, and not running yet."""
        self._intake.take(Door.LINK_STARTED, partial(self._set_link, link))

    def link_waits(self, reason: str) -> None:
        """Nobody starts the link but an operator."""
        self._intake.take(Door.LINK_WAITS, partial(self.owner.link_state, LinkState.DOWN, reason), (reason,))

    def link_stopped(self, reason: str) -> None:
        """The link is no more."""
        self._intake.take(Door.LINK_STOPPED, partial(self._drop_link, reason), (reason,))

    # -- behind the doors ----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self.owner.end_conditions()
        self.owner.link_state(LinkState.DOWN, STARTING)

    def _set_link(self, link: Link) -> None:
        self.owner.link = link

    def _drop_link(self, reason: str) -> None:
        self.owner.link = None
        self.owner.link_state(LinkState.DOWN, reason)

    def _take_site(self, ports: tuple[Port, ...] | None, licence: Licence) -> None:
        if ports is not None:
            self.roster.replace_ports(ports)
        self._licence = licence
        self.roster.replace_seats(licence.seats)
        self._apply()

    def _tick(self) -> None:
        self.owner.tick()
        if self.roster.unsettled:
            self._apply()

    def _apply(self) -> None:
        """Bring roster, model and link in step."""
        self.roster.settle()
        self.owner.configure(self.roster.devices())
        self.owner.licence(replace(self._licence, seats_needed=self.roster.seats_needed))
        if self.owner.link is not None:
            self.owner.link.serve(self.ports_for_link())
