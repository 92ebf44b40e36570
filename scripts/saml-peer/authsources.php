<?php
// People and their groups, as the file tells.
$people = json_decode(file_get_contents(getenv('SAML_PEER_HOME') . '/people.json'), true);
$users = [];
foreach ($people as $one) {
    $users[$one['user'] . ':' . $one['password']] = [
        'uid' => [$one['user']],
        'email' => [$one['user'] . '@brand.example'],
        'name' => [$one['name']],
        'groups' => $one['groups'],
    ];
}
$config = ['people' => ['exampleauth:UserPass'] + $users];
