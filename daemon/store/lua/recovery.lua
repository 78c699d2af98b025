-- recovery.lua -- a Redis that took over, or came back, may have forgotten the
-- last moments: what was written is a prefix of what was acknowledged.  Every
-- act counts the site's revision up and is known by (epoch, revision); the
-- daemons keep what they were answered for a while, and what the new Redis does
-- not know is told again as a fact: at its own time, with the item and fence
-- that were given then, in the order in which it happened.  Until all daemons
-- that were alive have told theirs, or a few seconds have passed, nobody acts.
--
-- "site" {epoch, rev, recovering: until when}; "epochs" epoch -> the last
-- revision of it that is known; "facts" by time, "fact_texts" what they say;
-- "facts_done" those that were told again; "daemons" by when they were seen;
-- "silent" those that are still to tell theirs.

local MOST_WAIT_MS = 3000
local ALIVE_MS = 5000
local EPOCHS_KEPT = 50
local DONE_KEPT_S = 3600
local BUDGET = 100

-- fact: what a daemon must keep of an act to tell it again.
function recovery.fact(s)
  return section('fact', { rev = redis.call('HINCRBY', s.root .. 'site', 'rev', 1), at = s.now,
    number = s.given_number, fence = s.given_fence })
end

-- alive: a daemon is there; asked at each tick.
function recovery.alive(s, daemon)
  redis.call('ZADD', s.root .. 'daemons', 'GT', int(s.now), daemon)
  redis.call('ZREMRANGEBYSCORE', s.root .. 'daemons', '-inf', int(s.now - 86400000))
end

-- A daemon that has not asked for so long is gone.
local GONE_MS = 10000

-- nobody_lived: until just now there was no daemon.
function recovery.nobody_lived(s)
  local last = redis.call('ZREVRANGE', s.root .. 'daemons', 0, 0, 'WITHSCORES')[2]
  return not last or s.now - tonumber(last) > GONE_MS
end

-- living: the daemons that are there: their names, each true.
function recovery.living(s)
  local names = {}
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', s.root .. 'daemons', int(s.now - GONE_MS), '+inf')) do
    names[name] = true
  end
  return names
end

-- was_there: it was, within a day.
function recovery.was_there(s, daemon) return redis.call('ZSCORE', s.root .. 'daemons', daemon) and true end

local function cuts(s, word)
  local v = redis.call('HMGET', s.root .. 'site', 'epoch', 'recovering')
  local answer = { word, section('site', { epoch = v[1], ['until'] = num(v[2]) }) }
  local flat = redis.call('HGETALL', s.root .. 'epochs')
  for i = 1, #flat, 2 do answer[#answer + 1] = section('cut', { epoch = flat[i], rev = flat[i + 1] }) end
  return answer
end

local function forget_old_epochs(s)
  local list = redis.call('HKEYS', s.root .. 'epochs')
  if #list <= EPOCHS_KEPT then return end
  local function begun(epoch) return num(string.match(epoch, '%.(%d+)$'), 0) end
  table.sort(list, function(a, b) return begun(a) < begun(b) end)
  for i = 1, #list - EPOCHS_KEPT do redis.call('HDEL', s.root .. 'epochs', list[i]) end
end

-- A new epoch begins: what the last one left is all that is known of it.
local function begin(s, run_id, daemon)
  local v = redis.call('HMGET', s.root .. 'site', 'epoch', 'rev', 'seen')
  if has(v[1]) then redis.call('HSET', s.root .. 'epochs', v[1], num(v[2], 0)) end
  forget_old_epochs(s)
  redis.call('HSET', s.root .. 'site', 'epoch', run_id .. '.' .. int(s.now),
    'recovering', int(s.now + MOST_WAIT_MS))
  redis.call('DEL', s.root .. 'silent')
  redis.call('SADD', s.root .. 'silent', daemon)
  -- By the clock of the Redis before, which may have gone differently.
  local alive = redis.call('ZRANGEBYSCORE', s.root .. 'daemons', int(num(v[3], 0) - ALIVE_MS), '+inf')
  for _, name in ipairs(alive) do redis.call('SADD', s.root .. 'silent', name) end
end

local function later(a, b)
  local a_ms, a_n = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_n = string.match(b, '^(%d+)-(%d+)$')
  if tonumber(a_ms) ~= tonumber(b_ms) then return tonumber(a_ms) > tonumber(b_ms) end
  return tonumber(a_n) > tonumber(b_n)
end

-- Numbers, fences and ids of the log never go back behind what a daemon saw.
local function raise_floors(s, fence, number, log_id)
  local v = redis.call('HMGET', s.root .. 'site', 'fence', 'number')
  if num(fence, 0) > num(v[1], 0) then redis.call('HSET', s.root .. 'site', 'fence', fence) end
  if num(number, 0) - 1000 > num(v[2], 0) then
    redis.call('HSET', s.root .. 'site', 'number', int(num(number, 0) - 1000))
  end
  if string.match(log_id, '^%d+%-%d+$') and later(log_id, log.last_id(s)) then log.skip(s, log_id) end
end

-- rb1_resume(now, daemon, run_id, fence, number, log_id) -> ok site cut... | recovering site cut...
-- A daemon's link is up: what it knows as the greatest of each.  After
-- "recovering" it tells its facts (rb1_facts) and asks for the end (rb1_recover).
recoverer('rb1_resume', function(s, args)
  local daemon, run_id = args[2], args[3]
  raise_floors(s, args[4], args[5], args[6])
  local v = redis.call('HMGET', s.root .. 'site', 'epoch', 'recovering')
  if not has(v[1]) or string.match(v[1], '^[^.]*') ~= run_id then
    begin(s, run_id, daemon)
    return cuts(s, 'recovering')
  end
  if has(v[2]) then redis.call('SADD', s.root .. 'silent', daemon) end
  return cuts(s, has(v[2]) and 'recovering' or 'ok')
end)

local function member(epoch, rev) return string.format('%016.0f %s', tonumber(rev), epoch) end

local function is_known(s, epoch, rev)
  local cut = redis.call('HGET', s.root .. 'epochs', epoch)
  if has(cut) and tonumber(rev) <= tonumber(cut) then return true end
  if redis.call('HGET', s.root .. 'site', 'epoch') == epoch then return true end
  return redis.call('SISMEMBER', s.root .. 'facts_done', member(epoch, rev)) == 1
end

-- rb1_facts(now, daemon, last, facts...) -> ok
-- A fact: epoch, rev, at, number, fence, word, function, from, how many
-- arguments, and these.  last is "1" when the daemon has told all it had.
recoverer('rb1_facts', function(s, args)
  local i = 4
  while args[i + 8] do
    local epoch, rev, count = args[i], args[i + 1], tonumber(args[i + 8])
    if not is_known(s, epoch, rev) then
      local fact = { at = args[i + 2], number = args[i + 3], fence = args[i + 4], word = args[i + 5],
        name = args[i + 6], from = args[i + 7], args = { unpack(args, i + 9, i + 8 + count) } }
      redis.call('HSET', s.root .. 'fact_texts', member(epoch, rev), cmsgpack.pack(fact))
      redis.call('ZADD', s.root .. 'facts', args[i + 2], member(epoch, rev))
    end
    i = i + 9 + count
  end
  if args[3] == '1' then redis.call('SREM', s.root .. 'silent', args[2]) end
  return { 'ok' }
end)

-- One that cannot be told again must not keep the others from it.
local function tell(s, name)
  local text = redis.call('HGET', s.root .. 'fact_texts', name)
  redis.call('ZREM', s.root .. 'facts', name)
  redis.call('HDEL', s.root .. 'fact_texts', name)
  redis.call('SADD', s.root .. 'facts_done', name)
  redis.call('EXPIRE', s.root .. 'facts_done', DONE_KEPT_S)
  local fact = cmsgpack.unpack(text)
  local act = acts[fact.name]
  if not act then return false end
  fact.number, fact.fence = tonumber(fact.number), tonumber(fact.fence)
  local then_ = site.at(s, tonumber(fact.at), fact)
  local good, why = pcall(act, then_, { '', unpack(fact.args) })
  if not good then
    log.add(s, 'not-restored', nil, { what = fact.name, reason = type(why) == 'table' and why.err or tostring(why) })
  end
  return good
end

local function finish(s)
  local v = redis.call('HMGET', s.root .. 'site', 'recovering', 'restored', 'failed')
  redis.call('HDEL', s.root .. 'site', 'recovering', 'restored', 'failed')
  redis.call('DEL', s.root .. 'silent')
  local counts = { restored = num(v[2], 0), failed = num(v[3], 0) }
  if counts.restored + counts.failed > 0 then log.add(s, 'recovered', nil, counts) end
  return { 'ok', section('recovered', counts) }
end

-- rb1_recover(now) -> wait | more | ok recovered
-- Any daemon asks, as often as it likes.
recoverer('rb1_recover', function(s, args)
  local ends = num(redis.call('HGET', s.root .. 'site', 'recovering'), 0)
  if s.now < ends and redis.call('EXISTS', s.root .. 'silent') == 1 then
    -- A clock that was set back must not keep the site waiting.
    if ends - s.now <= MOST_WAIT_MS then return { 'wait' } end
  end
  local list = redis.call('ZRANGE', s.root .. 'facts', 0, BUDGET - 1)
  -- An empty Redis: the policy is written by a daemon, which needs no leave.
  if #list > 0 and not policy.field(s, 'hash') then return { 'wait' } end
  for _, name in ipairs(list) do
    redis.call('HINCRBY', s.root .. 'site', tell(s, name) and 'restored' or 'failed', 1)
  end
  if redis.call('EXISTS', s.root .. 'facts') == 1 then return { 'more' } end
  return finish(s)
end)
