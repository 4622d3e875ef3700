# The pages built into the program: TypeScript to ES5 by tsc, then all of it into one header.
WEB_FILES := gateway/web/chat.html gateway/web/chat.css gateway/web/icon.svg gateway/web/openapi.json
TSC       ?= tsc

$(B)/gen/chat.js: gateway/web/chat.ts
	@mkdir -p $(@D)
	$(TSC) --target ES5 --lib ES5,DOM --strict --noUnusedLocals --removeComments --outFile $@ $<
$(B)/gen/web_assets.h: $(B)/gen/chat.js $(WEB_FILES) gateway/web/embed.sh
	@mkdir -p $(@D)
	sh gateway/web/embed.sh $(WEB_FILES) $(B)/gen/chat.js > $@.new && mv $@.new $@
$(B)/obj/gateway/server/assets.o: $(B)/gen/web_assets.h
