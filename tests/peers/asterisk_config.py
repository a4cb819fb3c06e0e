"""Configuration of the Asterisk that tests run against: written here, so that nothing of the package's own is read.

Extensions 8001-8099 are phones at one address; 9 and a number goes out by the trunk; what the trunk brings is dialled
as it is, without a leading 8 of five digits (DNIS 88001 is 8001). 6000 and 6002 are queues, 6500 a conference room,
6991 speaks to the caller, 700 parks, ``5`` and an extension rings for two seconds only.
"""

from dataclasses import dataclass

EXTENSIONS = tuple(str(number) for number in range(8001, 8100))
QUEUE_MEMBERS = ("8001", "8002")

USER = "cti"
SECRET = "not-a-secret-of-anybody"

FOLDERS = ("etc", "var", "db", "keys", "spool", "run", "log", "cache")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Loopback ports of one test's Asterisk and of the phones and the trunk it calls."""

    manager: int
    sip: int
    phones: int
    trunk: int


def files(addresses: Addresses, folder: str, phone_ports: dict[str, int] | None = None) -> dict[str, str]:
    """File name to text, for the ``etc`` folder. ``folder`` is where it lies within the root.

    ``phone_ports`` gives extensions another port than the phones' usual one.
    """
    ports = phone_ports or {}
    return {
        "asterisk.conf": _asterisk(folder),
        "modules.conf": _MODULES,
        "logger.conf": "[general]\n[logfiles]\nfull => notice,warning,error\n",
        "manager.conf": _manager(addresses.manager),
        "pjsip.conf": _pjsip(addresses, ports),
        "extensions.conf": _EXTENSIONS_CONF,
        "queues.conf": _QUEUES,
        "res_parking.conf": _PARKING,
        "features.conf": _FEATURES,
        "musiconhold.conf": "[default]\nmode=files\ndirectory=/usr/share/asterisk/sounds/en\n",
        "confbridge.conf": "[general]\n[default_user]\ntype=user\nquiet=yes\n[default_bridge]\ntype=bridge\n",
        "cdr.conf": "[general]\nenable=yes\nunanswered=yes\n",
        "cdr_custom.conf": f"[mappings]\n{RECORDS_NAME} => {_CDR_COLUMNS}\n",
        "cel.conf": "[general]\nenable=yes\napps=all\nevents=ALL\ndateformat=%s.%6q\n",
        "cel_custom.conf": f"[mappings]\n{RECORDS_NAME} => {_CEL_COLUMNS}\n",
        "rtp.conf": "[general]\nrtpstart=20000\nrtpend=40000\n",
        "stasis.conf": "[threadpool]\ninitial_size=5\n",
        "indications.conf": "[general]\ncountry=us\n[us]\nringcadence=2000,4000\n",
        "http.conf": "[general]\nenabled=no\n",
    }


RECORDS_NAME = "Master.csv"


def _columns(*expressions: str) -> str:
    return ",".join(f"${{CSV_QUOTE({one})}}" for one in expressions)


_CDR_COLUMNS = _columns(
    *(f"${{CDR({name})}}" for name in ("src", "dst", "channel", "dstchannel", "billsec,f", "disposition", "uniqueid"))
)
"""Call detail records; ``billsec`` with its fraction, which the usual files cut off."""
_CEL_COLUMNS = _columns(
    "${eventtype}", "${eventtime}", "${CHANNEL(uniqueid)}", "${CHANNEL(linkedid)}", "${CHANNEL(channame)}",
    "${CALLERID(num)}", "${CHANNEL(exten)}", "${eventextra}",
)  # fmt: skip
"""Channel event logging: what happened, when (Unix time), the channel, the first channel of its story, and more."""


def _asterisk(folder: str) -> str:
    names = ("etc", "varlib", "db", "key", "spool", "run", "log", "cache")
    places = "".join(f"ast{name}dir => {folder}/{inside}\n" for name, inside in zip(names, FOLDERS, strict=True))
    return f"[directories]\n{places}astdatadir => /usr/share/asterisk\nastmoddir => @MODULES@\n[options]\nverbose=0\n"


_MODULES = """\
[modules]
autoload=yes
noload => res_config_odbc.so
noload => res_config_pgsql.so
noload => res_config_ldap.so
noload => res_config_mysql.so
noload => res_odbc.so
noload => cdr_odbc.so
noload => cel_odbc.so
noload => chan_iax2.so
noload => chan_unistim.so
noload => chan_ooh323.so
noload => chan_dahdi.so
noload => chan_mobile.so
noload => chan_motif.so
noload => res_xmpp.so
noload => res_snmp.so
noload => res_corosync.so
noload => res_hep.so
noload => res_fax.so
noload => res_phoneprov.so
noload => res_calendar.so
noload => pbx_dundi.so
noload => pbx_lua.so
noload => pbx_ael.so
noload => app_voicemail.so
noload => res_stun_monitor.so
noload => res_resolver_unbound.so
"""


def _manager(port: int) -> str:
    rights = "system,call,agent,reporting,config"
    return (
        f"[general]\nenabled=yes\nport={port}\nbindaddr=127.0.0.1\n"
        f"[{USER}]\nsecret={SECRET}\nread=system,call,agent,reporting\nwrite={rights},originate\nwritetimeout=1000\n"
        f"[operator]\nsecret={SECRET}\nread=system\nwrite=system,command,call,reporting\n"
        # A user with the least rights, whose stream is cut at the source by the switch's own configuration.
        f"[least]\nsecret={SECRET}\nread=system,call,agent,reporting\nwrite=call,originate,reporting\n"
        "eventfilter(action(exclude),name(VarSet),method(none)) =\n"
    )


def _pjsip(addresses: Addresses, ports: dict[str, int]) -> str:
    parts = [
        f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{addresses.sip}\n"
        "[ext](!)\ntype=endpoint\ncontext=internal\ndisallow=all\nallow=ulaw\ndirect_media=no\n"
        "media_address=127.0.0.1\ndtmf_mode=info\ntrust_id_inbound=yes\ncall_group=1\npickup_group=1\n"
        "[at](!)\ntype=aor\nmax_contacts=1\n"
        "[trunk]\ntype=endpoint\ncontext=from-trunk\ndisallow=all\nallow=ulaw\naors=trunk\ndirect_media=no\n"
        f"media_address=127.0.0.1\n[trunk]\ntype=aor\ncontact=sip:127.0.0.1:{addresses.trunk}\n"
        "[trunk]\ntype=identify\nendpoint=trunk\nmatch_header=X-Trunk: 1\n"
    ]
    parts += [
        f'[{number}](ext)\naors={number}\ncallerid="Phone {number}" <{number}>\n'
        f"[{number}](at)\ncontact=sip:{number}@127.0.0.1:{ports.get(number, addresses.phones)}\n"
        for number in EXTENSIONS
    ]
    return "".join(parts)


_EXTENSIONS_CONF = """\
[general]
static=yes
[internal]
include => parkedcalls
exten => 6000,1,Queue(q6000,tT,,,30)
exten => 6001,1,Queue(q6000,tT,,,2)
exten => 6002,1,Queue(q6002,tT,,,30)
exten => 6500,1,ConfBridge(6500)
exten => 6991,1,Answer()
 same => n,Wait(60)
exten => 7000,1,Dial(PJSIP/8001&PJSIP/8002,20)
exten => 8100,1,Dial(Local/8002@internal,30)
exten => _80XX,1,Dial(PJSIP/${EXTEN},30,tTkK)
exten => _580XX,1,Dial(PJSIP/${EXTEN:1},2)
exten => _*880XX,1,Pickup(${EXTEN:2})
exten => _9X.,1,Dial(PJSIP/${EXTEN:1}@trunk,30,tT)
[from-trunk]
exten => _X.,1,Goto(internal,${IF($[${LEN(${EXTEN})}=5]?${EXTEN:1}:${EXTEN})},1)
"""

_QUEUES = "[general]\nautofill=yes\n[q6000]\nstrategy=linear\ntimeout=2\nretry=1\njoinempty=yes\n" + "".join(
    f"member => PJSIP/{number}\n" for number in QUEUE_MEMBERS
)
_QUEUES += "[q6002]\nstrategy=linear\ntimeout=20\nmember => PJSIP/8094\n"

_PARKING = """\
[general]
[default]
parkext => 700
parkpos => 701-720
context => parkedcalls
parkingtime => 3
comebacktoorigin = yes
comebackdialtime = 10
"""

_FEATURES = """\
[general]
transferdigittimeout = 3
atxfernoanswertimeout = 10
[featuremap]
blindxfer => #1
atxfer => *2
"""
