# morning.awk: what a telephone system and a web form have to tell of the last
# half hour, as NDJSON.  Reads the customers; each event has the same id every
# time, so that telling it twice changes nothing.
#	awk -F, -v now=EPOCH -f morning.awk customers.csv
# What lies behind is an hour told in half of one: some promises are broken
# already, most can still be kept.
function at(minutes) {
	if (minutes > 0) minutes *= 0.45
	return strftime("%Y-%m-%dT%H:%M:%SZ", now - minutes * 60, 1)
}
function event(type, minutes, rest) {
	n++
	printf "{\"type\":\"%s\",\"id\":\"demo-%d\",\"time\":\"%s\",%s}\n", type, n, at(minutes), rest
}
function from(i) { return "\"from\":\"" number[i] "\"" }
function missed(i, minutes, line, waited) {
	event("call.missed", minutes, from(i) ",\"to\":\"+493023125" line \
	    "\",\"source\":\"pbx\",\"waited_s\":" waited)
}
function answered(i, minutes, line, talked) {
	event("call.answered", minutes, from(i) ",\"to\":\"+493023125" line \
	    "\",\"source\":\"pbx\",\"talked_s\":" talked)
}
function complaint(i, minutes, severity, category, text) {
	event("complaint", minutes, from(i) ",\"source\":\"web\",\"queue\":\"quality\"" \
	    ",\"severity\":" severity ",\"category\":\"" category "\",\"text\":\"" text "\"")
}
function wish(i, minutes, queue, text, when) {
	event("callback.requested", minutes, from(i) ",\"source\":\"web\",\"queue\":\"" \
	    queue "\",\"text\":\"" text "\"" (when ? ",\"callback_at\":\"" at(-when) "\"" : ""))
}
FNR > 1 { number[count++] = $3 }
END {
	# A lively morning: one in three goes to billing or support.
	for (k = 0; k < 24; k++)
		missed((k * 37 + 11) % 240, 58 - k * 2, \
		    k % 5 == 3 ? "920" : k % 7 == 4 ? "930" : "900", 6 + k * 13 % 90)
	# Some ring again, one of them again and again.
	missed(11, 49, "900", 31); missed(11, 38, "900", 52); missed(11, 21, "900", 74)
	missed(122, 30, "900", 12); missed(85, 18, "930", 44)
	# Some get through by themselves: nobody needs to ring them back.
	answered(48, 50, "900", 185); answered(159, 44, "930", 64)
	answered(196, 33, "900", 240); answered(290, 27, "920", 95)
	# Somebody new, from abroad; a withheld number; a misdial.
	event("call.missed", 12, "\"from\":\"+12125550123\",\"to\":\"+493023125900\",\"source\":\"pbx\",\"waited_s\":41")
	event("call.missed", 11, "\"from\":\"anonymous\",\"to\":\"+493023125900\",\"source\":\"pbx\",\"waited_s\":20")
	event("call.missed", 10, "\"from\":\"+493023125777\",\"to\":\"+493023125900\",\"source\":\"pbx\",\"waited_s\":2")
	# The web form.
	wish(61, 25, "sales", "Please ring about the offer for 40 desks.", 0)
	wish(38, 16, "billing", "Invoice 20391 was paid twice.", 0)
	wish(104, 9, "sales", "Ich bin erst am Nachmittag erreichbar.", 180)
	wish(170, 6, "support", "The drill does not start. Best in an hour.", 60)
	complaint(11, 55, 2, "damaged-on-arrival", "The drill arrived with a broken chuck, second time this year.")
	complaint(73, 47, 1, "delivery", "Two chairs of six are missing.")
	complaint(131, 35, 3, "safety", "The lamp gave my colleague an electric shock.")
	complaint(207, 22, 1, "billing", "Mahnung trotz Zahlung am 3. des Monats.")
	complaint(142, 14, 2, "service", "I was promised a call on Monday and nobody rang.")
	# The last minutes.
	for (k = 0; k < 12; k++)
		missed((k * 53 + 4) % 300, 6 - k / 2, k % 4 == 1 ? "930" : "900", 9 + k * 7)
}
