"""One peer, one process: `python -m guerdon.sandbox PEER --port N --state DIR`.

Peers: amazon, stripe, amazon-pay, mailbox.
"""

import argparse
import asyncio
import logging
from pathlib import Path

from guerdon.sandbox.amazon.peer import AmazonPeer
from guerdon.sandbox.amazon_pay.peer import AmazonPayPeer
from guerdon.sandbox.mailbox.peer import MailboxPeer
from guerdon.sandbox.process import die_with_parent, until_told
from guerdon.sandbox.stripe.peer import StripePeer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m guerdon.sandbox", description=__doc__)
    peers = parser.add_subparsers(dest="peer", required=True)
    amazon = peers.add_parser("amazon", help="a supplier that speaks the Amazon Business API")
    amazon.add_argument("--assortment", type=Path, action="append", default=[], metavar="FILE")
    amazon.add_argument("--rate", type=float, default=0.5, help="requests a second per operation")
    amazon.add_argument("--burst", type=int, default=10)
    amazon.add_argument(
        "--pace", type=float, default=6.0, help="seconds between the steps of an order; 0: by hand"
    )
    stripe = peers.add_parser("stripe", help="a payment provider that speaks the Stripe API")
    amazon_pay = peers.add_parser(
        "amazon-pay", help="a payment provider that speaks the Amazon Pay API"
    )
    mailbox = peers.add_parser("mailbox", help="takes mail (SMTP) and SMS (SNS), and shows them")
    mailbox.add_argument("--smtp-port", type=int, default=0)
    for each in (amazon, stripe, amazon_pay, mailbox):
        each.add_argument("--port", type=int, default=0, help="0 takes a free one")
        each.add_argument("--state", type=Path, required=True, metavar="DIR")
        each.add_argument("--verbose", action="store_true")
    return parser


def main() -> None:
    """Run the peer that the command line names."""
    options = _parser().parse_args()
    die_with_parent()
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    peer: AmazonPeer | StripePeer | AmazonPayPeer | MailboxPeer
    if options.peer == "amazon":
        peer = AmazonPeer(
            options.state,
            port=options.port,
            assortment=options.assortment,
            rate=options.rate,
            burst=options.burst,
            pace_s=options.pace,
        )
    elif options.peer == "stripe":
        peer = StripePeer(options.state, port=options.port)
    elif options.peer == "amazon-pay":
        peer = AmazonPayPeer(options.state, port=options.port)
    else:
        peer = MailboxPeer(options.state, port=options.port, smtp_port=options.smtp_port)
    asyncio.run(until_told(peer.start, peer.stop))


if __name__ == "__main__":
    main()
