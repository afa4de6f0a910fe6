"""A credential that was renewed in its file is taken without a restart, and its end is known."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from bot.errors import TenantUnreachable
from bot.simulation import World
from bot.tenant.credentials import Credential, certificate_ends
from tests.simulation.clients import CONNECTOR, GRAPH, signed_in

FIRST, SECOND = f"{GRAPH}/.default", f"{CONNECTOR}/.default"


def _certificate(file: Path) -> Path:
    """A new one, under a name that may be taken already: written beside it, then renamed."""
    issued = trustme.CA().issue_cert("bot.contoso.example", key_type=trustme.KeyType.RSA)
    beside = file.with_suffix(".new")
    beside.write_bytes(issued.private_key_pem.bytes() + issued.cert_chain_pems[0].bytes())
    return beside.rename(file)


async def test_a_renewed_secret_is_taken_and_old_tokens_stay(world: World, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{world.login.secret}\n")
    login = await signed_in(world, Credential(secret_file=file))
    token = await login.token(FIRST)
    world.login.secret = "a renewed secret"
    file.write_text("a renewed secret\n")
    assert await login.token(SECOND)
    assert await login.token(FIRST) == token


async def test_a_secret_that_a_link_leads_to_is_renewed_by_another_link(world: World, tmp_path: Path) -> None:
    """As Kubernetes mounts secrets: the files may have the same size and moment."""
    file = tmp_path / "secret"
    for name, secret in (("one", world.login.secret), ("two", world.login.secret[::-1])):
        (tmp_path / name).write_text(secret)
        os.utime(tmp_path / name, (1, 1))
    file.symlink_to("one")
    login = await signed_in(world, Credential(secret_file=file))
    await login.token(FIRST)
    world.login.secret = world.login.secret[::-1]
    file.unlink()
    file.symlink_to("two")
    assert await login.token(SECOND)


async def test_a_renewed_certificate_is_taken(world: World, tmp_path: Path) -> None:
    file = _certificate(tmp_path / "bot.pem")
    world.login.trust(file)
    login = await signed_in(world, Credential(certificate=file))
    await login.token(FIRST)
    world.login.certificates.clear()
    world.login.trust(_certificate(file))
    assert await login.token(SECOND)


@pytest.mark.parametrize("content", ["", "half a certif", None], ids=["empty", "half written", "gone"])
async def test_a_certificate_that_can_not_be_used_yet_leaves_the_one_before(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str | None
) -> None:
    file = _certificate(tmp_path / "bot.pem")
    world.login.trust(file)
    login = await signed_in(world, Credential(certificate=file))
    await login.token(FIRST)
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    assert await login.token(SECOND)
    assert "the renewed credential can't be used yet" in caplog.text
    assert str(file) not in caplog.text


async def test_after_a_half_written_secret_the_whole_one_is_taken(world: World, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(world.login.secret)
    login = await signed_in(world, Credential(secret_file=file))
    await login.token(FIRST)
    world.login.secret = "a renewed secret"
    file.write_text("")
    with pytest.raises(TenantUnreachable):
        await login.token(SECOND)  # the old one is not the app's any more
    file.write_text("a renewed secret")
    assert await login.token(SECOND)


async def test_a_federated_token_is_read_for_each_request(world: World, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("jwt-one\n")
    world.login.federated = {"jwt-one"}
    login = await signed_in(world, Credential(token_file=file))
    assert world.login.key.read(await login.token(FIRST), [GRAPH])
    world.login.federated = {"jwt-two"}
    file.write_text("jwt-two")
    assert await login.token(SECOND)


async def test_a_federated_token_that_is_gone_is_an_unreachable_tenant(world: World, tmp_path: Path) -> None:
    login = await signed_in(world, Credential(token_file=tmp_path / "gone"))
    with pytest.raises(TenantUnreachable, match="FileNotFoundError"):
        await login.token(FIRST)


def test_a_certificate_says_when_it_ends(tmp_path: Path) -> None:
    ends = datetime(2027, 3, 1, tzinfo=UTC)
    issued = trustme.CA().issue_cert("bot.contoso.example", not_before=datetime(2026, 1, 1, tzinfo=UTC), not_after=ends)
    file = tmp_path / "bot.pem"
    file.write_bytes(issued.private_key_pem.bytes() + issued.cert_chain_pems[0].bytes())
    assert certificate_ends(file) == ends
