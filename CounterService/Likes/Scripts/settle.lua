-- A change of a pair is durable. A newer one stays. If Redis lost the pair meanwhile, it may have lost a newer change
-- with it: then it stays unknown.
-- ARGV: post, state (1 or 0), version, seconds to live, the generation
local seen = redis.call('HMGET', KEYS[1], 'g', ARGV[1])
if not believed(seen[1], ARGV[5]) or not seen[2] or tonumber(string.match(seen[2], '^(%d+)')) > tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ':' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
