<?php
// Who may ask: read anew with each request, so that a test can register itself.
foreach (json_decode(file_get_contents(getenv('SAML_PEER_HOME') . '/services.json'), true) as $one) {
    $metadata[$one['entity_id']] = [
        'AssertionConsumerService' => $one['acs'],
        'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        'saml20.sign.response' => $one['sign_response'] ?? false,
        'saml20.sign.assertion' => true,
    ];
}
