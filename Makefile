# make              build/mod_cors.so
# make check        run all tests, without installing the module
# make unit         build the core's own test programs, with ASan and UBSan
# make analyse      run cppcheck and clang-tidy
# make fuzz         build the fuzz targets, with clang
# make demo         show a demonstration on this machine
# make install      install the module, programs of bin/, and Debian's cors.load
# make uninstall    remove them
# make dist         build/mod_cors-VERSION.tar.gz, the release
# make deb          a Debian package in build/
# make rpm          an RPM package in build/
# make clean        remove what was built
#
# Variables: APXS=/usr/local/apache2/bin/apxs builds for that httpd, BUILD=dir
# in another directory, CC=clang with another compiler. CFLAGS, CPPFLAGS and
# LDFLAGS are added last. DESTDIR=dir installs below dir. WERROR=1 makes
# warnings errors. SANITIZE=1 adds ASan and UBSan (httpd then needs their
# runtime preloaded). V=1 shows the commands.

# The only place of the version number.
VERSION := 1.0.0

APXS    ?= apxs
BUILD   ?= build
DESTDIR ?=
Q       := $(if $(V),,@)

.DEFAULT_GOAL := all

# Goals that do not need httpd.
BARE_GOALS := help clean demo dist deb rpm

ifneq ($(words $(BUILD)),1)
$(error BUILD cannot contain a space: '$(BUILD)')
endif

ifneq ($(filter-out $(BARE_GOALS),$(or $(MAKECMDGOALS),all)),)
NEEDED := On Debian: apt-get install apache2-dev libpsl-dev
ifeq ($(shell command -v $(APXS)),)
$(error $(APXS) is missing. $(NEEDED))
endif
ifneq ($(shell $(CC) -E -x c -include libpsl.h /dev/null 2>&1 >/dev/null),)
$(error $(CC) does not find libpsl.h. $(NEEDED))
endif
apxs = $(shell $(APXS) -q $(1))
OLD := $(shell awk '/define AP_SERVER_MINORVERSION_NUMBER/ { minor = $$3 } \
    /define AP_SERVER_PATCHLEVEL_NUMBER/ && minor * 1000 + $$3 < 4033 \
    { print "2." minor "." $$3 }' '$(call apxs,INCLUDEDIR)/ap_release.h')
ifneq ($(OLD),)
$(error mod_cors needs httpd 2.4.33 or later; $(APXS) belongs to $(OLD))
endif
endif

CORE   := $(wildcard src/*.c)
MODULE := mod_cors.c $(CORE) $(wildcard src/httpd/*.c)
UNITS  := $(patsubst t/unit/%.c,$(BUILD)/unit/%,$(wildcard t/unit/*.c))
FUZZ   := $(patsubst t/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard t/fuzz/*.c))

# The headers of httpd and APR are the system's: their warnings are not ours.
APR_CPPFLAGS := $(call apxs,EXTRA_CPPFLAGS) \
    $(addprefix -isystem ,$(sort $(call apxs,APR_INCLUDEDIR) \
    $(call apxs,APU_INCLUDEDIR)))
HTTPD_CPPFLAGS := $(APR_CPPFLAGS) -isystem $(call apxs,INCLUDEDIR) \
    -DCORS_VERSION='"$(VERSION)"'
WARNINGS := -std=c99 -Wall -Wextra $(if $(WERROR),-Werror)
SANITIZERS := -fsanitize=address,undefined -fno-omit-frame-pointer

# apxs names the hardening that httpd was built with. _FORTIFY_SOURCE hides
# calls from ASan. No path of this machine gets into what is built.
# With gcc the module is compiled as a whole: a request calls many small
# functions of several files.
WHOLE := $(if $(or $(SANITIZE),$(findstring clang,$(CC))),,\
    -flto -flto-partition=one)
MODULE_CFLAGS := $(call apxs,CFLAGS) -O2 -g $(WARNINGS) -fPIC -fno-plt \
    $(WHOLE) $(if $(SANITIZE),$(SANITIZERS),$(call apxs,CPPFLAGS)) \
    '-ffile-prefix-map=$(CURDIR)=.' $(CPPFLAGS) $(CFLAGS)
MODULE_LDFLAGS := -shared -Wl,-z,relro,-z,now \
    -Wl,--version-script=$(BUILD)/exports $(LDFLAGS)
UNIT_CFLAGS := -O1 -g $(WARNINGS) $(SANITIZERS) -fno-sanitize-recover=all \
    $(CPPFLAGS) $(CFLAGS)
FUZZ_CFLAGS := -O1 -g $(WARNINGS) -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=all $(CPPFLAGS) $(CFLAGS)

APR_LIBS = $(shell $(call apxs,APU_CONFIG) --link-ld --libs) \
    $(shell $(call apxs,APR_CONFIG) --link-ld --libs)

MODULE_OBJECTS := $(MODULE:%.c=$(BUILD)/module/%.o)
UNIT_CORE      := $(CORE:%.c=$(BUILD)/unit/core/%.o)

.PHONY: all help check unit analyse fuzz demo install uninstall dist deb \
    rpm clean
.SECONDARY:

all: $(BUILD)/mod_cors.so

help:
	@sed -n 's/^# \{0,1\}//p; /^$$/q' Makefile

# Nothing but the module's record is to be seen from outside. That is said to
# the linker, because -fvisibility=hidden would hide the record too.
$(BUILD)/mod_cors.so: $(MODULE_OBJECTS)
	@echo '  LD $@'
	@echo '{ global: cors_module; local: *; };' > $(BUILD)/exports
	$(Q)$(CC) $(MODULE_CFLAGS) $(MODULE_LDFLAGS) -o $@ $^ -lpsl

# Objects depend on this file: it holds their flags.
$(BUILD)/module/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo '  CC $<'
	$(Q)$(CC) $(HTTPD_CPPFLAGS) $(MODULE_CFLAGS) -MMD -MP -c -o $@ $<

check:
	sh t/run

unit: $(UNITS)

# No header of httpd is in reach here: the core must do without.
$(BUILD)/unit/core/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo '  CC $<'
	$(Q)$(CC) $(APR_CPPFLAGS) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/unit/%.o: t/unit/%.c Makefile
	@mkdir -p $(@D)
	@echo '  CC $<'
	$(Q)$(CC) $(APR_CPPFLAGS) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/unit/%: $(BUILD)/unit/%.o $(UNIT_CORE)
	@echo '  LD $@'
	$(Q)$(CC) $(UNIT_CFLAGS) $(LDFLAGS) -o $@ $^ $(APR_LIBS) -lpsl

fuzz: $(FUZZ)

# What the module leaves to httpd, this target has to do itself.
$(BUILD)/fuzz/regex_check: FUZZ_LIBS := -lpcre2-8

$(BUILD)/fuzz/%: t/fuzz/%.c $(CORE) $(wildcard src/*.h) Makefile
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)clang $(APR_CPPFLAGS) $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^) \
	    $(APR_LIBS) -lpsl $(FUZZ_LIBS)

# What clang-tidy asks for, and with which exceptions, is in .clang-tidy.
# cppcheck does not read httpd's headers, so it is told of their macros. It
# takes the address behind an array's last element for an overflow
# (ctuPointerArith), and wants const in hooks, whose types have none
# (constParameter).
ANALYSED := $(MODULE) $(wildcard t/unit/*.c t/fuzz/*.c)

analyse:
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c99 \
	    --enable=warning,style,performance,portability \
	    --suppress=ctuPointerArith --suppress=constParameter \
	    '-DAP_DECLARE_MODULE(x)=module x##_module' \
	    '-DAPLOG_USE_MODULE(x)=' $(ANALYSED)
	clang-tidy --quiet $(ANALYSED) -- $(HTTPD_CPPFLAGS) $(WARNINGS)

demo:
	sh conf-examples/demo/serve

# Recursive, because only the install goals need the answers of apxs.
PROGRAMS := $(wildcard bin/*)
BINDIR = $(call apxs,BINDIR)
LIBEXECDIR = $(call apxs,LIBEXECDIR)
AVAILABLE = $(call apxs,SYSCONFDIR)/mods-available
ENABLED = $(call apxs,SYSCONFDIR)/mods-enabled

install: all
	install -d -m 755 '$(DESTDIR)$(LIBEXECDIR)'
	install -m 644 $(BUILD)/mod_cors.so '$(DESTDIR)$(LIBEXECDIR)'
ifneq ($(PROGRAMS),)
	install -d -m 755 '$(DESTDIR)$(BINDIR)'
	install -m 755 $(PROGRAMS) '$(DESTDIR)$(BINDIR)'
endif
	@if [ -d '$(AVAILABLE)' ]; then \
	    echo 'LoadModule cors_module $(LIBEXECDIR)/mod_cors.so' \
	        > $(BUILD)/cors.load && \
	    install -d -m 755 '$(DESTDIR)$(AVAILABLE)' && \
	    install -m 644 $(BUILD)/cors.load '$(DESTDIR)$(AVAILABLE)' && \
	    echo 'Now: a2enmod cors && systemctl restart apache2'; \
	fi

# A server whose configuration loads a module that is gone cannot start.
uninstall:
	@if [ -e '$(DESTDIR)$(ENABLED)/cors.load' ]; then \
	    echo 'mod_cors is enabled. First: a2dismod cors' \
	        '&& systemctl restart apache2' >&2; \
	    exit 1; \
	fi
	rm -f '$(DESTDIR)$(LIBEXECDIR)/mod_cors.so' \
	    '$(DESTDIR)$(AVAILABLE)/cors.load' \
	    $(PROGRAMS:bin/%='$(DESTDIR)$(BINDIR)/%')

# The same files give the same bytes on every machine, because owner, mode and
# date are fixed. Without git, all files are packed.
NAME    := mod_cors-$(VERSION)
DATE     = $(or $(shell sed -n 's/^\#\# $(VERSION), //p' CHANGES.md),\
    $(error CHANGES.md has no dated section for $(VERSION)))
PACKED   = $(if $(wildcard .git),git ls-files,find * .ci .clang-tidy \
    .gitignore \( -path build -o -path $(BUILD) \) -prune -o -type f -print)

dist:
	@mkdir -p $(BUILD)
	@$(PACKED) | LC_ALL=C sort | tar -c -T - --format=ustar \
	    --transform='s,^,$(NAME)/,' --mtime='$(DATE) 12:00Z' \
	    --owner=root:0 --group=root:0 --mode=u=rwX,go=rX \
	    | gzip -9n > $(BUILD)/$(NAME).tar.gz

# Packages are built in a copy of this tree, without the variables of this make.
ALONE := env -u MAKEFLAGS -u MFLAGS -u BUILD -u APXS

deb: dist
	@rm -rf $(BUILD)/deb
	@mkdir $(BUILD)/deb
	@tar -xzf $(BUILD)/$(NAME).tar.gz -C $(BUILD)/deb
	@cp -R packaging/debian $(BUILD)/deb/$(NAME)
	@sed -e 's/@VERSION@/$(VERSION)/' \
	    -e "s/@DATE@/$$(LC_ALL=C date -uRd '$(DATE) 12:00Z')/" \
	    packaging/debian/changelog.in > $(BUILD)/deb/$(NAME)/debian/changelog
	cd $(BUILD)/deb/$(NAME) && $(ALONE) dpkg-buildpackage -b -uc
	mv $(BUILD)/deb/*.deb $(BUILD)

# rpmbuild cannot work in a path with a space. On Debian it cannot find the
# packages that it depends on.
rpm: dist
	@sed -e 's/@VERSION@/$(VERSION)/' \
	    -e "s/@DATE@/$$(LC_ALL=C date -ud '$(DATE)' '+%a %b %d %Y')/" \
	    packaging/mod_cors.spec > $(BUILD)/mod_cors.spec
	top=$$(mktemp -d) && trap 'rm -rf "$$top"' EXIT && \
	cp $(BUILD)/$(NAME).tar.gz $$top && \
	$(ALONE) rpmbuild -bb --define "_topdir $$top" \
	    --define "_sourcedir $$top" \
	    $(if $(wildcard /etc/debian_version),--nodeps) \
	    $(BUILD)/mod_cors.spec && \
	mv $$top/RPMS/*/*.rpm $(BUILD)

clean:
	rm -rf '$(BUILD)'

-include $(MODULE_OBJECTS:.o=.d) $(UNIT_CORE:.o=.d) $(UNITS:=.d)
