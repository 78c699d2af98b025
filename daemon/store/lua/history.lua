-- history.lua -- what happened to an item, in the words that people gave: the
-- only place beside the record that keeps a customer's text.
-- An entry is "<ms>|<actor>|<type>|<text>"; only the text may hold a '|'.

-- add: returns the entry.
function history.add(s, number, actor, what, text)
  local key = s.root .. 'history:' .. int(number)
  local entry = table.concat({ int(s.now), actor, what, text or '' }, '|')
  redis.call('RPUSH', key, entry)
  redis.call('LTRIM', key, -policy.count(s, 'history_most', 200), -1)
  return entry
end

-- drop: true if the entry was there.
function history.drop(s, number, entry)
  return redis.call('LREM', s.root .. 'history:' .. int(number), -1, entry) == 1
end

local function words_key(s, who) return s.root .. 'words:' .. who end

-- "words" has everybody of whom there are any, by the oldest of them.
local function note_oldest(s, who)
  local oldest = redis.call('LINDEX', words_key(s, who), 0)
  if oldest then
    redis.call('ZADD', s.root .. 'words', int(history.parse(oldest).at), who)
  else
    redis.call('ZREM', s.root .. 'words', who)
  end
end

-- add_customer: words of a person that belong to no item (feedback).
function history.add_customer(s, who, actor, what, text)
  redis.call('RPUSH', words_key(s, who), table.concat({ int(s.now), actor, what, text or '' }, '|'))
  redis.call('LTRIM', words_key(s, who), -policy.count(s, 'feedback_most', 20), -1)
  note_oldest(s, who)
end

function history.of_customer(s, who) return redis.call('LRANGE', words_key(s, who), 0, -1) end

-- drop_customer: all of them; how many there were.
function history.drop_customer(s, who)
  local count = redis.call('LLEN', words_key(s, who))
  redis.call('DEL', words_key(s, who))
  redis.call('ZREM', s.root .. 'words', who)
  return count
end

-- purge: words that are older than the policy keeps them, one a person a call.
function history.purge(s, budget)
  local before = s.now - policy.ms(s, 'feedback_ms', 365 * 86400000)
  local old = redis.call('ZRANGEBYSCORE', s.root .. 'words', '-inf', int(before), 'LIMIT', 0, budget)
  for _, who in ipairs(old) do
    redis.call('LPOP', words_key(s, who))
    note_oldest(s, who)
  end
  return #old
end

-- of: all of them.
function history.of(s, number)
  return redis.call('LRANGE', s.root .. 'history:' .. int(number), 0, -1)
end

-- last: the last count of them.
function history.last(s, number, count)
  return redis.call('LRANGE', s.root .. 'history:' .. int(number), -count, -1)
end

function history.parse(entry)
  local at, actor, what, text = string.match(entry, '^(%d+)|([^|]*)|([^|]*)|(.*)$')
  return { at = tonumber(at), actor = actor, type = what, text = text }
end
