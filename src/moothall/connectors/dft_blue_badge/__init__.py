"""The Department for Transport's Blue Badge service, which every council in Great Britain issues badges through.

Contract: the public repositories of the service (MIT licence), as read in the first half of 2019.
"""

KEY = "dft_blue_badge"
"""The key of this connector on the integration queue, and the source of the applications it brings."""

NAME = "DfT Blue Badge service"
