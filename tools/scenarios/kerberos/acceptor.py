"""An HTTPS server that takes Negotiate, checks channel bindings, and passes what it lets in on to an Exchange simulator.

Reads one line of JSON from standard input:
  {"cert", "key", "bindTo": PEM files; bindTo: the certificate that bindings must be made of,
   "upstream": URL of the simulator; null: whoever is let in gets an empty answer,
   "authorization": what the simulator is given instead of the client's,
   "persistent": whether a connection stays signed in, "token": what is answered instead of the own token, base64 or null}
It ends when standard input does. Prints {"port"} and then one line for each request: {"outcome", "name", "bound", "lifetime", "port", "reason"}.
Its realm and keytab come from KRB5_CONFIG and KRB5_KTNAME.
"""
import base64
import hashlib
import http.client
import http.server
import json
import os
import ssl
import sys
import threading
import urllib.parse

import gssapi
from gssapi.raw import ChannelBindings

# An error is an error at once, also when there is a token that tells the client of it.
gssapi.SecurityContext.__DEFER_STEP_ERRORS__ = False
settings = json.loads(sys.stdin.readline())
upstream = settings["upstream"] and urllib.parse.urlsplit(settings["upstream"])
with open(settings["bindTo"], encoding="ascii") as pem:
    # The certificates of the tests are signed with SHA-256.
    end_point = b"tls-server-end-point:" + hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.read())).digest()
printing = threading.Lock()


def tell(**facts):
    with printing:
        print(json.dumps(facts), flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    signed_in = False

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "negotiate" and token:
            self.accept(base64.b64decode(token), body)
        elif self.signed_in:
            tell(outcome="kept", port=self.client_address[1])
            self.forward(body, None)
        else:
            tell(outcome="asked", port=self.client_address[1])
            self.refuse(None)

    def accept(self, token, body):
        self.signed_in = False
        port = self.client_address[1]
        try:
            context = gssapi.SecurityContext(usage="accept", channel_bindings=ChannelBindings(application_data=end_point))
            answer = context.step(token)
        except gssapi.exceptions.GSSError as error:
            tell(outcome="refused", port=port, reason=" ".join(str(error).split()))
            return self.refuse(getattr(error, "token", None))
        bound = gssapi.RequirementFlag.channel_bound in context.actual_flags
        facts = {"name": str(context.initiator_name), "bound": bound, "lifetime": context.lifetime, "port": port}
        if not bound:
            tell(outcome="refused", reason="not bound", **facts)
            return self.refuse(None)
        tell(outcome="accepted", **facts)
        self.signed_in = settings["persistent"]
        if settings["token"] is not None:
            answer = base64.b64decode(settings["token"])
        return self.forward(body, answer)

    def refuse(self, token):
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Negotiate" if token is None else f"Negotiate {base64.b64encode(token).decode()}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def forward(self, body, token):
        if upstream is None:
            return self.answer(200, [], b"", token)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in ("authorization", "host", "connection")}
        headers["Authorization"] = settings["authorization"]
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port)
        connection.request("POST", self.path, body, headers)
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return self.answer(reply.status, reply.getheaders(), content, token)

    def answer(self, status, headers, content, token):
        self.send_response(status)
        for key, value in headers:
            if key.lower() not in ("transfer-encoding", "content-length", "connection", "keep-alive", "www-authenticate", "date", "server"):
                self.send_header(key, value)
        if token is not None:
            self.send_header("WWW-Authenticate", f"Negotiate {base64.b64encode(token).decode()}")
        if self.signed_in:
            self.send_header("Persistent-Auth", "true")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(settings["cert"], settings["key"])
# The handshake belongs to the connection's own thread.
server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
tell(port=server.server_address[1])
server.serve_forever()
