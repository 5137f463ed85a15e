"""What an authority's system does with badges."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace as changed
from datetime import date
from typing import Any

from moothall.sandbox.dft import badge_rules as rules
from moothall.sandbox.dft import beans, lifecycle, patterns, photos, refdata
from moothall.sandbox.dft.auth import Client, forbidden
from moothall.sandbox.dft.beans import Record
from moothall.sandbox.dft.paging import Page
from moothall.sandbox.dft.responses import Refused, bad_field
from moothall.sandbox.dft.world import Badge, World

# A badge in one of these does not stand in the way of an order for the same person.
GONE = frozenset({"CANCELLED", "DELETED", "REJECT"})
DELETED = "DELETED"


def order(world: World, client: Client, body: bytes) -> list[str]:
    """Order badges; return their numbers. Raises `Refused`."""
    wanted = beans.parse(body, rules.ORDER)
    beans.check(rules.ORDER, wanted, root="badgeOrderRequest")
    if wanted["localAuthorityShortCode"] != client.la:
        raise forbidden()
    rules.check_order(wanted, today=world.today())
    party = _tidy_party(wanted["party"])
    fingerprint = _fingerprint(party, client.la, wanted["startDate"], wanted["expiryDate"])
    if any(known.status not in GONE for known in world.by_fingerprint.get(fingerprint, ())):
        raise Refused(400, "AlreadyExists.badge", "A badge with the same details already exists.")
    person = party["typeCode"] == "PERSON"
    photo = photos.prepare(wanted["imageFile"]) if person and wanted["imageFile"] else None
    numbers = []
    for _ in range(wanted["numberOfBadges"] or 1):
        badge = _new_badge(world, client, wanted, party, fingerprint)
        if photo:
            _attach(world, badge, photo)
        world.keep_badge(badge)
        numbers.append(badge.number)
    return numbers


def _new_badge(world: World, client: Client, wanted: Record, party: Record, fingerprint: str) -> Badge:
    person = party["typeCode"] == "PERSON"
    flag = wanted["notForReassessment"]
    if person and flag is None and wanted["eligibilityCode"] not in refdata.automatic_eligibility():
        flag = False
    return Badge(
        number=world.take_number(),
        party=party,
        la=client.la,
        la_reference=wanted["localAuthorityRef"],
        application_date=wanted["applicationDate"],
        channel=wanted["applicationChannelCode"],
        ordered_on=world.today().isoformat(),
        ordered_at=world.now(),
        start=wanted["startDate"],
        expiry=wanted["expiryDate"],
        eligibility=wanted["eligibilityCode"] if person else None,
        not_for_reassessment=flag,
        deliver_to=wanted["deliverToCode"],
        delivery_option=wanted["deliveryOptionCode"],
        fingerprint=fingerprint,
    )


def _tidy_party(party: Record) -> Record:
    contact, person = dict(party["contact"]), party["person"]
    contact["postCode"] = patterns.squeezed_upper(contact["postCode"])
    for phone in ("primaryPhoneNumber", "secondaryPhoneNumber"):
        contact[phone] = patterns.squeezed(contact[phone])
    if party["typeCode"] == "ORG":
        return {"typeCode": "ORG", "contact": contact, "person": None, "organisation": party["organisation"]}
    person = person | {"nino": patterns.squeezed_upper(person["nino"])}
    return {"typeCode": "PERSON", "contact": contact, "person": person, "organisation": None}


def _fingerprint(party: Record, la: str, start: str, expiry: str) -> str:
    holder = party["person"] or party["organisation"]
    parts = (
        holder["badgeHolderName"],
        holder.get("dob"),
        la,
        holder.get("nino"),
        party["contact"]["postCode"],
        start,
        expiry,
    )
    return hashlib.sha256("\n".join(part or "" for part in parts).encode()).hexdigest()


def _attach(world: World, badge: Badge, photo: tuple[bytes, bytes]) -> None:
    badge.photo, badge.thumbnail = (
        world.documents.add(content, media_type="image/jpeg", name=f"{badge.number}{suffix}.jpg").key
        for content, suffix in zip(photo, ("", "-thumbnail"), strict=True)
    )


def get(world: World, number: str) -> Badge:
    """Any authority's badge, by number in any case. Raises `Refused` (404)."""
    badge = world.badges.get(number.strip().upper())
    if badge is None or badge.status == DELETED:
        raise Refused(404, "NotFound.badge", "The badge does not exist.")
    lifecycle.catch_up(world, badge)
    return badge


def _own(world: World, client: Client, number: str) -> Badge:
    badge = get(world, number)
    if badge.la != client.la:
        raise forbidden()
    return badge


def detail(world: World, badge: Badge) -> Record:
    """What the service shows of a badge, with a fresh link to its photo."""
    return {
        "badgeNumber": badge.number,
        "party": badge.party,
        "localAuthorityShortCode": badge.la,
        "localAuthorityRef": badge.la_reference,
        "applicationDate": badge.application_date,
        "applicationChannelCode": badge.channel,
        "orderDate": badge.ordered_on,
        "startDate": badge.start,
        "expiryDate": badge.expiry,
        "eligibilityCode": badge.eligibility,
        "notForReassessment": badge.not_for_reassessment,
        "imageLink": world.link(badge.thumbnail) if badge.thumbnail else None,
        "statusCode": badge.status,
        "cancelReasonCode": badge.cancel_reason,
        "replaceReasonCode": badge.replace_reason,
        "printRequestDateTime": badge.print_requested,
        "issuedDate": badge.issued,
        "rejectedReason": badge.rejected_reason if badge.status == "REJECT" else None,
    }


def find(world: World, query: Mapping[str, str], page: Page) -> tuple[list[Record], dict[str, int]]:
    """Summaries of every authority's badges by name or by postcode, newest start first. Raises `Refused`."""
    name, postcode = query.get("name", "").strip(), query.get("postCode", "").strip()
    if not name and not postcode:
        raise Refused(400, "NotNull.params.badge.find", "A name or a postcode is mandatory.")
    if name and postcode:
        raise Refused(400, "TooMany.params.badge.find", "Give a name or a postcode, not both.")
    for field, text, most in (("name", name, 100), ("postCode", postcode, 20)):
        if len(text) > most:
            raise bad_field(field, f"Size.findBadgeParams.{field}", f"size must be between 0 and {most}")
    sought, squeezed = name.casefold(), patterns.squeezed_upper(postcode)
    found = [
        badge
        for badge in world.badges.values()
        if badge.status != DELETED
        and (sought in badge.holder.casefold() if sought else badge.party["contact"]["postCode"] == squeezed)
    ]
    found.sort(key=lambda badge: badge.start, reverse=True)
    shown, info = page.of(found)
    return [_summary(world, badge) for badge in shown], info


def _summary(world: World, badge: Badge) -> Record:
    lifecycle.catch_up(world, badge)
    return {
        "badgeNumber": badge.number,
        "partyTypeCode": badge.party["typeCode"],
        "name": badge.holder,
        "nino": (badge.party["person"] or {}).get("nino"),
        "localAuthorityShortCode": badge.la,
        "postCode": badge.party["contact"]["postCode"],
        "expiryDate": badge.expiry,
        "statusCode": badge.status,
    }


def cancel(world: World, client: Client, number: str, body: bytes) -> None:
    """Cancel a badge that is ordered or issued and has not expired. Raises `Refused`."""
    request = beans.parse(body, rules.CANCEL)
    beans.check(rules.CANCEL, request, root="badgeCancelRequest")
    badge = _own(world, client, number)
    if request["badgeNumber"].upper() != badge.number:
        raise bad_field("badgeNumber", "Invalid.badgeNumber", "The badge numbers in path and body differ.")
    if badge.status not in {"ORDERED", "ISSUED"}:
        raise Refused(400, "Invalid.badge.cancel.status", f"A badge that is {badge.status} cannot be cancelled.")
    if _expired(world, badge):
        raise Refused(400, "Invalid.badge.cancel.expiryDate", "A badge that has expired cannot be cancelled.")
    badge.status, badge.cancel_reason = "CANCELLED", request["cancelReasonCode"]
    world.keep_badge(badge)


def replace(world: World, client: Client, number: str, body: bytes) -> str:
    """Replace an issued badge; return the new number. Raises `Refused`."""
    request = beans.parse(body, rules.REPLACE)
    beans.check(rules.REPLACE, request, root="badgeReplaceRequest")
    old = _own(world, client, number)
    if request["badgeNumber"].upper() != old.number:
        raise Refused(400, "Invalid.badgeNumber", "The badge numbers in path and body differ.")
    rules.check_delivery(request)
    if old.status != "ISSUED":
        raise Refused(400, "Invalid.badge.replace.badgeStatus", f"A badge that is {old.status} cannot be replaced.")
    if _expired(world, old):
        raise Refused(400, "Invalid.badge.replace.expiryDate", "A badge that has expired cannot be replaced.")
    fresh = changed(
        old,
        number=world.take_number(),
        ordered_on=world.today().isoformat(),
        ordered_at=world.now(),
        deliver_to=request["deliverToCode"],
        delivery_option=request["deliveryOptionCode"],
        status="ORDERED",
        by_itself=True,
        print_requested=None,
        issued=None,
    )
    if old.photo and old.thumbnail:
        kept = [world.documents.get(key) for key in (old.photo, old.thumbnail)]
        photo, thumbnail = (document.content if document else b"" for document in kept)
        _attach(world, fresh, (photo, thumbnail))
    old.status, old.replace_reason = "REPLACED", request["replaceReasonCode"]
    world.keep_badge(old)
    world.keep_badge(fresh)
    return fresh.number


def _expired(world: World, badge: Badge) -> bool:
    return date.fromisoformat(badge.expiry) < world.today()


def delete(world: World, client: Client, number: str) -> None:
    """Blank a badge's personal data and delete its photos, whatever its status. Raises `Refused`."""
    badge = _own(world, client, number)
    for key in (badge.photo, badge.thumbnail):
        if key:
            world.documents.remove(key)
    contact: dict[str, Any] = dict.fromkeys(badge.party["contact"]) | {"postCode": DELETED}
    party = {"typeCode": badge.party["typeCode"], "contact": contact, "person": None, "organisation": None}
    party["person" if party["typeCode"] == "PERSON" else "organisation"] = {"badgeHolderName": DELETED}
    badge.party, badge.photo, badge.thumbnail, badge.status = party, None, None, DELETED
    world.keep_badge(badge)
