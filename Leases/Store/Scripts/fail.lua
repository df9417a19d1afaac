-- ARGV: token, ms for which nobody tries again, why. Returns 1 where the lease was the caller's.
local lease = redis.call('HGET', key, 'l')
if not lease or string.match(lease, '^(%S+)') ~= ARGV[1] then return 0 end
redis.call('HDEL', key, 'l')
redis.call('HSET', key, 'b', whole(now() + tonumber(ARGV[2])) .. ' ' .. ARGV[3])
keep_for(ARGV[2])
wake()
return 1
