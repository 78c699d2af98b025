# An event that comes again is not known.
s/^  local receipt = redis.call('GET', receipt_key(s, e.uuid))$/  local receipt = nil/
