# Fences are not raised: each hold has the one before.
s/^  local fence = s.fact and s.fact.fence or math.max(last + 1, s.now)$/  local fence = last > 0 and last or s.now/
