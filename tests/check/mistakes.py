"""What an operator can do wrong, each done to a tenant that is ready, and the lines by which a check names it."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

from bot.simulation.graph.policies import recovery_policy
from bot.simulation.objects.intune import everybody
from bot.store import database
from bot.store.database import open_database
from bot.store.records import Event
from bot.store.requests import Requests
from bot.store.seal import SealKey
from tests.check.harness import Ready

OLD_KEY = "the key of before, of thirty-two bytes"
NOBODY = "00000000-0000-4000-8000-00000000dead"
ADMINS, APPROVER_GROUP = "PINBOT_ADMIN_GROUP_ID", "PINBOT_APPROVER_GROUP_ID"
WRITE = "DeviceManagementConfiguration.ReadWrite.All"

Mistake = Callable[[Ready], Any]


def _set(**changes: str) -> Mistake:
    return lambda it: it.settings.update(changes)


def _of_login(name: str, value: object) -> Mistake:
    return lambda it: setattr(it.world.login, name, value)


def without(*permissions: str) -> Mistake:
    """Of the bot's permissions, these are not granted."""
    return lambda it: it.world.tenant.permissions.difference_update(permissions)


def _also(*permissions: str) -> Mistake:
    return lambda it: it.world.tenant.permissions.update(permissions)


def _of_group(setting: str, **changes: object) -> Mistake:
    return lambda it: it.world.tenant.groups[it.settings[setting]].update(changes)


def _members(setting: str, *people: str) -> Mistake:
    """Keys of people.toml."""

    def change(it: Ready) -> None:
        it.world.tenant.members[it.settings[setting]] = {it.world.company.people[one].object_id for one in people}

    return change


def _all(*mistakes: Mistake) -> Mistake:
    def change(it: Ready) -> None:
        for one in mistakes:
            one(it)

    return change


def _secret_ends(**left: float) -> Mistake:
    def change(it: Ready) -> None:
        ends = datetime.now(UTC) + timedelta(**left)
        for one in it.world.tenant.applications.values():
            one["passwordCredentials"][0]["endDateTime"] = f"{ends:%Y-%m-%dT%H:%M:%SZ}"

    return change


def _with_certificate(*, registered: bool, **left: float) -> Mistake:
    """A PEM file with key and certificate, in the secret's place."""

    def change(it: Ready) -> None:
        ends = datetime.now(UTC) + timedelta(**(left or {"days": 365}))
        made = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert(
            "bot.example", not_after=ends, key_type=trustme.KeyType.RSA
        )
        file = it.file.with_name("bot.pem")
        file.write_bytes(made.private_key_pem.bytes() + made.cert_chain_pems[0].bytes())
        del it.settings["MICROSOFT_APP_PASSWORD"]
        it.settings["MICROSOFT_APP_CERTIFICATE"] = str(file)
        if registered:
            it.world.login.trust(file)

    return change


def _with_federated_token(it: Ready) -> None:
    """Of an issuer that the app does not know."""
    file = it.file.with_name("token")
    file.write_text("a.b.c")
    del it.settings["MICROSOFT_APP_PASSWORD"]
    it.settings["AZURE_FEDERATED_TOKEN_FILE"] = str(file)


def _copied(it: Ready) -> Path:
    """A copy of the database takes its place, for a hand to spoil; the bot goes on with its own."""
    here = it.file
    it.settings["PINBOT_DATABASE_URL"] += ".copy"
    it.file.unlink(missing_ok=True)
    with closing(sqlite3.connect(here)) as opened, closing(sqlite3.connect(it.file)) as copy:
        opened.backup(copy)
    return it.file


def _no_database_of_this_version(it: Ready) -> None:
    with closing(sqlite3.connect(_copied(it))) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")


def _edited_audit(it: Ready) -> None:
    _audited(it.settings["PINBOT_AUDIT_KEY"])(it)
    with closing(sqlite3.connect(it.file)) as opened, opened:
        opened.execute("INSERT INTO audit VALUES (2, '2026-11-27 09:00:00.000000', 'filed', 1, 'x', '{}', 'forged')")


def _audited(*keys: str) -> Mistake:
    """Each of them seals one row."""

    async def write(it: Ready) -> None:
        engine = await open_database(it.settings["PINBOT_DATABASE_URL"])
        for key in keys:
            at = datetime(2026, 11, 27, tzinfo=UTC)
            await Requests(engine, SealKey(key.encode())).note(Event.REFUSED, "somebody", at, None, {})
        await engine.dispose()

    def change(it: Ready) -> None:
        _copied(it)
        asyncio.run(write(it))

    return change


def _sealed_before(it: Ready) -> None:
    """The key was changed, and the one of before is not named."""
    _audited(OLD_KEY, it.settings["PINBOT_AUDIT_KEY"])(it)


def _of_another_tenant(it: Ready) -> None:
    with closing(sqlite3.connect(_copied(it))) as opened, opened:
        opened.execute("UPDATE tenant SET tenant_id = ?", (NOBODY,))


def _on_a_share(kind: str) -> Mistake:
    """Its folder is mounted from elsewhere, as the system says."""

    def change(it: Ready) -> None:
        folder = str(_copied(it).parent).replace(" ", "\\040")
        table = it.file.with_name("mounts")
        table.write_text(f"/dev/sda1 / ext4 rw 0 0\nelsewhere:/share {folder} {kind} rw 0 0\n")
        it.patch.setattr(database, "MOUNTS", table)

    return change


def no_database(it: Ready) -> None:
    """The setting names a file that is something else."""
    it.settings["PINBOT_DATABASE_URL"] += ".text"
    it.file.write_text("this is no database, " * 400)


def _old_copy(it: Ready) -> None:
    file = _copied(it)
    mark = file.with_name(f"{file.name}.copied")
    mark.touch()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    os.utime(mark, (long_ago, long_ago))


def _disabled_app(it: Ready) -> None:
    next(one for one in it.world.tenant.service_principals.values() if "Pin Reset" in one["displayName"]).update(
        accountEnabled=False
    )


def _policy(*, value: bool) -> Mistake:
    """For all PCs, in the settings catalog."""

    def change(it: Ready) -> None:
        it.world.tenant.catalog[NOBODY] = recovery_policy(NOBODY, "Hello baseline", value=value)
        it.world.tenant.assignments[NOBODY] = [everybody(NOBODY)]

    return change


MISTAKES: dict[str, tuple[Mistake, list[str]]] = {
    "the secret has expired": (_of_login("expired", True), ["login.secret_expired"]),
    "the secret's id stands for its value": (
        _set(MICROSOFT_APP_PASSWORD="0f6b7a4e-7b0e-4c56-9d28-2f6f9a7f3a11"),
        ["login.secret_wrong"],
    ),
    "the tenant is another": (
        _set(MICROSOFT_APP_TENANT_ID=NOBODY),
        ["login.tenant_unknown", "database.other_tenant"],
    ),
    "the app is another": (_set(MICROSOFT_APP_ID=NOBODY), ["login.app_unknown"]),
    "the app is disabled": (_of_login("disabled", True), ["login.app_disabled"]),
    "the federated token is of another issuer": (_with_federated_token, ["login.federation"]),
    "the certificate is not registered": (_with_certificate(registered=False), ["login.certificate_unknown"]),
    "the certificate ends soon": (_with_certificate(registered=True, days=12), ["credential.certificate_ends"]),
    "the secret ends soon": (_secret_ends(days=29), ["credential.secret_ends"]),
    "the id is an identity's": (lambda it: it.world.tenant.applications.clear(), ["credential.is_an_identity"]),
    "the clock is behind": (_of_login("ahead", timedelta(minutes=9)), ["clock.behind"]),
    "the clock is ahead": (_of_login("ahead", timedelta(minutes=-9)), ["clock.ahead"]),
    "the clock is wrong for a certificate": (
        _all(_with_certificate(registered=True), _of_login("ahead", timedelta(hours=1))),
        ["login.assertion_time", "clock.behind"],
    ),
    "nobody consented": (lambda it: it.world.tenant.permissions.clear(), ["permissions.none"]),
    "a permission to read is missing": (
        without("DeviceManagementManagedDevices.Read.All"),
        ["permissions.missing.DeviceManagementManagedDevices_Read_All"],
    ),
    "the permission to read grants is missing": (
        without("Directory.Read.All"),
        ["permissions.missing.Directory_Read_All"],
    ),
    "the permission to write is missing": (
        without(WRITE),
        ["permissions.missing.DeviceManagementConfiguration_ReadWrite_All"],
    ),
    "the permission to make apps is missing": (
        _set(PINBOT_CREATE_APPS="1"),
        ["permissions.missing.Application_ReadWrite_All"],
    ),
    "a permission was granted after the token": (
        _all(without(WRITE), lambda it: it.world.tenant.granted_since.add(WRITE)),
        ["permissions.waiting"],
    ),
    "a permission to write is too much": (_also("Directory.ReadWrite.All"), ["permissions.superfluous"]),
    "a permission to write is not used": (_set(PINBOT_READ_ONLY="1"), ["permissions.superfluous"]),
    "Intune is not licensed": (lambda it: it.world.tenant.licences.clear(), ["intune.no_licence"]),
    "a PIN reset app is disabled": (_disabled_app, ["rollout.app_disabled"]),
    "a policy contradicts the profile": (_policy(value=False), ["rollout.conflict"]),
    "a policy switches PIN recovery off": (
        _all(lambda it: it.world.tenant.profiles.clear(), _policy(value=False)),
        ["rollout.switched_off"],
    ),
    "there is no approver group": (_set(**{APPROVER_GROUP: NOBODY}), ["approvers.missing"]),
    "there is no admin group": (_set(**{ADMINS: NOBODY}), ["admins.missing"]),
    "the approver group is a distribution list": (
        _of_group(APPROVER_GROUP, mailEnabled=True, securityEnabled=False),
        ["approvers.distribution_list"],
    ),
    "the approver group is empty": (_members(APPROVER_GROUP), ["approvers.empty"]),
    "the approver group holds only a guest": (_members(APPROVER_GROUP, "guest"), ["approvers.nobody_counts"]),
    "both groups are one": (
        lambda it: it.settings.update({ADMINS: it.settings[APPROVER_GROUP]}),
        ["roles.same_group"],
    ),
    "one person is all": (
        _all(_members(ADMINS, "approver"), _members(APPROVER_GROUP, "approver")),
        ["roles.one_person"],
    ),
    "more must agree than there are": (_set(PINBOT_APPROVALS_NEEDED="assign=4"), ["roles.too_few"]),
    "no approver can be written to": (_members(APPROVER_GROUP, "user"), ["approvers.unreachable"]),
    "the app is not in the catalogue": (lambda it: it.world.tenant.catalogue.clear(), ["app.absent"]),
    "the app waits in the catalogue": (
        lambda it: it.world.tenant.catalogue[0]["appDefinitions"][0].update(publishingState="submitted"),
        ["app.waits"],
    ),
    "the connector refuses": (lambda it: setattr(it.world.chats, "registered", False), ["connector.refused"]),
    "the keys are out of reach": (lambda it: it.world.faults.fail("keys", 502), ["keys.silent"]),
    "the endpoint does not answer": (_set(PINBOT_PUBLIC_URL="https://127.0.0.1:9"), ["endpoint.silent"]),
    "something else answers": (
        lambda it: it.settings.update(PINBOT_PUBLIC_URL=it.world.login.url),
        ["endpoint.other"],
    ),
    "nothing stands behind the proxy": (lambda it: it.world.faults.fail("front", 502), ["endpoint.unserved"]),
    "the endpoint's certificate is of another name": (
        lambda it: it.world.certify("bot.example"),
        ["endpoint.certificate"],
    ),
    "the endpoint's certificate ends soon": (
        lambda it: it.world.certify("127.0.0.1", ends=datetime.now(UTC) + timedelta(days=29)),
        ["endpoint.ends"],
    ),
    "the channel is unknown": (
        _set(PINBOT_HELP_DESK_CHANNEL="19:misspelt@thread.tacv2"),
        ["channels.unknown"],
    ),
    "the bot is not in the team": (lambda it: setattr(it.world.chats, "in_team", False), ["channels.not_in_team"]),
    "the database is of another tenant": (_of_another_tenant, ["database.other_tenant"]),
    "the database lies on a network share": (_on_a_share("nfs4"), ["database.network_share"]),
    "the database lies in a bucket": (_on_a_share("fuse.s3fs"), ["database.network_share"]),
    "the audit is of another key": (_audited(OLD_KEY), ["audit.other_key"]),
    "the audit's key of before is not named": (_sealed_before, ["audit.keys_before"]),
    "the database is of a newer version": (_no_database_of_this_version, ["database.newer"]),
    "the database is something else": (no_database, ["database.unreadable"]),
    "a hand was in the audit": (_edited_audit, ["audit.broken"]),
    "the last copy is old": (_old_copy, ["backup.old"]),
}
