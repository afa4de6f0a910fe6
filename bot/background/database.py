"""Whether the database is one to work on, before anything is."""

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.check.condition import Stranger, stranger
from bot.config import SettingsError
from bot.errors import StoreUnavailable
from bot.store.database import is_sound, keep_tenant
from bot.store.seal import SealKey

_STRANGERS = {
    Stranger.TENANT: "MICROSOFT_APP_TENANT_ID: the database is of another tenant, and its requests and chats mean "
    "nothing in this one; set the tenant that was served before, or name a new file in PINBOT_DATABASE_URL",
    Stranger.KEY: "PINBOT_AUDIT_KEY: the newest row of the audit was not written with this key, or was changed by "
    "hand; set the key that was used before, or name that in PINBOT_AUDIT_KEYS_BEFORE; or restore a backup and check "
    "the audit",
    Stranger.KEYS_BEFORE: "PINBOT_AUDIT_KEYS_BEFORE: the first row of the audit was not written with any of these "
    "keys, or was changed by hand; name every key that PINBOT_AUDIT_KEY has been, or restore a backup and check the "
    "audit",
}


async def check_file(engine: AsyncEngine, key: SealKey, tenant_id: str) -> None:
    """Nothing is carried out on what is damaged, is of another tenant, or does not end with what the bot wrote. Raises
    SettingsError."""
    if not await is_sound(engine):
        raise SettingsError("PINBOT_DATABASE_URL: the file is damaged; restore a backup, then check the audit")
    try:
        found = await stranger(engine, key, tenant_id)
    except StoreUnavailable:
        raise SettingsError("PINBOT_DATABASE_URL can't be read; the log says more, then start again") from None
    if found:
        raise SettingsError(_STRANGERS[found])
    try:
        await keep_tenant(engine, tenant_id)
    except StoreUnavailable:
        raise SettingsError("PINBOT_DATABASE_URL can't be written to; the log says more, then start again") from None
