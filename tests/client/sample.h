/* sample.h -- answers as the daemon gives them.  Times lie in 2099, so that
 * they are never late. */
#ifndef RB_TESTS_CLIENT_SAMPLE_H
#define RB_TESTS_CLIENT_SAMPLE_H

#define SAMPLE_ITEM(number, state, more)                                       \
	"{\"id\":\"6f9619ff-8b86-d011-b42d-00cf4fc964ff\",\"number\":" number  \
	",\"kind\":\"call-back\",\"state\":\"" state "\",\"queue\":\"sales\"," \
	"\"tier\":\"gold\",\"unknown\":false,\"severity\":1,"                  \
	"\"name\":\"Maria Schr\xc3\xb6"                                        \
	"der\",\"phone\":\"+4930901820\","                                     \
	"\"phone_national\":\"030 901820\","                                   \
	"\"since\":\"2026-11-22T09:09:00.000Z\","                              \
	"\"last_at\":\"2026-11-22T09:17:00.000Z\",\"calls\":3,"                \
	"\"due\":\"2099-11-22T09:24:00.000Z\",\"used\":67,\"target_ms\":"      \
	"900000,"                                                              \
	"\"promise\":\"open\",\"tries\":0,\"tries_max\":4,\"agent\":\"anna\"," \
	"\"hold_until\":\"2099-11-22T09:34:00.000Z\",\"fence\":123" more "}"

#define SAMPLE_CARD(number, name)                                            \
	"{\"held\":true,\"item\":" SAMPLE_ITEM(                              \
	    number, "held",                                                  \
	    name) ","                                                        \
		  "\"customer\":{\"id\":\"c1\",\"value\":8400,\"language\":" \
		  "\"de\","                                                  \
		  "\"timezone\":\"Europe/Berlin\",\"here_time\":\"10:19\","  \
		  "\"agent\":\"anna\"},\"also\":[],\"before\":[{\"at\":"     \
		  "\"2026-11-02T09:00:00Z\",\"agent\":\"anna\",\"what\":"    \
		  "\"done\","                                                \
		  "\"note\":\"wants the invoice by mail\"}],"                \
		  "\"say_first\":\"Sorry that we missed you.\",\"told\":[]}"

#define SAMPLE_NOTHING                                                    \
	"{\"held\":false,\"queues\":[\"sales\",\"billing\"],\"later\":[{" \
	"\"number\":4801,\"name\":\"J. O'Neill\",\"try_at\":"             \
	"\"2099-11-25T15:00:00Z\",\"local\":\"Wed 25 Nov 10:00\","        \
	"\"timezone\":\"America/New_York\",\"why\":\"window\"}],"         \
	"\"later_count\":1,\"closed\":[{\"queue\":\"support\",\"opens\":" \
	"\"2099-11-25T07:00:00Z\",\"waiting\":9,\"yours\":false}]}"

#define SAMPLE_ME                                                           \
	"{\"name\":\"anna\",\"role\":\"agent\",\"groups\":[\"rb-agents\"]," \
	"\"queues\":[\"sales\",\"billing\"],\"duty\":\"on\",\"held\":null," \
	"\"done\":7,\"tried\":4,\"waiting\":12,\"site\":\"acme\"}"

#define SAMPLE_DONE(outcome, state, more)   \
	"{\"item\":" SAMPLE_ITEM(           \
	    "4821", state,                  \
	    more) ",\"outcome\":\"" outcome \
		  "\",\"repeated\":false,\"late\":false,\"undo_s\":60}"

#endif
