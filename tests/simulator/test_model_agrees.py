"""Two opinions about call processing: the simulated switch's, and the call model's from what the monitors are told.

The whole way from events over real frames and XML to the model's mirror, without sockets: clean traffic on a
switch with every device monitored raises no mismatch and no question, and both tables of calls are the same throughout.
"""

import pytest

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.codec import build, parse
from gateway.links.csta_xml.framing import Deframer, Frame, frame
from gateway.links.csta_xml.normalise import Normaliser
from gateway.portcfg import Port
from model.core import CallModel
from model.events import MismatchEvent
from model.ids import DeviceNumber, Microseconds
from model.states import LinkState, PortKind
from model.view import Device, Licence, Link
from simulator.devices import DeviceKind
from simulator.faults import Faults
from simulator.habits import Habits
from simulator.numbering import CallIdStyle
from simulator.snapshots import call_table
from simulator.switch import SECOND_US, Plan
from simulator.switch_site import Site
from simulator.traffic import Mix

EXTENSIONS = tuple(str(number) for number in range(1000, 1080))
BUSY = Mix(calls_per_second=12, transfer=0.15, conference=0.08, single_step=0.08, hold=0.2)
KINDS = {DeviceKind.EXTENSION: PortKind.EXT, DeviceKind.TRUNK: PortKind.TRUNK, DeviceKind.PILOT: PortKind.QUEUE}
SECONDS, LOOKS_PER_SECOND = 40, 4


def ports_of(site: Site) -> list[Port]:
    return [
        Port(DeviceNumber(device.number), KINDS[device.kind], device.number, "", device.device_id, "", 1)
        for device in site.switch.devices.values()
    ]


@pytest.mark.parametrize(
    ("seed", "style", "keeps_call_id", "id_format"),
    [
        (1, CallIdStyle.RISING, False, "{number}"),
        (2, CallIdStyle.HEX, True, "N<+8621{number}>"),
    ],
)
def test_clean_traffic_means_the_same_to_both(
    seed: int, style: CallIdStyle, keeps_call_id: bool, id_format: str
) -> None:
    plan = Plan(
        extensions=EXTENSIONS,
        trunks=15,
        pilots=(("6000", EXTENSIONS[-4:]),),
        device_id_format=id_format,
        call_ids=style,
        keep_call_id=keeps_call_id,
        outside_answers_seconds=None,
    )
    site = Site(plan, Habits(keep_alive_seconds=None), BUSY, Faults(), seed)
    ports = ports_of(site)
    normaliser = Normaliser(ports)
    model = CallModel(1, Link(LinkState.UP, "csta-xml", "", Microseconds(0)), Licence("", "", 0, 0, ""))
    model.configure([Device(port.number, port.kind, port.name, "") for port in ports], Microseconds(0))
    client = site.connect(0)
    assert client is not None
    deframer, monitors, reports = Deframer(), dict[str, DeviceNumber](), 0
    for number, port in enumerate(ports):
        site.receive(client, frame(number, build(m.MonitorStart(device=port.device))), 0)
    for look in range(SECONDS * LOOKS_PER_SECOND):
        now_us = look * SECOND_US // LOOKS_PER_SECOND
        while (due_us := site.deadline_us) is not None and due_us <= now_us:
            site.pass_time(due_us)
        for item in deframer.receive(b"".join(site.take_writes(client))):
            assert isinstance(item, Frame)
            message = parse(item.body)
            if isinstance(message, m.MonitorStartResponse):
                monitors[message.monitor_cross_ref_id] = ports[item.invoke_id].number
            elif isinstance(message, m.CallEvent):
                report = normaliser.report(message, monitors[message.monitor_cross_ref_id], Microseconds(now_us))
                assert report is not None
                step = model.report(report)
                reports += 1
                assert not any(isinstance(event, MismatchEvent) for event in step.events), (message, step.events)
                assert step.asks == ()
        known = {
            call.switch_call_id: {party.key: party.state.name.lower() for party in call.connections}
            for call in model.snapshot().calls
        }
        assert known == call_table(site.switch)
    assert reports > 2000
