"""Whether a camera that speaks TLS (https, rtsps) is the one that it says it is: its certificate is checked.

Otherwise whoever sits on the line could show other pictures, and would be given the password.
"""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from lpr.live.address import Address

#: The ports that addresses without one mean.
_PORTS = {"https": 443, "rtsps": 322}
_REMEDY = (
    "in the camera file, name the certificate of who signed it as tls_ca, "
    "or set tls_verify = false for a line that nobody else is on"
)


@dataclass(frozen=True)
class Trust:
    """``verify``: the certificate must be valid for the host, and signed by one in ``authorities``, a PEM file.

    Without such a file it must be signed by one of the authorities that this machine trusts.
    """

    verify: bool = True
    authorities: Path | None = None

    def options(self) -> dict[str, str]:
        """FFmpeg's; without its ``tls_verify`` it takes any certificate."""
        return {"tls_verify": "1", "ca_file": str(self.authorities or known())} if self.verify else {}

    def complaint(self, address: Address, seconds: float) -> str | None:
        """What is wrong with the certificate of ``address``, and the remedy; None when nothing is, or for no TLS.

        FFmpeg only says that the connection failed.
        """
        if not self.verify or address.kind == "device":
            return None
        scheme, host, port = address.endpoint()
        if scheme not in _PORTS:
            return None
        try:
            context = ssl.create_default_context(cafile=str(self.authorities or known()))
            with socket.create_connection((host, port or _PORTS[scheme]), seconds) as plain:
                plain.settimeout(seconds)
                with context.wrap_socket(plain, server_hostname=host):
                    return None
        except ssl.SSLCertVerificationError as error:
            return f"its certificate is not trusted ({error.verify_message.rstrip('.')}); {_REMEDY}"
        except (OSError, ValueError):
            return None


def known() -> str:
    """The file with the authorities that this machine trusts: OpenSSL's, or Mozilla's where there is none."""
    paths = ssl.get_default_verify_paths()
    named = os.environ.get(paths.openssl_cafile_env)
    if named or paths.cafile:
        return named or str(paths.cafile)
    import certifi

    return certifi.where()
