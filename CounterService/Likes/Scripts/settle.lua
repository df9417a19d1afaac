-- A change of a pair is durable. A newer one stays.
-- ARGV: post, state (1 or 0), version, seconds to live
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known and tonumber(string.match(known, '^(%d+)')) > tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ':' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
