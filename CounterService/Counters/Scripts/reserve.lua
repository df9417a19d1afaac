-- Reserves an Idempotency-Key, unless it is known.
-- ARGV: state and what it is for, seconds to live
-- Answer: what was there before
local seen = redis.call('GET', KEYS[1])
if not seen then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
return seen
