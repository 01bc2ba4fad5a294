"""Transfer Tokens: serials, selected or pasted, and the organization that is to own them."""

from typing import Any

from lifecycle.calendar import Calendar
from projections.http.database import ReportDatabase
from projections.query.scope import Scope
from projections.web.composing import instant_of_field
from projections.web.sent_form import SentForm
from projections.web.serial_lists import read_serials
from projections.web.write_page import Fields, WritePage
from projections.writing.asked import TransferItem, read_transfers
from projections.writing.body import BodyError
from projections.writing.results import TransferResult, Written
from projections.writing.writer import Writer

_TEXTS = ("from_org_id", "to_org_id", "to_org_name")


def transfer_page(writer: Writer) -> WritePage[TransferItem, TransferResult]:
    """The page at `/transfer`."""

    async def write(items: Any, scope: Scope, key: str) -> Written[TransferResult]:
        return await writer.transfer(items, scope, key=key)

    return WritePage(
        "/transfer",
        "Transfer Tokens",
        "transfer.html",
        _fields,
        _with_serials,
        _items,
        _field_of,
        writer.preview_transfer,
        write,
        _undo,
    )


def _fields(form: SentForm) -> Fields:
    serials = "\n".join([*form.all("serial"), form.one("serials")]).strip("\r\n")
    return {
        "serials": serials,
        "at": form.one("at"),
        **{name: form.one(name).strip() for name in _TEXTS},
    }


async def _with_serials(fields: Fields, database: ReportDatabase) -> Fields:
    async with database.querying() as connection:
        return {**fields, "list": await read_serials(connection, fields["serials"])}


def _items(fields: Fields, calendar: Calendar) -> list[TransferItem]:
    given = {name: fields[name] for name in _TEXTS if fields[name]}
    if fields["at"]:
        given["transferred_at"] = instant_of_field(fields["at"], calendar)
    if fields["list"]:
        given["token_serials"] = fields["list"]
    return read_transfers(given)


def _field_of(error: BodyError) -> str:
    name = error.pointer.split("/")[1] if error.pointer else ""
    return {"token_serials": "serials", "items": "serials", "transferred_at": "at"}.get(name, name)


def _undo(results: list[TransferResult]) -> list[Fields]:
    """A transfer back to each of the organizations that owned the tokens before."""
    back: dict[tuple[str, str], Fields] = {}
    for each in results:
        if each.is_accepted and each.from_org_id is not None:
            to = (each.from_org_id, each.from_org_name or "")
            form = back.setdefault(
                to, {"to_org_id": to[0], "to_org_name": to[1], "from_org_id": each.to_org_id, "list": []}
            )
            form["list"].append(each.token_serial)
    return list(back.values())
