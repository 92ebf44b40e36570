<?php
// PHP's own server knows no PATH_INFO behind a script's name: module.php/core/... is one.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$root = $_SERVER['DOCUMENT_ROOT'];
if (preg_match('#^(/.+?\.php)(/.*)?$#', $path, $found) && is_file($root . $found[1])) {
    $_SERVER['SCRIPT_NAME'] = $found[1];
    $_SERVER['SCRIPT_FILENAME'] = $root . $found[1];
    $_SERVER['PHP_SELF'] = $path;
    if (isset($found[2])) {
        $_SERVER['PATH_INFO'] = $found[2];
    }
    chdir(dirname($_SERVER['SCRIPT_FILENAME']));
    require $_SERVER['SCRIPT_FILENAME'];
    return true;
}
return false;
