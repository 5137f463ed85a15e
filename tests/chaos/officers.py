"""Officers at work over the API: they decide, upload, lose connections, send again, and click twice; a manager confirms."""

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

from moothall.sandbox.dft.samples import photo_png

PREFIX = "/api/v1"
GOES_ON_BY_ITSELF = {"issue", "auto_progress"}
AT_REST = {"refused_holding", *GOES_ON_BY_ITSELF}


@dataclass
class Done:
    """What the officers were told is done, to be compared with the database afterwards."""

    outcomes: dict[int, str] = field(default_factory=dict)  # by work item
    uploads: dict[str, int] = field(default_factory=dict)  # by idempotency key: the document
    odd: list[str] = field(default_factory=list)


class Officer(threading.Thread):
    """One officer. Stops between two pieces of work once `stop` is set."""

    def __init__(self, site: str, token: str, *, chance: random.Random, stop: threading.Event, done: Done) -> None:
        super().__init__(daemon=True)
        self.chance, self.stop, self.done = chance, stop, done
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=site + PREFIX, headers=headers, timeout=10)

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                worked = self._work()
            except Stopped:
                return
            except Exception as fault:  # noqa: BLE001 - a thread's fault must reach the report
                self.done.odd.append(f"An officer met {type(fault).__name__}: {fault}")
                return
            if not worked:
                time.sleep(0.2)

    def _work(self) -> bool:
        waiting = [
            item
            for automatic in ("false", "true")
            for item in self._get("/work-items", automatic=automatic, page_size="100")["items"]
            if item["stage"] not in AT_REST
        ]
        if not waiting:
            return False
        self._progress(self.chance.choice(waiting))
        return True

    def _progress(self, item: dict[str, Any]) -> None:
        outcome, answers, note = self._decide(item)
        body = {"outcome": outcome, "version": item["version"], "answers": answers, "note": note}
        path = f"/work-items/{item['id']}/progress"
        answer = self._post(path, json=body)
        self._keep(answer, of=f"{item['stage']} {outcome}")
        if answer.status_code == 200 and self.chance.random() < 0.1:
            again = self._post(path, json=body)
            if again.status_code != 409:
                self.done.odd.append(f"{item['stage']} chosen twice: {again.status_code} {again.text[:300]}")

    def _keep(self, answer: httpx.Response, *, of: str) -> None:
        """Note what the answer says is done. What waits for a second officer is not done."""
        if answer.status_code == 200:
            came = answer.json()
            if came["proposal"] is None:
                self.done.outcomes[came["finished"]] = came["outcome"]
        elif answer.status_code != 409:
            self.done.odd.append(f"{of}: {answer.status_code} {answer.text[:300]}")

    def _decide(self, item: dict[str, Any]) -> tuple[str, dict[str, Any], str]:
        person = item["customer"]["kind"] == "person"
        match item["stage"]:
            case "initial_checks":
                return self.chance.choice(["desktop_screening", "desktop_screening", "incomplete"]), {}, ""
            case "missing_information":
                return "ask", self._first_choices(item, "ask"), ""
            case "missing_information_result":
                self._upload(item)
                return "complete", {}, ""
            case "desktop_screening":
                return self.chance.choice(["eligible", "eligible", "eligible", "refuse"]), {}, ""
            case "badge_details":
                return "confirm", self._badge(item) if person else {"number_of_badges": self.chance.randint(1, 3)}, ""
            case "payment":
                return "received", {"method": "card", "payment_reference": f"P-{item['case']}"}, ""
            case "refusal":
                return "refuse", self._first_choices(item, "refuse"), "Decided in a storm."
        raise AssertionError(f"Nobody said what to do at {item['stage']}.")

    def _first_choices(self, item: dict[str, Any], outcome: str) -> dict[str, Any]:
        offered = {one["id"]: one for one in self._get(f"/work-items/{item['id']}/outcomes")}
        if outcome not in offered:
            return {}  # somebody was first
        asked = offered[outcome]["questions"]
        return {one["id"]: [one["choices"][0]["key"]] for one in asked if one["choices"]}

    def _badge(self, item: dict[str, Any]) -> dict[str, Any]:
        kept = self._get(f"/cases/{item['case']}/documents", tag="photograph")["items"]
        photograph = kept[0]["id"] if kept else self._upload(item)
        return {"eligibility": "walkd", "photograph": photograph}

    def _upload(self, item: dict[str, Any]) -> int | None:
        key = str(uuid.UUID(int=self.chance.getrandbits(128)))
        files = {"file": (f"photo-{key}.png", photo_png(self.chance.randrange(12)), "image/png")}
        path = f"/cases/{item['case']}/documents"
        answer = self._post(path, key=key, files=files, data={"tags": ["photograph"]})
        if answer.status_code != 201:
            self.done.odd.append(f"upload: {answer.status_code} {answer.text[:300]}")
            return None
        made: int = answer.json()["id"]
        self.done.uploads[key] = made
        return made

    def _get(self, path: str, **query: str) -> Any:
        while True:
            answer = self._try("GET", path, params=query)
            if answer is not None and answer.status_code == 200:
                return answer.json()
            if answer is not None and answer.status_code < 500:
                raise AssertionError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
            self._rest()

    def _post(self, path: str, *, key: str = "", **given: Any) -> httpx.Response:
        """Send until there is an answer, always with the same key."""
        headers = {"Idempotency-Key": key or str(uuid.UUID(int=self.chance.getrandbits(128)))}
        while True:
            answer = self._try("POST", path, headers=headers, **given)
            if answer is not None and answer.status_code < 500 and not _busy(answer):
                return answer
            self._rest()

    def _try(self, method: str, path: str, **given: Any) -> httpx.Response | None:
        try:
            return self.http.request(method, path, **given)
        except httpx.TransportError:
            return None

    def _rest(self) -> None:
        if self.stop.is_set():
            raise Stopped
        time.sleep(0.2)


class Manager(Officer):
    """The second officer: agrees to whatever is proposed."""

    def _work(self) -> bool:
        waiting = self._get("/proposals")["items"]
        for proposal in waiting:
            answer = self._post(f"/proposals/{proposal['id']}/confirm")
            self._keep(answer, of=f"confirm {proposal['outcome']}")
        return bool(waiting)


class Stopped(Exception):
    """The storm is over."""


def _busy(answer: httpx.Response) -> bool:
    """Somebody holds the case, or the same request is still being answered: try again."""
    return answer.status_code == 409 and answer.json()["type"].endswith("/busy")
