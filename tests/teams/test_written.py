"""What somebody wrote, whichever shape their client sends it in, and never what stands in another's message."""

from typing import Any

import pytest

from bot.teams.written import MOST_HTML, OwnWords, written

SKYPE = "http://schema.skype.com"
FILE = {"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "dsregcmd.txt", "content": {}}
PICTURE = {"contentType": "image/*", "contentUrl": "https://smba.trafficmanager.net/v3/attachments/1/views/original"}


def html(content: Any) -> dict[str, Any]:
    return {"contentType": "text/html", "content": content}


def reply(quoted: str, own: str, kind: str = "Reply") -> dict[str, Any]:
    """As Teams writes an answer to a message."""
    return html(
        f'<blockquote itemscope itemtype="{SKYPE}/{kind}" itemid="1"><strong itemprop="mri" itemid="28:b">PIN Bot'
        f'</strong><span itemprop="time" itemid="1"></span><p itemprop="preview">{quoted}</p></blockquote>{own}'
    )


@pytest.mark.parametrize("text", [None, "", " ", "\u200b", "\u00a0\n", "\ufeff"])
@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("<p>I forgot my PIN</p>", "I forgot my PIN"),
        ("I forgot my PIN", "I forgot my PIN"),
        ("<div><div>I forgot</div><div>my PIN</div></div>", "I forgot my PIN"),
        ("<p>I <strong>for</strong>got&nbsp;my<br>PIN &amp; more</p>", "I forgot my PIN & more"),
        ("<p>I forgot <b>my PIN", "I forgot my PIN"),
        ("</p></div>I forgot my PIN</blockquote>", "I forgot my PIN"),
        ("<style>p {color: red}</style><p>I forgot my PIN</p><script>alert()</script>", "I forgot my PIN"),
        ("<blockquote>0x80090011</blockquote><p>what is it?</p>", "0x80090011 what is it?"),
        ('<p><at id="0">Ana</at> is locked out</p>', "<at>Ana</at> is locked out"),
        (f'<p><span itemtype="{SKYPE}/Mention" itemid="0">Ana</span>: hi</p>', "<at>Ana</at>: hi"),
        (f'<p>hi <span itemtype="{SKYPE}/Emoji"><img itemtype="{SKYPE}/Emoji" alt="x"></span></p>', "hi"),
        ("", ""),
        (None, ""),
        ({"a": "hello"}, ""),
    ],
)
def test_words_that_stand_in_the_html_alone_are_read(text: str | None, content: Any, read: str) -> None:
    assert written({"text": text, "attachments": [html(content)]}) == OwnWords(read)


def test_words_that_stand_in_both_are_read_once() -> None:
    assert written({"text": "It failed", "attachments": [html("<p>It failed</p>")]}) == OwnWords("It failed")


@pytest.mark.parametrize(
    "activity",
    [
        {"text": "PIN Bot\r\nGet a new PIN on CON-LT-0142\r\nIt did not work", "recipient": {"name": "PIN Bot"}},
        {
            "text": "Mei Lin\r\nGet a new PIN\r\nIt did not work",
            "attachments": [reply("Get a new PIN", "<p>It did not work</p>")],
        },
        {"text": "It did not work", "attachments": [reply("Get a new PIN", "\r\n<p>It did not work</p>")]},
        {"text": "", "attachments": [reply("Get a <b>new PIN", "It did not work")]},
        {"text": '<quoted messageId="1772050244572"/> It did not work', "entities": [{"type": "quotedReply"}]},
        {"text": '<quoted messageId="1"></quoted>It did not work'},
        {"text": "", "attachments": [reply("All lost", "<p>It did not work</p>", "Forward")]},
    ],
)
def test_of_an_answer_only_the_answer_is_read(activity: dict[str, Any]) -> None:
    assert written(activity).text == "It did not work"


def test_two_lines_that_begin_with_the_bots_name_are_no_quotation() -> None:
    assert written({"text": "PIN Bot\nhelp", "recipient": {"name": "PIN Bot"}}).text == "PIN Bot help"
    assert written({"text": "a\nb\nc", "recipient": {}}).text == written({"text": "a\nb\nc", "recipient": 5}).text


@pytest.mark.parametrize(
    "attachment",
    [
        FILE,
        PICTURE,
        {"contentType": "audio/mp4"},
        {"contentType": "reference", "contentUrl": "https://contoso.sharepoint.com/a.docx"},
        {"contentType": "forwardedMessageReference", "content": "{}"},
        {"contentType": "application/vnd.microsoft.card.adaptive", "content": {}},
        {"contentType": "what comes one day"},
        {},
        html('<p><img src="https://x" itemtype="http://schema.skype.com/AMSImage"></p>'),
        html('<attachment id="1"></attachment>'),
        html("<video></video>"),
        reply("I forgot my PIN", "", "Forward"),
        reply("I forgot my PIN", "<p>&nbsp;</p>"),
    ],
)
def test_what_is_no_words_is_told_apart_from_nothing(attachment: dict[str, Any]) -> None:
    assert written({"text": "", "attachments": [attachment]}) == OwnWords("", attached=True)
    assert written({"attachments": [attachment, html("<p>I forgot my PIN</p>")]}).text == "I forgot my PIN"


@pytest.mark.parametrize("attachments", [None, [], {}, 5, "text/html", [None, 5, "x"]])
def test_where_nothing_is_attached_nothing_is_missed(attachments: Any) -> None:
    assert written({"text": "help", "attachments": attachments}) == OwnWords("help")


@pytest.mark.parametrize(
    "content", ["<b>" * 100_000, "<" * 100_000, "<blockquote>" * 9_000, "&" * 100_000, "<!--" * 9_000]
)
def test_html_without_an_end_is_read_up_to_a_length(content: str) -> None:
    assert len(written({"attachments": [html(content)]}).text) <= 2 * MOST_HTML
