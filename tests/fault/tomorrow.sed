# Makes of gateway/store/schema.c that of the next version: a column more in each table, a table and an index more.
# SCHEMA_LEAST: the oldest program that can work with it.
/^const struct schema_step schema_steps/i\
static const char of_tomorrow[] =\
	"ALTER TABLE contact ADD COLUMN of_tomorrow TEXT; ALTER TABLE identity ADD COLUMN of_tomorrow INT NOT NULL DEFAULT 7;"\
	"ALTER TABLE session ADD COLUMN of_tomorrow TEXT; ALTER TABLE timer ADD COLUMN of_tomorrow TEXT;"\
	"ALTER TABLE cases ADD COLUMN of_tomorrow TEXT; ALTER TABLE case_event ADD COLUMN of_tomorrow TEXT;"\
	"ALTER TABLE survey ADD COLUMN of_tomorrow TEXT; ALTER TABLE sequence ADD COLUMN of_tomorrow INT NOT NULL DEFAULT 7;"\
	"ALTER TABLE inbox ADD COLUMN of_tomorrow TEXT; ALTER TABLE chat_channel ADD COLUMN of_tomorrow TEXT;"\
	"ALTER TABLE outbox ADD COLUMN of_tomorrow INT NOT NULL DEFAULT 7; ALTER TABLE attempt ADD COLUMN of_tomorrow TEXT;"\
	"ALTER TABLE parked ADD COLUMN of_tomorrow TEXT; ALTER TABLE media ADD COLUMN of_tomorrow TEXT;"\
	"ALTER TABLE handover ADD COLUMN of_tomorrow TEXT; ALTER TABLE revision ADD COLUMN of_tomorrow TEXT;"\
	"ALTER TABLE counts ADD COLUMN of_tomorrow TEXT;"\
	"{pg ALTER TABLE gateway ADD COLUMN of_tomorrow TEXT; ALTER TABLE shared ADD COLUMN of_tomorrow TEXT;"\
	"ALTER TABLE dedupe ADD COLUMN of_tomorrow TEXT; ALTER TABLE case_ref ADD COLUMN of_tomorrow TEXT;"\
	"ALTER TABLE provider_ref ADD COLUMN of_tomorrow TEXT;}"\
	"CREATE TABLE of_tomorrow(id INT){end} CREATE INDEX inbox_of_tomorrow ON inbox(of_tomorrow);";\
STEP(up_tomorrow, of_tomorrow);\
STEP(down_tomorrow, "DROP TABLE of_tomorrow;");
s/{NULL, NULL, 0}}/{up_tomorrow, down_tomorrow, SCHEMA_LEAST}, &/
