-- foreign.lua -- keys of ours in which somebody else has written.  A command on
-- such a key stops a function in the middle of its work; so it is looked for
-- before the first write, and named.

local KIND = {
  agent_phones = 'hash', agents = 'set', bursts = 'hash', cals = 'hash', cals_wanted = 'set', closed = 'zset',
  cursors = 'hash', customers = 'zset', daemons = 'zset', duty = 'zset', epochs = 'hash',
  fact_texts = 'hash', facts = 'zset', facts_done = 'set', feeds = 'zset', forgotten = 'zset', hints = 'stream',
  holders = 'hash', holds = 'zset', log = 'stream', named = 'zset', never_call = 'set',
  never_veiled = 'set', open = 'hash', outbox = 'zset', pace = 'hash', parked = 'zset',
  phones = 'hash', policy = 'hash', scheduled = 'zset', silent = 'set', site = 'hash',
  source_events = 'hash', source_last = 'hash', token_names = 'hash', tokens = 'hash',
  windows = 'zset', words = 'zset',
}

local WORDS = {
  hash = 'a hash', list = 'a list', set = 'a set', stream = 'a stream', string = 'a string',
  zset = 'a sorted set',
}

-- What nearly every act writes, and reads only afterwards or not at all.
local WRITTEN = {
  'site', 'log', 'open', 'scheduled', 'windows', 'closed', 'holders', 'holds', 'hints',
  'parked', 'outbox',
}

local function check(s, name)
  local kind = redis.call('TYPE', s.root .. name).ok
  if kind == KIND[name] or kind == 'none' then return end
  error({ err = 'FOREIGN ' .. s.root .. name .. ' is ' .. (WORDS[kind] or 'of another kind') ..
    ', not ' .. WORDS[KIND[name]] })
end

-- refuse: raised before an act has written anything.
function foreign.refuse(s)
  for _, name in ipairs(WRITTEN) do check(s, name) end
end

-- look: at all that have a name of their own, for the tick.
function foreign.look(s)
  for name in pairs(KIND) do check(s, name) end
end
