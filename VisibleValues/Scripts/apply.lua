-- A confirmed envelope becomes visible, before any flush has seen it.
-- ARGV: envelope, amount, seconds to live if loaded, seconds to live if not
local key = KEYS[1]
if redis.call('HDEL', key, 'x' .. ARGV[1]) == 0 then
  if redis.call('HSETNX', key, 'p' .. ARGV[1], ARGV[2]) == 1 then
    redis.call('HINCRBY', key, 't', ARGV[2])
  end
end -- else a flush that contains it came first: what it left to say so has done its work
local seen = redis.call('HMGET', key, 'l', 't')
redis.call('EXPIRE', key, seen[1] and ARGV[3] or ARGV[4])
return seen
