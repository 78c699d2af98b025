-- token.lua -- bearer tokens: only their SHA-256 is kept.  They are asked of
-- Redis at every request, so one that is revoked is dead at once, everywhere.
-- What the daemons remember counts only while Redis cannot be asked.

-- rb1_token(now, sha256) -> ok token | none
reader('rb1_token', function(s, args)
  local text = redis.call('HGET', s.root .. 'tokens', args[2])
  if not has(text) then return { 'none' } end
  local name, role, created = string.match(text, '^(%S+) (%S+) (%S+)$')
  return { 'ok', section('token', { name = name, role = role, created = created }) }
end)

-- rb1_token_book(now) -> ok token...
-- all, with what each is known by: for the time in which nobody can ask here.
reader('rb1_token_book', function(s)
  local answer, all, flat = { 'ok' }, {}, redis.call('HGETALL', s.root .. 'tokens')
  for i = 1, #flat, 2 do all[#all + 1] = flat[i] .. ' ' .. flat[i + 1] end
  table.sort(all)
  for _, text in ipairs(all) do
    local sha, name, role = string.match(text, '^(%S+) (%S+) (%S+) %S+$')
    answer[#answer + 1] = section('token', { sha256 = sha, name = name, role = role })
  end
  return answer
end)

-- rb1_token_put(now, name, role, sha256) -> ok | exists
writer('rb1_token_put', function(s, args)
  local name, role, sha = args[2], args[3], args[4]
  if redis.call('HEXISTS', s.root .. 'token_names', name) == 1 then return { 'exists' } end
  redis.call('HSET', s.root .. 'token_names', name, sha)
  redis.call('HSET', s.root .. 'tokens', sha, table.concat({ name, role, int(s.now) }, ' '))
  log.add(s, 'token-created', nil, { name = name, role = role })
  return { 'ok' }
end)

-- rb1_token_revoke(now, name) -> ok | none
finisher('rb1_token_revoke', function(s, args)
  local sha = redis.call('HGET', s.root .. 'token_names', args[2])
  if not has(sha) then return { 'none' } end
  redis.call('HDEL', s.root .. 'token_names', args[2])
  redis.call('HDEL', s.root .. 'tokens', sha)
  log.add(s, 'token-revoked', nil, { name = args[2] })
  return { 'ok' }
end)

-- rb1_tokens(now) -> ok token...
reader('rb1_tokens', function(s)
  local answer, all = { 'ok' }, redis.call('HVALS', s.root .. 'tokens')
  table.sort(all)
  for _, text in ipairs(all) do
    local name, role, created = string.match(text, '^(%S+) (%S+) (%S+)$')
    answer[#answer + 1] = section('token', { name = name, role = role, created = created })
  end
  return answer
end)
