-- KEYS: the log of changes; ARGV: the number of the last one that the caller knows, and the most that it is told.
-- Returns {the number of the last change, 1 where all since are told and else 0, the names of those that changed since}.
local number = tonumber(redis.call('GET', KEYS[1]) or '0')
local since = number - (tonumber(ARGV[1]) or -1)
if since == 0 then return {ARGV[1], '1'} end
local told = {}
if since > 0 and since <= tonumber(ARGV[2]) then told = redis.call('LRANGE', KEYS[2], 0, since - 1) end
return {string.format('%.0f', number), #told == since and '1' or '0', unpack(told)}
