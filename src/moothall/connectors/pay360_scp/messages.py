"""The messages of the Secure Card Portal: written in the order its WSDL fixes, read without following anything."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree  # type: ignore[import-untyped]

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SIMPLE = "http://www.capita-software-services.com/scp/simple"
BASE = "http://www.capita-software-services.com/scp/base"
COMMON = "https://support.capita-software.co.uk/selfservice/?commonFoundation"
LONGEST_DESCRIPTION, LONGEST = 100, 50
_NAMES = {"soap": SOAP, "s": SIMPLE, "b": BASE, "c": COMMON}


class Unreadable(Exception):
    """An answer is no message of the portal."""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who we are to the portal, and the secret our messages are signed with (base64)."""

    scp_id: int
    site_id: int
    key_id: int
    secret: str

    def digest(self, *, reference: str, stamp: str) -> str:
        """HMAC-SHA256 over who, what and when, joined by exclamation marks; in base64. Raises ValueError."""
        text = f"CapitaPortal!{self.scp_id}!{reference}!{stamp}!Original!{self.key_id}"
        key = base64.b64decode(self.secret, validate=True)
        return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the portal answered. `status` is empty while a payment is in progress."""

    reference: str
    state: str
    request_id: str = ""
    status: str = ""
    redirect: str = ""
    error: str = ""
    pence: int = 0
    transaction: str = ""  # their number of it, on which finance reconciles


def invoke(
    signer: Signer,
    *,
    reference: str,
    pence: int,
    purpose: str,
    return_url: str,
    fund: str,
    at: datetime,
) -> bytes:
    """Begin a payment of one item."""
    root, body = _request(signer, f"{{{SIMPLE}}}scpSimpleInvokeRequest", reference=reference, at=at)
    _text(body, BASE, "requestType", "payOnly")
    _text(body, BASE, "requestId", reference)
    routing = etree.SubElement(body, f"{{{BASE}}}routing")
    _text(routing, BASE, "returnUrl", return_url)
    _text(routing, BASE, "siteId", str(signer.site_id))
    _text(routing, BASE, "scpId", str(signer.scp_id))
    _text(body, BASE, "panEntryMethod", "ECOM")
    sale = etree.SubElement(body, f"{{{SIMPLE}}}sale")
    _summary(sale, "saleSummary", purpose=purpose, pence=pence, reference=reference, displayed=True)
    item = etree.SubElement(etree.SubElement(sale, f"{{{SIMPLE}}}items"), f"{{{SIMPLE}}}item")
    _summary(item, "itemSummary", purpose=purpose, pence=pence, reference=reference)
    _text(item, BASE, "quantity", "1")
    details = etree.SubElement(item, f"{{{BASE}}}lgItemDetails")
    if fund:
        _text(details, BASE, "fundCode", fund)
    _text(details, BASE, "additionalReference", reference[:LONGEST])
    _text(details, BASE, "narrative", purpose[:LONGEST])
    _text(item, BASE, "lineId", "1")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def query(signer: Signer, scp_reference: str, *, reference: str, at: datetime) -> bytes:
    """Ask how a payment stands."""
    root, body = _request(signer, f"{{{SIMPLE}}}scpSimpleQueryRequest", reference=reference, at=at)
    body.set("acceptNonCardResponseData", "true")
    _text(body, BASE, "siteId", str(signer.site_id))
    _text(body, BASE, "scpReference", scp_reference)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def version(signer: Signer, *, reference: str, at: datetime) -> bytes:
    """Ask nothing but whether we are known."""
    root, _ = _request(signer, f"{{{BASE}}}scpVersionRequest", reference=reference, at=at)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def read(content: bytes) -> Said:
    """What an answer says. Raises Unreadable, also for a fault and for anything that points elsewhere."""
    body = _parsed(content)
    found = body.find("s:scpSimpleInvokeResponse", _NAMES)
    found = body.find("s:scpSimpleQueryResponse", _NAMES) if found is None else found
    if found is None:
        raise Unreadable(_of(body, ".//faultstring") or "The answer is no message of the portal.")
    amount = _of(found, ".//b:authDetails/b:amountInMinorUnits") or _of(
        found, ".//b:nonCardPayment/b:amountInMinorUnits"
    )
    state = _of(found, "b:transactionState")
    if not state or not (amount or "0").lstrip("-").isdecimal():
        raise Unreadable("The answer is no message of the portal.")
    status = _of(found, "b:invokeResult/b:status") or _of(found, "s:paymentResult/b:status")
    return Said(
        reference=_of(found, "b:scpReference"),
        state=state,
        request_id=_of(found, "b:requestId"),
        status=status,
        redirect=_of(found, "b:invokeResult/b:redirectUrl"),
        error=_of(found, ".//b:errorDetails/b:errorMessage") or _of(found, ".//s:errorDetails/b:errorMessage"),
        pence=int(amount or 0),
        transaction=_of(found, ".//b:paymentHeader/b:uniqueTranId"),
    )


def is_version(content: bytes) -> bool:
    """Whether an answer is one to `version`. Raises Unreadable."""
    body = _parsed(content)
    if body.find("b:scpVersionResponse", _NAMES) is None:
        raise Unreadable(_of(body, ".//faultstring") or "The answer is no message of the portal.")
    return True


def _parsed(content: bytes) -> "etree._Element":
    """The body of an envelope, read with nothing expanded, loaded or fetched. Raises Unreadable."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        raise Unreadable("The answer is no XML.") from fault
    if root.getroottree().docinfo.doctype:
        raise Unreadable("The answer has a document type, which no message of the portal has.")
    body = root.find("soap:Body", _NAMES)
    if body is None:
        raise Unreadable("The answer is no message of the portal.")
    return body


def _request(signer: Signer, name: str, *, reference: str, at: datetime) -> "tuple[etree._Element, etree._Element]":
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap=_NAMES)
    request = etree.SubElement(etree.SubElement(root, f"{{{SOAP}}}Body"), name)
    stamp = at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    credentials = etree.SubElement(request, f"{{{COMMON}}}credentials")
    subject = etree.SubElement(credentials, f"{{{COMMON}}}subject")
    for part, text in (("subjectType", "CapitaPortal"), ("identifier", str(signer.scp_id)), ("systemCode", "SCP")):
        _text(subject, COMMON, part, text)
    identification = etree.SubElement(credentials, f"{{{COMMON}}}requestIdentification")
    _text(identification, COMMON, "uniqueReference", reference)
    _text(identification, COMMON, "timeStamp", stamp)
    signature = etree.SubElement(credentials, f"{{{COMMON}}}signature")
    _text(signature, COMMON, "algorithm", "Original")
    _text(signature, COMMON, "hmacKeyID", str(signer.key_id))
    _text(signature, COMMON, "digest", signer.digest(reference=reference, stamp=stamp))
    return root, request


def _summary(
    within: "etree._Element", name: str, *, purpose: str, pence: int, reference: str, displayed: bool = False
) -> None:
    summary = etree.SubElement(within, f"{{{BASE}}}{name}")
    _text(summary, BASE, "description", purpose[:LONGEST_DESCRIPTION])
    _text(summary, BASE, "amountInMinorUnits", str(pence))
    _text(summary, BASE, "reference", reference[:LONGEST])
    if displayed:
        _text(summary, BASE, "displayableReference", reference[:LONGEST])


def _text(within: "etree._Element", space: str, name: str, text: str) -> None:
    etree.SubElement(within, f"{{{space}}}{name}").text = text


def _of(within: "etree._Element", path: str) -> str:
    return str(within.findtext(path, default="", namespaces=_NAMES) or "").strip()
