-- Somebody is about to read the slots of this counter from the database. What they read may only be loaded while this
-- mark is here: if Redis loses the counter meanwhile, it may have lost word of a newer flush. A mark begins with its
-- generation: one that came back with an older state is nobody's.
-- ARGV: generation, a new mark, seconds a counter lives that is not loaded
-- Answer: the mark to load with
local key = KEYS[1]
local seen = redis.call('HMGET', key, 'g', 'a')
local loaded, mark = seen[1], seen[2]
if loaded and not believed(loaded, ARGV[1]) then
  redis.call('UNLINK', key, KEYS[2])
  loaded, mark = false, false
end
if not mark or not believed(string.match(mark, '^[^|]*'), ARGV[1]) then
  mark = ARGV[1] .. '|' .. ARGV[2]
  redis.call('HSET', key, 'a', mark)
end
if not loaded then
  redis.call('DEL', KEYS[2])
  redis.call('EXPIRE', key, ARGV[3])
end
return mark
