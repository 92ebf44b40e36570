"""A name server of the test's own: real packets, the texts and addresses it was told."""

from socketserver import BaseRequestHandler, ThreadingUDPServer

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer(ThreadingUDPServer):
    """Answers TXT and A questions over UDP. `silent` makes it say that it failed."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.texts: dict[str, list[str]] = {}
        self.addresses: dict[str, str] = {}
        self.silent = False


class _Handler(BaseRequestHandler):
    server: NameServer

    def handle(self) -> None:
        packet, link = self.request
        question = dns.message.from_wire(packet)
        answer = dns.message.make_response(question)
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        if self.server.silent:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif asked.rdtype == dns.rdatatype.A:
            if address := self.server.addresses.get(name):
                answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "A", address))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
        elif texts := self.server.texts.get(name):
            said = [f'"{text}"' for text in texts]
            answer.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", "TXT", said))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        link.sendto(answer.to_wire(), self.client_address)
