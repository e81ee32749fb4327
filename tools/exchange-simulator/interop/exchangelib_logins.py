"""Logins of unpatched exchangelib and requests-ntlm against the simulator over TLS.

Usage: exchangelib_logins.py EWS_URL TOKEN_URL CONTROL_URL CERTIFICATE (PEM file of the simulator's)
svc has the password "secret" and may impersonate everybody; anna@corp.example has a mailbox with password "demo".
Prints one line per chapter and ends with "done"; any difference ends with a traceback and exit code 1.
"""

import os
import sys

import requests
from exchangelib import IMPERSONATION, NTLM, OAUTH2, Account, Configuration, Credentials, Identity, OAuth2Credentials
from exchangelib.autodiscover.protocol import AutodiscoverProtocol
from exchangelib.errors import UnauthorizedError
from exchangelib.version import EXCHANGE_2016, Version
from requests_ntlm import HttpNtlmAuth

EWS_URL, TOKEN_URL, CONTROL_URL, CERTIFICATE = sys.argv[1:5]
# The setting of requests, which all of them use.
os.environ["REQUESTS_CA_BUNDLE"] = CERTIFICATE
VERSION = Version(EXCHANGE_2016, "Exchange2016")


class SimulatorCredentials(OAuth2Credentials):
    """The library knows one token endpoint only, Microsoft's."""

    @property
    def token_url(self):
        return TOKEN_URL


def chapter(name):
    print(name, flush=True)


def settings(**values):
    assert requests.patch(f"{CONTROL_URL}/settings", json=values).status_code == 200


def account(credentials, auth_type):
    config = Configuration(
        service_endpoint=EWS_URL, credentials=credentials, auth_type=auth_type, version=VERSION, max_connections=2
    )
    return Account(
        primary_smtp_address="anna@corp.example", config=config, autodiscover=False, access_type=IMPERSONATION
    )


def refused(credentials, auth_type=NTLM):
    try:
        account(credentials, auth_type).calendar
        raise AssertionError("a login was accepted that should not be")
    except UnauthorizedError:
        pass


def autodiscovers(credentials, auth_type):
    url = EWS_URL.replace("/EWS/Exchange.asmx", "/autodiscover/autodiscover.svc")
    config = Configuration(service_endpoint=url, credentials=credentials, auth_type=auth_type, version=VERSION)
    protocol = AutodiscoverProtocol(config=config)
    for _ in range(2):
        assert protocol.get_user_settings(user="anna@corp.example").ews_url == EWS_URL
    protocol.close()


def posted(auth):
    """The status of a request that is only about its login: what is asked is no EWS."""
    return requests.post(EWS_URL, data="<x/>", headers={"content-type": "text/xml"}, auth=auth).status_code


def ntlm():
    chapter("NTLM")
    settings(authOffers=["Negotiate", "NTLM"])
    for login in ("CORP\\svc", "svc@corp.example"):
        acc = account(Credentials(login, "secret"), NTLM)
        assert acc.calendar.id and acc.calendar.total_count == 0
        assert list(acc.calendar.sync_items()) == []
        acc.protocol.close()
    refused(Credentials("CORP\\svc", "wrong"))
    autodiscovers(Credentials("CORP\\svc", "secret"), NTLM)


def channel_binding():
    chapter("channel binding")
    for mode, bound, unbound in (("none", 500, 500), ("allow", 500, 500), ("require", 500, 401)):
        settings(extendedProtection=mode)
        assert posted(HttpNtlmAuth("CORP\\svc", "secret")) == bound, mode
        assert posted(HttpNtlmAuth("CORP\\svc", "secret", send_cbt=False)) == unbound, mode
    acc = account(Credentials("CORP\\svc", "secret"), NTLM)
    assert acc.calendar.id
    acc.protocol.close()
    autodiscovers(Credentials("CORP\\svc", "secret"), NTLM)
    settings(extendedProtection="none")


def bearer():
    chapter("bearer")
    settings(authOffers=['Bearer client_id="00000002-0000-0ff1-ce00-000000000000"'])
    identity = Identity(primary_smtp_address="anna@corp.example")
    right = SimulatorCredentials(client_id="svc", client_secret="secret", tenant_id="corp", identity=identity)
    acc = account(right, OAUTH2)
    assert acc.calendar.id and list(acc.calendar.sync_items()) == []
    acc.protocol.close()
    autodiscovers(right, OAUTH2)


def main():
    ntlm()
    channel_binding()
    bearer()
    print("done", flush=True)


main()
