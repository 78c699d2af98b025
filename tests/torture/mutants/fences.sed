# Fences are not raised: each hold has the one before.
s/^  local fence = math.max(num(.*'fence'), 0) + 1, s.now)$/  local fence = num(redis.call('HGET', s.root .. 'site', 'fence'), s.now)/
