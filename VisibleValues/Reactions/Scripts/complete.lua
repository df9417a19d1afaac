-- The pairs of a user, as the database has them: from a post on, all of them. A newer version stays. What is not liked is only
-- kept where something older says the opposite.
-- ARGV: the generation, the mark that is here, the post from which on it is all, then of each pair: post, state (1 or 0), version
local key = KEYS[1]
local seen = redis.call('HMGET', key, 'g', 'f')
if not believed(seen[1], ARGV[1]) or seen[2] ~= ARGV[2] then return 0 end
local write = { 'c', ARGV[3] }
for i = 4, #ARGV, 3 do
  local known = redis.call('HGET', key, ARGV[i])
  local isNewer = known and tonumber(string.match(known, '^%d+')) <= tonumber(ARGV[i + 2])
  if isNewer or (not known and ARGV[i + 1] == '1') then
    write[#write + 1] = ARGV[i]
    write[#write + 1] = ARGV[i + 2] .. ':' .. ARGV[i + 1]
  end
end
set(key, write)
redis.call('HDEL', key, 'f')
return 1
