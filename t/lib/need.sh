# need PACKAGE ...: as root, installs the Debian packages that are missing;
# otherwise prints the command that does, and exits. "a|b" is whichever of the
# two this Debian has, the first if it has both. On other systems it does
# nothing; the first command that is missing then names itself.

need() {
    command -v dpkg-query >/dev/null || return 0
    missing=
    for names in "$@"; do
        is_installed "$names" || missing="$missing $names"
    done
    test -n "$missing" || return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo 'Packages are missing. Type: sudo apt-get install -y' \
            "--no-install-recommends$(choose $missing)" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q &&
        apt-get install -y --no-install-recommends $(choose $missing)
}

is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' $(echo "$1" | tr '|' ' ') \
        2>/dev/null | grep -qx installed
}

choose() {
    for names in "$@"; do
        chosen=${names%%|*}
        for name in $(echo "$names" | tr '|' ' '); do
            test -n "$(apt-cache show "$name" 2>/dev/null)" || continue
            chosen=$name
            break
        done
        printf ' %s' "$chosen"
    done
}
