# make            build/mod_cors.so
# make check      all tests, without installing the module
# make unit       the core's own test programs, with ASan and UBSan
# make analyse    cppcheck and clang-tidy
# make fuzz       the fuzz targets, with clang
# make demo       a demonstration on this machine
# make install    the module, and Debian's mods-available/cors.load
#
# BUILD=dir builds somewhere else, CC=clang with another compiler, SANITIZE=1
# with ASan and UBSan (httpd then needs the runtime preloaded). V=1 shows the
# commands.

APXS    ?= apxs
BUILD   ?= build
DESTDIR ?=
Q       := $(if $(V),,@)

.DEFAULT_GOAL := all
NEEDED := apt-get install apache2-dev libpsl-dev

ifneq ($(filter-out clean demo,$(or $(MAKECMDGOALS),all)),)
ifeq ($(shell command -v $(APXS)),)
$(error $(APXS) is missing: $(NEEDED))
endif
ifneq ($(shell $(CC) -E -x c -include libpsl.h /dev/null 2>&1 >/dev/null),)
$(error $(CC) does not find libpsl.h: $(NEEDED))
endif
apxs = $(shell $(APXS) -q $(1))
endif

CORE   := $(wildcard src/*.c)
MODULE := mod_cors.c $(CORE) $(wildcard src/httpd/*.c)
UNITS  := $(patsubst t/unit/%.c,$(BUILD)/unit/%,$(wildcard t/unit/*.c))
FUZZ   := $(patsubst t/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard t/fuzz/*.c))

# The headers of httpd and APR are the system's: their warnings are not ours.
APR_CPPFLAGS := $(call apxs,EXTRA_CPPFLAGS) \
    $(addprefix -isystem ,$(sort $(call apxs,APR_INCLUDEDIR) \
    $(call apxs,APU_INCLUDEDIR)))
HTTPD_CPPFLAGS := $(APR_CPPFLAGS) -isystem $(call apxs,INCLUDEDIR)
WARNINGS := -std=c99 -Wall -Wextra -Werror
SANITIZERS := -fsanitize=address,undefined -fno-omit-frame-pointer

# apxs tells what hardening httpd was built with; what comes later wins.
# _FORTIFY_SOURCE hides calls from ASan.
# With gcc the module is compiled as a whole: a request calls many small
# functions of several files.
WHOLE := $(if $(or $(SANITIZE),$(findstring clang,$(CC))),,-flto=auto)
MODULE_CFLAGS := $(call apxs,CFLAGS) $(CFLAGS) -O2 -g $(WARNINGS) \
    -fPIC -fno-plt $(WHOLE) \
    $(if $(SANITIZE),$(SANITIZERS),$(call apxs,CPPFLAGS))
UNIT_CFLAGS := $(CFLAGS) -O1 -g $(WARNINGS) $(SANITIZERS) \
    -fno-sanitize-recover=all
FUZZ_CFLAGS := $(CFLAGS) -O1 -g $(WARNINGS) \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

APR_LIBS = $(shell $(call apxs,APU_CONFIG) --link-ld --libs) \
    $(shell $(call apxs,APR_CONFIG) --link-ld --libs)

MODULE_OBJECTS := $(MODULE:%.c=$(BUILD)/module/%.o)
UNIT_CORE      := $(CORE:%.c=$(BUILD)/unit/core/%.o)

.PHONY: all check unit analyse fuzz demo install clean
.SECONDARY:

all: $(BUILD)/mod_cors.so

# Nothing but the module's record is to be seen from outside. That is said to
# the linker, because -fvisibility=hidden would hide the record too.
$(BUILD)/mod_cors.so: $(MODULE_OBJECTS)
	@echo '  LD $@'
	@echo '{ global: cors_module; local: *; };' > $(BUILD)/exports
	$(Q)$(CC) $(MODULE_CFLAGS) $(LDFLAGS) -shared \
	    -Wl,--version-script=$(BUILD)/exports -o $@ $^ -lpsl

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

$(BUILD)/fuzz/%: t/fuzz/%.c $(CORE) $(wildcard src/*.h) Makefile
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)clang $(APR_CPPFLAGS) $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^) \
	    $(APR_LIBS) -lpsl

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

install: all
	install -D -m 644 $(BUILD)/mod_cors.so \
	    '$(DESTDIR)$(call apxs,LIBEXECDIR)/mod_cors.so'
	@conf='$(call apxs,SYSCONFDIR)/mods-available'; \
	if [ -d "$$conf" ]; then \
	    mkdir -p "$(DESTDIR)$$conf" && \
	    echo 'LoadModule cors_module $(call apxs,LIBEXECDIR)/mod_cors.so' \
	        > "$(DESTDIR)$$conf/cors.load" && \
	    echo "Now: a2enmod cors && systemctl restart apache2"; \
	fi

clean:
	rm -rf '$(BUILD)'

-include $(MODULE_OBJECTS:.o=.d) $(UNIT_CORE:.o=.d) $(UNITS:=.d)
