-- ARGV: token, lease in ms. Returns 1 while the lease is the caller's.
local lease = redis.call('HGET', key, 'l')
if not lease or string.match(lease, '^(%S+)') ~= ARGV[1] then return 0 end
redis.call('HSET', key, 'l', ARGV[1] .. ' ' .. whole(now() + tonumber(ARGV[2])))
keep_for(whole(tonumber(ARGV[2]) * 2))
return 1
