<?php
// Sends what the query string says: see t/lib/Test/Backend.pm.
file_put_contents(getenv('COUNT_FILE'), '.', FILE_APPEND);
[$head, $body] = explode("\n\n", rawurldecode($_SERVER['QUERY_STRING']), 2);
foreach (explode("\n", $head) as $line) {
    if (preg_match('/^Status: (\d+)/', $line, $found)) {
        http_response_code((int)$found[1]);
    }
    else {
        header($line, false);
    }
}
foreach (preg_split('/(<wait [^>]+>)/', $body, -1,
    PREG_SPLIT_DELIM_CAPTURE) as $part) {
    if (preg_match('/^<wait (.+)>$/', $part, $found)) {
        flush();
        fgets(fopen($found[1], 'r'));
        continue;
    }
    echo $part;
}
