"""A small Blue Badge service for these tests: every case type, one stage to look, one to order."""

SERVICE = """
key: blue_badge
name: Blue Badge
prefix: BB
case_types:
  - {key: new, label: New application, workflow: application}
  - {key: renewal, label: Renewal, workflow: application}
  - {key: organisation, label: Organisation, workflow: application}
  - {key: replacement, label: Replacement, workflow: replacement}
  - {key: no_longer_needed, label: No longer needed}
sources:
  - {key: online, label: Online}
  - {key: paper, label: Paper}
  - {key: phone, label: Phone}
tags:
  - {key: payment, label: Payment, system: true}
  - {key: existing_badge, label: Says they hold a badge}
  - {key: terminal_illness, label: Terminal illness}
  - {key: badge_problem, label: Badge problem, system: true}
  - {key: photograph, label: Photograph, applies_to: document}
groups:
  - {key: blue_badge_officers, name: Officers}
acknowledgements:
  - {types: [new, renewal, organisation], sources: [online], template: acknowledgement, channels: [email, letter]}
  - {types: [replacement], template: request_received, channels: [email]}
"""
APPLICATION = """
key: application
name: Blue Badge application
start: look
stages:
  - id: look
    name: Look
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    outcomes:
      - id: order
        name: Order the badge
        questions:
          - {id: eligibility, label: Eligibility, type: text}
          - {id: not_for_reassessment, label: No reassessment, type: yes_no}
          - {id: deliver_to, label: Deliver to, type: text, default: home}
          - {id: delivery_option, label: Delivery, type: text, default: standard}
          - {id: number_of_badges, label: Number, type: number, default: 1}
          - {id: photograph, label: Photograph, type: document, tag: photograph}
          - {id: start_date, label: Start, type: date, required: true}
          - {id: expiry_date, label: Expiry, type: date, required: true}
        do:
          - {effect: send, operation: dft_blue_badge.order}
        to: waiting
      - {id: close, name: Close, end: {state: closed}}
  - id: waiting
    name: Waiting for the badge
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    automatic: {when: "replies['dft_blue_badge.order'] == 'done'", outcome: issued}
    outcomes:
      - {id: issued, name: Ordered, end: {state: complete}}
"""
REPLACEMENT = """
key: replacement
name: Replacement
start: look
stages:
  - id: look
    name: Look
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    outcomes:
      - id: replace
        name: Replace the badge
        questions:
          - {id: badge_number, label: Badge number, type: text}
          - {id: reason, label: Reason, type: text, required: true}
          - {id: deliver_to, label: Deliver to, type: text, default: home}
        do:
          - {effect: send, operation: dft_blue_badge.replace}
        end: {state: complete}
      - id: cancel
        name: Cancel the badge
        questions:
          - {id: badge_number, label: Badge number, type: text}
          - {id: reason, label: Reason, type: text, required: true}
        do:
          - {effect: send, operation: dft_blue_badge.cancel}
        end: {state: closed}
"""
ACKNOWLEDGEMENT = """---
name: Acknowledgement
subject: We have your Blue Badge application
---
<p>We have your application.</p>
"""
REQUEST_RECEIVED = """---
name: Request received
subject: We have your request for a new badge
channels: [email]
---
<p>We have your request.</p>
"""
FILES = {
    "service.yaml": SERVICE,
    "workflows/application.yaml": APPLICATION,
    "workflows/replacement.yaml": REPLACEMENT,
    "letters/acknowledgement.html": ACKNOWLEDGEMENT,
    "letters/request_received.html": REQUEST_RECEIVED,
}
