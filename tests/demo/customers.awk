# customers.awk: 300 believable customers as CSV, the same ones every time.
# All numbers are from the ranges that regulators keep for films and books:
# they are valid, and they ring at nobody's.
#	awk -v me=anna -f customers.awk
function pick(list, i,    part, n) {
	n = split(list, part, ",")
	return part[1 + i % n]
}
function person(i,    first, last) {
	if (kind == "de") {
		first = "Maria,Peter,Ayşe,Jürgen,Katrin,Sebastian,Günther,Lea,Olaf,Sabine,Mehmet,Heike,Björn,Renate,Tim,Ursula,Jonas"
		last = "Schröder,Lang,Yılmaz,Müller,Weiß,Becker,Nowak,Groß,Köhler,Fuchs,Vogt,Böhm,Krause,Sommer,Günes,Pohl,Winkler,Haase,Lindner"
	} else if (kind == "fr") {
		first = "Chloé,Luc,Amélie,Théo,Inès,Rémi,Noémie"
		last = "Lefèvre,Moreau,Dubois,Garnier,Benoît,Roussel"
	} else if (kind == "sv") {
		first = "Åsa,Nils,Karin,Lars,Maja"
		last = "Öberg,Lindqvist,Sjöström,Nyström"
	} else {
		first = "James,Siobhán,Priya,Harold,Grace,Wei,Zoë,Oliver,Amara,Dennis,Ruth"
		last = "O'Neill,Whitcombe,Patel,Chen,Okafor,Baker,Thorne,Marlowe,Sinclair,Doyle"
	}
	return pick(first, i * 7 + 3) " " pick(last, i * 11 + int(i / 17))
}
function company(i) {
	if (kind == "de")
		return pick("Fa. Lang & Söhne,Elektro Krause GmbH,Hotel Spreeblick,Tischlerei Böhm,Praxis Dr. Weiß,Stadtwerke Lindow,Möbelhaus Sommer", i)
	if (kind == "fr") return pick("Ateliers Moreau SARL,Boulangerie du Quai", i)
	if (kind == "sv") return pick("Öbergs Verkstad AB,Sjöströms Bygg", i)
	return pick("Thorne & Doyle Ltd,Marlowe Hardware Inc.,The Corner Bakery", i)
}
function phone(i) {
	if (kind == "fr") return sprintf("+33199%06d", 1000 + i * 7)
	if (kind == "sv") return sprintf("+46846500%d", 400 + i % 100)
	if (kind == "en") return sprintf("+44207946%04d", i * 3)
	if (kind == "us") return sprintf("+1%s55501%02d", pick("212,415,312,617", int(i / 100)), i % 100)
	if (i % 5 == 0) return sprintf("+4917604069%03d", i % 1000)
	return sprintf("+49%s%03d", pick("3023125,6990009,4066969,2214710,8999998", i), i)
}
# A few are worth very much, some something, most little.
function worth(i) {
	if (i % 19 == 4) return 20000 + i * 137 % 60000
	if (i % 5 == 1) return 3000 + i * 211 % 15000
	return i * 83 % 2900
}
BEGIN {
	print "id,name,phones,value,tier,language,timezone,agent,never_call,shared,prefers"
	for (i = 0; i < 300; i++) {
		kind = i % 6 == 2 ? "en" : i % 11 == 5 ? "us" : i % 13 == 7 ? "fr" : i % 17 == 9 ? "sv" : "de"
		firm = i % 19 == 4
		language = kind == "us" ? "en" : kind
		zone = kind == "de" ? "Europe/Berlin" : kind == "fr" ? "Europe/Paris" : \
		    kind == "sv" ? "Europe/Stockholm" : kind == "en" ? "Europe/London" : \
		    pick("America/New_York,America/Los_Angeles,America/Chicago,America/New_York", int(i / 100))
		printf "C%04d,\"%s\",%s,%d,%s,%s,%s,%s,%s,%s,%s\n", 1000 + i,
		    firm ? company(int(i / 19)) : person(i), phone(i), worth(i),
		    i == 33 ? "platinum" : "", language, zone, i % 10 == 1 ? me : "",
		    i == 250 ? "true" : "false", firm ? "true" : "false",
		    i % 23 == 6 ? "\"not before 9:00\"" : i % 31 == 8 ? "\"by mail, please\"" : ""
	}
}
