# need PACKAGE ...: installs the Debian packages that are missing, as root; else
# it says what to type, and ends. Elsewhere than on Debian it does nothing, and
# the first command that is not there says so.

need() {
    command -v dpkg-query >/dev/null || return 0
    packages=
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null |
            grep -qx installed || packages="$packages $package"
    done
    test -n "$packages" || return 0
    command="apt-get install -y --no-install-recommends$packages"
    if [ "$(id -u)" -ne 0 ]; then
        echo "Something is missing. Type: sudo $command" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q && $command
}
