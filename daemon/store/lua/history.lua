-- history.lua -- what happened to an item, in the words that people gave: the
-- only place beside the record that keeps a customer's text.
-- An entry is "<ms>|<actor>|<type>|<text>"; only the text may hold a '|'.

local MOST = 200

-- add: returns the entry.
function history.add(s, number, actor, what, text)
  local key = s.root .. 'history:' .. int(number)
  local entry = table.concat({ int(s.now), actor, what, text or '' }, '|')
  redis.call('RPUSH', key, entry)
  redis.call('LTRIM', key, -MOST, -1)
  return entry
end

-- drop: true if the entry was there.
function history.drop(s, number, entry)
  return redis.call('LREM', s.root .. 'history:' .. int(number), -1, entry) == 1
end

-- add_customer: words of a person that belong to no item (feedback).
function history.add_customer(s, who, actor, what, text)
  local key = s.root .. 'words:' .. who
  redis.call('RPUSH', key, table.concat({ int(s.now), actor, what, text or '' }, '|'))
  redis.call('LTRIM', key, -20, -1)
end

function history.of(s, number, count)
  return redis.call('LRANGE', s.root .. 'history:' .. int(number), -count, -1)
end

function history.parse(entry)
  local at, actor, what, text = string.match(entry, '^(%d+)|([^|]*)|([^|]*)|(.*)$')
  return { at = tonumber(at), actor = actor, type = what, text = text }
end
