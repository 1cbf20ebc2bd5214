"""HTTP as uvicorn speaks it, with clients that offer to speak something else."""

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# No JSON has such a line, so that none in a body is changed
OFFER = re.compile(rb"\r\nUpgrade:", re.IGNORECASE)
IGNORED = b"\r\nIgnored:"  # as long


class Protocol(HttpToolsProtocol):
    """Ignores offers to go on with HTTP/2, which Java's HttpClient and others make with each request.

    A server may do so (RFC 9110, section 7.8). uvicorn means to, but its parser takes the body for the other protocol,
    and the application gets none: https://github.com/Kludex/uvicorn/issues/2722
    """

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client.

        data (bytes): The bytes.
        """
        super().data_received(OFFER.sub(IGNORED, data))
