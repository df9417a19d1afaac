-- Somebody is about to read the slots of this counter from the database. What they read may only be loaded while this
-- mark is here: if Redis loses the counter meanwhile, it may have lost word of a newer flush.
-- ARGV: a new mark, seconds a counter lives that is not loaded
-- Answer: the mark to load with
redis.call('HSETNX', KEYS[1], 'a', ARGV[1])
if redis.call('HEXISTS', KEYS[1], 'g') == 0 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return redis.call('HGET', KEYS[1], 'a')
