# Where shells look for completion scripts. Its own file beside what writes them; `install`
# itself is in the Makefile.
SHARE = $(DESTDIR)$(PREFIX)/share

install: install-completion
install-completion: all
	install -d $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions \
		$(SHARE)/fish/vendor_completions.d
	$(BUILD)/profinject completion bash >$(SHARE)/bash-completion/completions/profinject
	$(BUILD)/profinject completion zsh >$(SHARE)/zsh/site-functions/_profinject
	$(BUILD)/profinject completion fish >$(SHARE)/fish/vendor_completions.d/profinject.fish
	chmod 644 $(SHARE)/bash-completion/completions/profinject \
		$(SHARE)/zsh/site-functions/_profinject $(SHARE)/fish/vendor_completions.d/profinject.fish

.PHONY: install-completion
