<?php
// PHP with CORS headers of its own, as applications copy them from each other:
// see t/express.t. The URL names a policy and a status: /NAME/STATUS.
file_put_contents(getenv('COUNT_FILE'), '.', FILE_APPEND);
preg_match('{/(\w+)/(\d{3}|throw)\b}', $_SERVER['REQUEST_URI'], $found);
[, $name, $status] = $found;
$origin = $_SERVER['HTTP_ORIGIN'] ?? null;
$app = getenv('APP_ORIGIN') ?: 'https://app.example.com';

if ($name == 'any') {
    header('Access-Control-Allow-Origin: *');
}
if ($name == 'app') {
    header("Access-Control-Allow-Origin: $app");
    header('Access-Control-Allow-Credentials: true');
    header('Vary: Origin');
}
if ($name == 'echo' && $origin !== null) {
    header("Access-Control-Allow-Origin: $origin");
    header('Access-Control-Expose-Headers: X-Theirs');
}
if ($name == 'echo') {
    header('Access-Control-Allow-Credentials: true');
    header('Vary: Origin');
}
if ($name == 'list' && in_array($origin, [$app, 'https://a.example.org'])) {
    header("Access-Control-Allow-Origin: $origin");
}
if ($name == 'list') {
    header('Vary: Origin');
}
if ($_SERVER['REQUEST_METHOD'] == 'OPTIONS') {
    header('Access-Control-Allow-Methods: GET, PUT, DELETE');
    header('Access-Control-Allow-Headers: X-Theirs');
    header('Access-Control-Max-Age: 1');
    http_response_code(204);
    exit;
}
http_response_code($status == 'throw' ? 500 : (int)$status);
echo "php\n";
