# The page of `profinject html`, under BUILD/page: its scripts joined in this order inside one
# function, its style, and Debian's dygraphs (package libjs-dygraphs), for assets.c to take in.

PAGE_ORDER = text document sums merge graph boxes colours store results search describe details \
	flame_paint flame flame_keys flame_tab tables functions_tab tables_tab tabs tools times time_area \
	charts brush resource_charts heat_map resource_figures activity relations matrix resources_tab \
	pair_view relations_tab findings_tab \
	theme help header probe app
DYGRAPHS = /usr/share/javascript/dygraphs

PAGE_SCRIPTS := $(PAGE_ORDER:%=analyzer/page/%.js)
PAGE := $(addprefix $(BUILD)/page/,page.js page.css page.html dygraphs.js)
$(if $(filter-out $(PAGE_SCRIPTS),$(wildcard analyzer/page/*.js)),\
	$(error analyzer/page/page.mk: PAGE_ORDER lacks $(filter-out $(PAGE_SCRIPTS),$(wildcard analyzer/page/*.js))))

$(BUILD)/obj/analyzer/reports/assets.o: $(PAGE)
# Where the assembler looks for them.
$(BUILD)/obj/analyzer/reports/assets.o: BASE_CFLAGS += -Wa,-I$(BUILD)

# Comments on lines of their own and types stay here: they were a quarter of every page.
STRIP = inside { if (/\*\//) inside = 0; next } \
	/^ *\/\*/ && !/\*\// { inside = 1; next } \
	/^ *\/\*.*\*\/ *$$/ || /^ *\/\/ / { next } \
	{ gsub(/\/\*\* @type [^*]*\*\/ ?/, ""); print }

$(BUILD)/page/page.js: $(PAGE_SCRIPTS) analyzer/page/page.mk
	$(call say,PAGE,$@)
	$(Q){ echo "(function () {'use strict';"; awk '$(STRIP)' $(PAGE_SCRIPTS); echo '})();'; } >$@

$(BUILD)/page/page.css $(BUILD)/page/page.html: $(BUILD)/page/%: analyzer/page/%
	$(call say,PAGE,$@)
	$(Q)cp $< $@

# Without the comment that has a browser ask for a file that is not there.
$(BUILD)/page/dygraphs.js: $(DYGRAPHS)/dygraph.min.js
	$(call say,PAGE,$@)
	$(Q)sed '/^\/\/# sourceMappingURL/d' $< >$@

$(DYGRAPHS)/dygraph.min.js:
	@echo "'$@' is missing: sh scripts/setup installs libjs-dygraphs" >&2; exit 1

# Layout, and the types in comments by Debian's node-typescript.
lint: lint-page
lint-page: $(BUILD)/lint/page.types
$(BUILD)/lint/page.types: $(PAGE_SCRIPTS) analyzer/page/types.d.ts analyzer/page/.clang-format
	$(call say,TYPES,analyzer/page)
	$(Q)clang-format --dry-run -Werror $(PAGE_SCRIPTS)
	$(Q)tsc --noEmit --allowJs --checkJs --strict --noUnusedLocals --noImplicitReturns \
		--target es2022 --lib es2022,dom,dom.iterable $(PAGE_SCRIPTS) analyzer/page/types.d.ts && touch $@
.PHONY: lint-page
