"""The matrix: every row changes one thing in a good call."""

import gzip
import json
from dataclasses import dataclass
from typing import Any

from bot.teams.door import MAX_BYTES, MAX_DEPTH
from tests.teams.door.calls import APP_ID, DROP, press
from tests.teams.door.changes import (
    EMULATOR,
    Change,
    authorization,
    body,
    both,
    chunked,
    claims,
    flipped,
    head,
    headers,
    hmac_with_the_public_key,
    lasting,
    marked,
    method,
    nested,
    own_key_in_the_header,
    padded,
    raw,
    repacked,
    rewritten,
    same,
    segment,
    service_url,
    signed_by,
    unsigned,
    unsigned_with_a_signature,
    with_algorithm,
)

HOUR = 3600
YEARS = 10 * 365 * 24 * HOUR
OTHER_TENANT = "11111111-2222-4333-8444-555555555555"


@dataclass(frozen=True)
class Case:
    """`runs`: the handler may see the call."""

    name: str
    change: Change
    status: int
    runs: bool = False


def _let_in(name: str, change: Change) -> Case:
    return Case(name, change, 200, runs=True)


def _unused(name: str, change: Change) -> Case:
    return Case(name, change, 200)


def _each(name: str, status: int, change: Change, *more: Change) -> list[Case]:
    return [Case(f"{name} {number}", one, status) for number, one in enumerate((change, *more), 1)]


AUTHORIZATION = [
    Case("no Authorization", authorization(), 401),
    Case("an empty Authorization", authorization(""), 401),
    Case("Basic", authorization("Basic Ym90OmJvdA=="), 401),
    Case("Bearer without a token", authorization("Bearer"), 401),
    Case("a token without Bearer", authorization("{token}"), 401),
    Case("bearer in lower case", authorization("bearer {token}"), 401),
    Case("two Authorization headers", authorization("Bearer {token}", "Bearer {token}"), 401),
    Case("a good header after an empty one", authorization("", "Bearer {token}"), 401),
    Case("two tokens in one header", authorization("Bearer {token}, Bearer {token}"), 401),
    Case("a token in two segments", authorization("Bearer e30.e30"), 401),
    Case("a token of five segments", authorization("Bearer {token}.e30.e30"), 401),
    Case("a token that is no base64 inside", authorization("Bearer ___.___.___"), 401),
]

SIGNATURE = [
    Case("a broken signature", segment(2, flipped), 401),
    Case("claims changed after signing", segment(1, repacked(aud="another")), 401),
    Case("another's signature under our key id", signed_by("stranger", under="ours"), 401),
    Case("alg none", unsigned, 401),
    Case("alg none with a signature", unsigned_with_a_signature, 401),
    Case("HS256 with the public key", hmac_with_the_public_key, 401),
    Case("RS384", with_algorithm("RS384"), 401),
    Case("PS256", with_algorithm("PS256"), 401),
    Case("an algorithm in a list", head(alg=["RS256"]), 401),
    Case("no key id", head(kid=DROP), 401),
    Case("a key id that is a number", head(kid=1), 401),
    Case("an unknown key id", signed_by("stranger"), 401),
    Case("a key in the token's header (jwk)", own_key_in_the_header, 401),
    Case(
        "a key behind an address in the token's header (jku)",
        both(signed_by("stranger"), head(jku="https://evil.example/keys", x5u="https://evil.example/key")),
        401,
    ),
    Case("an unknown extension that must be understood (crit)", head(crit=["x"], x=1), 401),
    Case("a key without endorsements", signed_by("unendorsed"), 401),
    Case("a key with an empty list of endorsements", signed_by("endorsed for nothing"), 401),
    Case("a key endorsed for another channel", signed_by("endorsed for another channel"), 401),
    Case("a key with a text for its endorsements", signed_by("endorsed in a text"), 401),
    Case("a key that is published without an id", signed_by("nameless"), 401),
    Case("a key that is published without its numbers", both(signed_by("stranger"), head(kid="hollow")), 401),
]

CLAIMS = [
    Case("another bot's audience", claims(aud=OTHER_TENANT), 401),
    Case("no audience", claims(aud=DROP), 401),
    Case("an empty audience", claims(aud=""), 401),
    Case("a list of audiences with ours in it", claims(aud=[APP_ID]), 401),
    Case("another issuer", claims(iss="https://evil.example"), 401),
    Case("no issuer", claims(iss=DROP), 401),
    Case("issuer null", claims(iss=None), 401),
    Case("a list of issuers", claims(iss=["https://api.botframework.com"]), 401),
    Case("the issuer of another cloud", claims(iss="https://api.botframework.us"), 401),
    *_each(
        "an emulator's issuer,",
        401,
        claims(iss=EMULATOR, ver="1.0", appid=APP_ID),
        claims(iss=EMULATOR),
        claims(iss="https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/", ver="1.0", appid=APP_ID),
        claims(iss="https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0", azp=APP_ID),
        claims(iss="https://sts.windows.net/cab8a31a-1906-4287-a0d8-4eef66b95f6e/", appid=APP_ID),
    ),
    Case("our own outbound token", both(signed_by("login"), claims(iss=EMULATOR, appid=APP_ID)), 401),
    Case("a skill's token, version 1", claims(ver="1.0", appid=OTHER_TENANT), 401),
    Case("a skill's token, version 2", claims(ver="2.0", azp=OTHER_TENANT), 401),
    Case("a token for an app", claims(appid=APP_ID), 401),
    Case("no end", claims(exp=DROP), 401),
    Case("an end in ten years", lasting(0, YEARS), 401),
    Case("an end that is a text", claims(exp="tomorrow"), 401),
    Case("an end that is infinite", claims(exp=float("inf")), 401),
    Case("no beginning", claims(nbf=DROP), 401),
    Case("a beginning after the end", lasting(200, 100), 401),
    Case("ended long ago", lasting(-2 * HOUR, -HOUR), 401),
    Case("ended just beyond the allowed skew", lasting(-HOUR, -330), 401),
    _let_in("ended within the allowed skew", lasting(-HOUR, -240)),
    Case("begins just beyond the allowed skew", lasting(330, HOUR), 401),
    _let_in("begins within the allowed skew", lasting(240, HOUR)),
    Case("issued in the future", claims(iat=4_000_000_000), 401),
    Case("a service URL other than the body's", claims(serviceurl="https://smba.trafficmanager.net/other/"), 401),
    Case("no service URL in the token", claims(serviceurl=DROP), 401),
    Case("an empty service URL in the token", claims(serviceurl=""), 401),
]

HTTP = [
    Case("GET", method("GET"), 405),
    Case("GET that asks for a WebSocket", both(method("GET"), headers(Upgrade="websocket")), 405),
    Case("HEAD", method("HEAD"), 405),
    Case("PUT", method("PUT"), 405),
    Case("DELETE", method("DELETE"), 405),
    Case("OPTIONS", method("OPTIONS"), 405),
    Case("a method of one's own", method("BREW"), 400),
    Case("another path", method("POST", "/api/messages/x"), 404),
    Case("no Content-Type", headers(Content_Type=None), 415),
    Case("text/plain", headers(Content_Type="text/plain"), 415),
    Case("a type that contains the right one", headers(Content_Type="x-application/json-evil"), 415),
    Case("a form", headers(Content_Type="application/x-www-form-urlencoded"), 415),
    _let_in("a type with its charset", headers(Content_Type="application/json; charset=utf-8")),
    _let_in("a charset that is not believed", headers(Content_Type="application/json; charset=bogus")),
    Case("a compressed body", both(raw(gzip.compress(b"{}")), headers(Content_Encoding="gzip")), 415),
    Case("a body that says it is as it is", headers(Content_Encoding="identity"), 415),
    _let_in("the largest body", padded(MAX_BYTES)),
    _let_in("the largest body in pieces", both(padded(MAX_BYTES), chunked)),
    Case("a byte more", padded(MAX_BYTES + 1), 413),
    Case("a byte more in pieces", both(padded(MAX_BYTES + 1), chunked), 413),
]

JSON = [
    *_each(
        "no object,", 400, raw(b""), raw(b"null"), raw(b"[]"), raw(b'"text"'), raw(b"5"), raw(b"{"), raw(b"{} {}"),
        raw(b"\x00"), raw(b"{'type': 'message'}"),
    ),
    Case("bad UTF-8", raw(b'{"type": "\xff\xfe"}'), 400),
    Case("an overlong encoding", raw(b'{"type": "\xc0\xaf"}'), 400),
    Case("UTF-16", raw('{"type": "message"}'.encode("utf-16")), 400),
    _let_in("a byte order mark", marked),
    Case("a byte order mark before nothing of use", raw(b"\xef\xbb\xbf{}"), 400),
    Case("a byte order mark twice", both(marked, marked), 400),
    *_each(
        "no number,",
        400,
        both(body(value=0), rewritten("0}", "NaN}")),
        both(body(value=0), rewritten("0}", "Infinity}")),
        both(body(value=0), rewritten("0}", "-Infinity}")),
    ),
    Case("a number of 5,000 digits", both(body(value=0), rewritten("0}", "1" * 5_000 + "}")), 400),
    Case("a key twice", rewritten('"type"', '"text": "first", "type"'), 400),
    Case("a key twice, deep inside", rewritten('"tenant": {', '"tenant": {"id": "first", '), 400),
    *(
        _let_in(f"a new field that is {levels} deep", body(whatever=json.loads(nested(levels))))
        for levels in (33, 40, 100, 200)
    ),
    _let_in("as deep as allowed", both(body(value=0), rewritten("0}", f"{nested(MAX_DEPTH - 1).decode()}}}"))),
    Case("too deep by one", both(body(value=0), rewritten("0}", f"{nested(MAX_DEPTH).decode()}}}")), 400),
    Case("5,000 deep", raw(nested(5_000)), 400),
    Case("100,000 deep and never closed", raw(b"[" * 100_000), 400),
    _let_in("brackets in a text are not depth", body(text="[" * 100)),
    *(
        _let_in(f"half a character in a text: {half}", rewritten('"hello"', rf'"{half} forgot my PIN"'))
        for half in (r"\ud83d", r"\ude00", r"\ude00\ud83d", r"\ud83d\ud83d\ude00")
    ),
    _let_in("half a character in a key", rewritten('"text"', r'"\udc00": 1, "text"')),
    Case("half a character that makes two keys one", rewritten('"text"', r'"\udc00": 1, "\ud83d": 2, "text"'), 400),
    _let_in("what looks like half a character", rewritten('"hello"', r'"\\ud83d"')),
    _let_in("both halves of a character", rewritten('"hello"', r'"\ud83d\ude00"')),
    _let_in("a NUL in the text", body(text="hello\0")),
]  # fmt: skip

_WRONG_TYPES: tuple[Any, ...] = (DROP, None, 5, [], ["message"], {}, "", "x" * 1_025)
_WRONG_ACCOUNTS: tuple[Any, ...] = (
    DROP,
    None,
    "29:somebody",
    [],
    {},
    {"id": None},
    {"id": 5},
    {"id": ""},
    {"id": "x" * 1_025},
)

SHAPE = [
    *_each("a wrong type,", 400, *(body(type=wrong) for wrong in _WRONG_TYPES)),
    *_each("a wrong sender,", 400, *(body(**{"from": wrong}) for wrong in _WRONG_ACCOUNTS)),
    *_each("a wrong recipient,", 400, *(body(recipient=wrong) for wrong in _WRONG_ACCOUNTS)),
    *_each("a wrong conversation,", 400, *(body(conversation=wrong) for wrong in _WRONG_ACCOUNTS)),
    *_each("a wrong id,", 400, *(body(id=wrong) for wrong in (DROP, None, "", 5, [], {}))),
    *_each("a wrong text,", 400, body(text=5), body(text=["hello"]), body(text={}), body(text=True)),
    *_each("a wrong locale,", 400, body(locale=5), body(locale=["en"])),
    *_each("a wrong list,", 400, body(entities="mention"), body(entities={"a": 1}), body(membersAdded=5)),
    Case("no service URL", body(serviceUrl=DROP), 400),
    Case("a service URL that is null", body(serviceUrl=None), 400),
    Case("no channel", body(channelId=DROP), 400),
    Case("a channel that is a list", body(channelId=["msteams"]), 400),
    *_each("an answer in the same call,", 400, body(deliveryMode="expectReplies")),
    *(
        _let_in(f"a delivery of another kind: {mode}", body(deliveryMode=mode))
        for mode in ("stream", "notification", "ephemeral", "", "what comes one day", ["normal"], {"a": 1}, 5)
    ),
    _let_in("an ordinary delivery", body(deliveryMode="normal")),
    _let_in("fields that are null", body(text=None, locale=None, entities=None, deliveryMode=None, replyToId=None)),
    _let_in("entities that are no entities", body(entities=[None, 5, "x", [], {}, {"type": "mention"}])),
    _let_in("odd values beside what is read", body(value=[1], channelData__more={"a": [None]}, attachments=5)),
]

_PRESS = body(**press())

INVOKE = [
    _let_in("a press", _PRESS),
    _let_in("a press that the client made by itself", both(_PRESS, body(value__trigger="automatic"))),
    _let_in("a press of a button that nobody knows", body(**press("no.such.verb"))),
    *_each("a press without an id,", 400, *(both(_PRESS, body(id=wrong)) for wrong in (DROP, None, "", 5))),
    *_each("an invoke without a name,", 400, *(both(_PRESS, body(name=wrong)) for wrong in (DROP, None, "", 5, []))),
    *_each("a press of nothing,", 400, *(both(_PRESS, body(value=wrong)) for wrong in (DROP, None, "text", [], {}))),
    *_each(
        "a press whose action is no object,",
        400,
        *(both(_PRESS, body(value__action=wrong)) for wrong in (DROP, None, "Action.Execute", 5, [])),
    ),
    *_each(
        "a press without a verb,",
        400,
        *(both(_PRESS, body(value__action__verb=wrong)) for wrong in (DROP, None, "", 5, ["help"], "x" * 1_025)),
    ),
    *_each(
        "a press with odd data,",
        400,
        *(both(_PRESS, body(value__action__data=wrong)) for wrong in ("text", 5, ["a"], True)),
    ),
    _unused("an invoke that nobody knows", both(_PRESS, body(name="task/fetch"))),
    _unused("an invoke to sign in", both(_PRESS, body(name="signin/verifyState"))),
]

UNUSED = [
    *(
        _unused(f"an unused {kind}", body(type=kind))
        for kind in (
            "messageUpdate", "messageDelete", "messageReaction", "typing", "event", "endOfConversation", "trace",
            "command", "commandResult", "handoff", "contactRelationUpdate", "suggestion", "conversationUpdate",
            "nonsense", "agentHandover2027", "Message", "messageBack", " ",
        )
    ),
    *(
        _unused(f"a new one without {left_out[0]}", body(type="new", **dict.fromkeys(left_out, DROP)))
        for left_out in (("from",), ("recipient", "id"), ("text", "locale", "entities", "from__aadObjectId"))
    ),
    _unused("one that nobody knows, with odd fields", body(type="new", text=5, entities="x", value=[[[]]])),
    Case("one that nobody knows, of no tenant", body(type="new", conversation=DROP, channelData=DROP), 403),
    Case("one that nobody knows, without a token", both(body(type="new"), authorization()), 401),
    Case("one that nobody knows, of another tenant", body(type="new", conversation__tenantId=OTHER_TENANT), 403),
    _unused("an edited message", body(type="messageUpdate", text="assign All", channelData__eventType="editMessage")),
    _unused("somebody else was added", body(type="conversationUpdate", membersAdded=[{"id": "29:else"}, None])),
    _unused("a team was renamed, by nobody", body(type="conversationUpdate", from__aadObjectId=DROP)),
    Case("an unused one without a token", both(body(type="typing"), authorization()), 401),
    Case("an unused one of another tenant", both(body(type="typing"), body(conversation__tenantId=OTHER_TENANT)), 403),
]  # fmt: skip

CHANNEL = [
    *_each(
        "another channel,",
        403,
        *(body(channelId=name) for name in ("directline", "webchat", "emulator", "skills", "MSTEAMS", "msteams ", "")),
    ),
    Case(
        "another channel with a key endorsed for it",
        both(signed_by("endorsed for another channel"), body(channelId="directline")),
        401,
    ),
]

_ELSEWHERE = (
    "https://evil.example/",
    "http://smba.trafficmanager.net/teams/",
    "ftp://smba.trafficmanager.net/teams/",
    "//smba.trafficmanager.net/teams/",
    "smba.trafficmanager.net",
    "https://smba.trafficmanager.net.evil.example/",
    "https://evil-smba.trafficmanager.net/",
    "https://evil.example/smba.trafficmanager.net/",
    "https://evil.example/?https://smba.trafficmanager.net/",
    "https://evil.example#smba.trafficmanager.net",
    "https://smba.trafficmanager.net@evil.example/",
    "https://smba.trafficmanager.net:443@evil.example/",
    "https://user@smba.trafficmanager.net/",
    "https://user:password@smba.trafficmanager.net/",
    "https://:@smba.trafficmanager.net/",
    "https://@smba.trafficmanager.net/",
    "https://smba.trafficmanager.net:8443/",
    "https://smba.trafficmanager.net:99999/",
    "https://smba.trafficmanager.net:port/",
    "https://smba.trafficmanager.net./",
    "https://smba.trafficmanager.net\\@evil.example/",
    "https://evil.example\\@smba.trafficmanager.net/",
    "https://smba.trafficmanager.net\\.evil.example/",
    "https://smba.trafficmаnager.net/",  # a Cyrillic а
    "https://ſmba.trafficmanager.net/",  # a long s, which some would fold
    "https://smba.traffic\nmanager.net/",
    "https://smba.trafficmanager.net/\r\nHost: evil.example",
    "https://smba.trafficmanager.net /",
    " https://smba.trafficmanager.net/",
    "https://smba.trafficmanager.net/teams/?to=evil.example",
    "https://smba.trafficmanager.net/teams/#evil.example",
    "https://[::1]/",
    "https://[smba.trafficmanager.net/",
    "http://169.254.169.254/latest/",
    "http://localhost/teams/",
    "file:///etc/hosts",
    "",
)

WHERE = [Case(f"a service URL elsewhere: {url!a}", service_url(url), 403 if url else 401) for url in _ELSEWHERE]

_TENANTS = ("conversation__tenantId", "channelData__tenant__id")

_EVENTS = {
    "install": body(type="installationUpdate", action="add"),
    "added": body(type="conversationUpdate", recipient__id="28:bot", membersAdded=[{"id": "28:bot"}]),
    "removal": body(type="installationUpdate", action="remove"),
}


def _in(where: str, person: object) -> Change:
    return body(conversation__conversationType=where, from__aadObjectId=person)


WHO = [
    Case("another tenant", body(**dict.fromkeys(_TENANTS, OTHER_TENANT)), 403),
    *_each("two different tenants,", 403, *(body(**{place: OTHER_TENANT}) for place in _TENANTS)),
    Case("no tenant", body(conversation__tenantId=DROP, channelData=DROP), 403),
    *_each(
        "a tenant that is no text,",
        403,
        *(body(conversation__tenantId=wrong, channelData=DROP) for wrong in (5, [OTHER_TENANT], {"id": OTHER_TENANT})),
    ),
    Case("somebody from elsewhere in a shared channel", body(from__tenantId=OTHER_TENANT), 403),
    _let_in("the tenant in the conversation only", body(channelData=DROP)),
    _let_in("the tenant in the channel's data only", body(conversation__tenantId=DROP)),
    _let_in("channel data without a tenant", body(channelData={"tenant": "x"})),
    *_each(
        "nobody's object id,",
        403,
        *(
            body(from__aadObjectId=wrong)
            for wrong in (
                DROP, None, "", "someone", 5, ["5a0de8f6-1c2b-4d3e-8f90-a1b2c3d4e5f6"],
                "5a0de8f6-1c2b-4d3e-8f90-a1b2c3d4e5f6\n", "{5a0de8f6-1c2b-4d3e-8f90-a1b2c3d4e5f6}",
                "5a0de8f6-1c2b-4d3e-8f90-a1b2c3d4e5f6' or 1 eq 1", "../users",
            )
        ),
    ),
    Case("a press of nobody", both(_PRESS, body(from__aadObjectId=DROP)), 403),
    *(
        _let_in(f"an event in a {where} by nobody, {event}", both(_EVENTS[event], _in(where, DROP)))
        for where in ("personal", "groupChat", "channel")
        for event in _EVENTS
    ),
    Case("an installation in a group by somebody odd", both(_EVENTS["install"], _in("groupChat", "someone")), 403),
    Case("a message in a group of nobody", _in("groupChat", DROP), 403),
    _let_in("a removal", body(type="installationUpdate", action="remove")),
]  # fmt: skip

CASES = [
    _let_in("a good message", same),
    *(AUTHORIZATION + SIGNATURE + CLAIMS + HTTP + JSON + SHAPE + INVOKE + UNUSED + CHANNEL + WHERE + WHO),
]
