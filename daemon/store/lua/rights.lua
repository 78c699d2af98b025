-- rights.lua -- what a daemon asks before its first call: which library is
-- here, and whether its user may do all that the functions do.

-- Answers "0.1.0 0123456789abcdef"; it needs neither keys nor a site.
redis.register_function{
  function_name = 'rb1_version',
  flags = { 'no-writes' },
  callback = function() return library_version end,
}

-- Every command of the library and of the daemon, with a key where it stands.
local needed = {
  'DEL', 'EXISTS', 'EXPIRE', 'GET', 'HDEL', 'HEXISTS', 'HGET', 'HGETALL', 'HINCRBY',
  'HKEYS', 'HMGET', 'HSET', 'HSETNX', 'HVALS', 'LINDEX', 'LLEN', 'LPOP', 'LRANGE',
  'LREM', 'LTRIM', 'PEXPIRE', 'RPUSH', 'SADD', 'SET', 'SISMEMBER', 'SMEMBERS', 'SORT',
  'SREM', 'TIME', 'TYPE', 'WAIT', 'XADD', 'XDEL', 'XINFO', 'XRANGE', 'XREAD',
  'XREVRANGE', 'XTRIM', 'ZADD', 'ZCARD', 'ZCOUNT', 'ZRANGE', 'ZRANGEBYLEX',
  'ZRANGEBYSCORE', 'ZRANK', 'ZREM', 'ZREMRANGEBYRANK', 'ZREMRANGEBYSCORE', 'ZREVRANGE',
  'ZREVRANGEBYSCORE', 'ZSCORE', 'ZUNIONSTORE',
}
local around = {
  DEL = function(key) return { key } end,
  EXISTS = function(key) return { key } end,
  TIME = function() return {} end,
  TYPE = function(key) return { key } end,
  WAIT = function() return { '1', '1' } end,
  XINFO = function(key) return { 'STREAM', key } end,
  XREAD = function(key) return { 'STREAMS', key, '0' } end,
  ZUNIONSTORE = function(key) return { key, '1', key } end,
}

-- Answers "", or what is missing, as an ACL rule has it: " +zadd +zrem".
redis.register_function{
  function_name = 'rb1_rights',
  flags = { 'no-writes' },
  callback = function(keys)
    local missing = ''
    for _, command in ipairs(needed) do
      local args = around[command] or function(key) return { key, '0', '0' } end
      if not redis.acl_check_cmd(command, unpack(args(keys[1] .. ':x'))) then
        missing = missing .. ' +' .. string.lower(command)
      end
    end
    return missing
  end,
}
