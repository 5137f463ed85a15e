"""The portal's operations: credentials first, then what its schema and its rules ask of each message."""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from html import escape

from lxml import etree  # type: ignore[import-untyped]

from moothall.sandbox.scp.world import PREFIX, ScpPayment, ScpWorld

SIMPLE = "http://www.capita-software-services.com/scp/simple"
BASE = "http://www.capita-software-services.com/scp/base"
NAMES = {
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
    "s": SIMPLE,
    "b": BASE,
    "c": "https://support.capita-software.co.uk/selfservice/?commonFoundation",
}
SKEW = timedelta(minutes=10)
ORDER = {
    "scpSimpleInvokeRequest": [
        "credentials",
        "requestType",
        "requestId",
        "routing",
        "panEntryMethod",
        "additionalInstructions",
        "billing",
        "nonPaymentData",
        "sale",
    ],
    "scpSimpleQueryRequest": ["credentials", "siteId", "scpReference"],
    "scpVersionRequest": ["credentials"],
}
LIMITS = {"b:description": 100, "b:reference": 50, "b:narrative": 50, "b:additionalReference": 50, "b:fundCode": 5}


class Fault(Exception):
    """A SOAP fault."""


def answer(world: ScpWorld, content: bytes, *, now: datetime) -> bytes:
    """What the portal says to a message. Raises Fault."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    try:
        request = etree.fromstring(content, parser).find("soap:Body/*", NAMES)
    except etree.XMLSyntaxError as fault:
        raise Fault("Unable to parse the message") from fault
    if request is None:
        raise Fault("There is no message in the envelope")
    name = etree.QName(request).localname
    if name not in ORDER:
        raise Fault(f"Unknown operation {name}")
    given = [etree.QName(child).localname for child in request]
    if given != [one for one in ORDER[name] if one in given]:
        raise Fault("The elements are not in the order of the schema")
    _check_credentials(world, request, now)
    if name == "scpVersionRequest":
        return _envelope(f'<scpVersionResponse xmlns="{BASE}"><version>1.0</version></scpVersionResponse>')
    return _invoke(world, request) if name == "scpSimpleInvokeRequest" else _query(world, request)


def fault_of(text: str) -> bytes:
    """A SOAP fault as it is sent."""
    return _envelope(
        f'<soapenv:Fault xmlns:soapenv="{NAMES["soap"]}"><faultcode>soapenv:Client</faultcode>'
        f"<faultstring>{escape(text)}</faultstring></soapenv:Fault>"
    )


def _check_credentials(world: ScpWorld, request: "etree._Element", now: datetime) -> None:
    parts = {
        name: _of(request, f"c:credentials/{path}")
        for name, path in (
            ("type", "c:subject/c:subjectType"),
            ("id", "c:subject/c:identifier"),
            ("system", "c:subject/c:systemCode"),
            ("unique", "c:requestIdentification/c:uniqueReference"),
            ("stamp", "c:requestIdentification/c:timeStamp"),
            ("algorithm", "c:signature/c:algorithm"),
            ("key", "c:signature/c:hmacKeyID"),
            ("digest", "c:signature/c:digest"),
        )
    }
    signed = "!".join(parts[name] for name in ("type", "id", "unique", "stamp", "algorithm", "key"))
    made = hmac.new(base64.b64decode(world.secret), signed.encode(), hashlib.sha256).digest()
    expected = base64.b64encode(made).decode().rstrip("=")
    us = ("CapitaPortal", str(world.scp_id), "SCP", "Original", str(world.key_id))
    if (parts["type"], parts["id"], parts["system"], parts["algorithm"], parts["key"]) != us:
        raise Fault("Unknown subject")
    try:
        at = datetime.strptime(parts["stamp"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as fault:
        raise Fault("The time stamp is not valid") from fault
    if abs(now - at) > SKEW or not hmac.compare_digest(parts["digest"].rstrip("="), expected):
        raise Fault("The digest is not valid")
    if not parts["unique"] or parts["unique"] in world.used:
        raise Fault("The reference of the request was used before")
    world.used.add(parts["unique"])


def _invoke(world: ScpWorld, request: "etree._Element") -> bytes:
    given = {
        "request_id": _of(request, "b:requestId"),
        "description": _of(request, "s:sale/b:saleSummary/b:description"),
        "return_url": _of(request, "b:routing/b:returnUrl"),
        "lines": [_of(item, "b:lineId") for item in request.iterfind("s:sale/s:items/s:item", NAMES)],
    }
    sale = _pence(_of(request, "s:sale/b:saleSummary/b:amountInMinorUnits"))
    items = [
        _pence(_of(item, "b:itemSummary/b:amountInMinorUnits"))
        for item in request.iterfind("s:sale/s:items/s:item", NAMES)
    ]
    problem = _problem(world, request, sale, items)
    payment = world.add(pence=sale, **given)
    if problem:
        world.end(payment, "INVALID_REQUEST")
        result = (
            f"<status>INVALID_REQUEST</status><errorDetails><errorId>1001</errorId>"
            f"<errorMessage>{escape(problem)}</errorMessage></errorDetails>"
        )
    else:
        there = f"{world.base_url}{PREFIX}/scpcli?ssk={payment.reference}"
        result = f"<status>SUCCESS</status><redirectUrl>{escape(there)}</redirectUrl>"
    inside = f'{_head(payment)}<invokeResult xmlns="{BASE}">{result}</invokeResult>'
    return _envelope(f'<s:scpSimpleInvokeResponse xmlns:s="{SIMPLE}">{inside}</s:scpSimpleInvokeResponse>')


def _problem(world: ScpWorld, request: "etree._Element", sale: int, items: list[int]) -> str:
    if (_of(request, "b:routing/b:siteId"), _of(request, "b:routing/b:scpId")) != (
        str(world.site_id),
        str(world.scp_id),
    ):
        return "Unknown site or portal"
    if _of(request, "b:requestType") != "payOnly":
        return "Only payOnly is offered"
    if not re.match(r"https?://.+", _of(request, "b:routing/b:returnUrl")):
        return "returnUrl is not valid"
    for path, most in LIMITS.items():
        for found in request.iterfind(f".//{path}", NAMES):
            if not 1 <= len(found.text or "") <= most:
                return f"{path[2:]} is not valid"
    if sale <= 0 or not items or sum(items) != sale:
        return "Sum of item amounts does not equal sale amount"
    return ""


def _query(world: ScpWorld, request: "etree._Element") -> bytes:
    reference = _of(request, "b:scpReference")
    payment = world.payments.get(reference)
    if payment is None or _of(request, "b:siteId") != str(world.site_id):
        inside = f'<scpReference xmlns="{BASE}">{escape(reference)}</scpReference>'
        inside += f'<transactionState xmlns="{BASE}">INVALID_REFERENCE</transactionState>'
    else:
        inside = _head(payment) + _result(payment)
    return _envelope(f'<s:scpSimpleQueryResponse xmlns:s="{SIMPLE}">{inside}</s:scpSimpleQueryResponse>')


def _head(payment: ScpPayment) -> str:
    state = "COMPLETE" if payment.status else "IN_PROGRESS"
    parts = (("requestId", payment.request_id), ("scpReference", payment.reference), ("transactionState", state))
    return "".join(f'<{name} xmlns="{BASE}">{escape(text)}</{name}>' for name, text in parts)


def _result(payment: ScpPayment) -> str:
    if not payment.status:
        return ""
    status = f'<status xmlns="{BASE}">{payment.status}</status>'
    if payment.status == "SUCCESS":
        lines = "".join(
            f'<s:itemSummary><lineId xmlns="{BASE}">{escape(line)}</lineId>'
            f'<continuousAuditNumber xmlns="{BASE}">{12345 + at}</continuousAuditNumber></s:itemSummary>'
            for at, line in enumerate(payment.lines)
        )
        status += (
            f'<s:paymentDetails><paymentHeader xmlns="{BASE}"><transactionDate>2026-01-10T09:35:12</transactionDate>'
            f"<machineCode>00001</machineCode><uniqueTranId>{payment.transaction}</uniqueTranId></paymentHeader>"
            f'<authDetails xmlns="{BASE}"><authCode>123456</authCode>'
            f"<amountInMinorUnits>{payment.pence}</amountInMinorUnits>"
            "<maskedCardNumber>444433******1111</maskedCardNumber><cardDescription>VISA</cardDescription>"
            "<cardType>CREDIT</cardType><merchantNumber>11111111</merchantNumber><expiryDate>1239</expiryDate>"
            "<continuousAuditNumber>12345</continuousAuditNumber></authDetails>"
            f"<s:saleSummary><s:items>{lines}</s:items></s:saleSummary></s:paymentDetails>"
        )
    elif payment.status in ("CARD_DETAILS_REJECTED", "ERROR", "INVALID_REQUEST"):
        said = "Card details rejected" if payment.status == "CARD_DETAILS_REJECTED" else "Unexpected error"
        status += (
            f'<s:errorDetails><errorId xmlns="{BASE}">9999</errorId>'
            f'<errorMessage xmlns="{BASE}">{said}</errorMessage></s:errorDetails>'
        )
    return f"<s:paymentResult>{status}</s:paymentResult>"


def _envelope(inside: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{NAMES["soap"]}">'
        f"<soapenv:Body>{inside}</soapenv:Body></soapenv:Envelope>"
    ).encode()


def _of(within: "etree._Element", path: str) -> str:
    return str(within.findtext(path, default="", namespaces=NAMES) or "").strip()


def _pence(text: str) -> int:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else 0
