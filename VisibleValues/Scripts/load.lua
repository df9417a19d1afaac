-- The slots as the database has them, with the watermarks of the same snapshot, are merged in: of each slot the newer
-- version stays. What a slot contains is pending no more. The counter is not loaded, so its hash is small.
-- ARGV: generation, the mark that begin.lua gave, seconds to live, seconds to live if there is nothing to remember, then of
-- each slot: partition, value, version, watermarks
-- Answer: the value; false where the mark is gone, and the slots must be read again
local key = KEYS[1]
local seen = redis.call('HMGET', key, 'g', 't', 'a')
if believed(seen[1], ARGV[1]) then
  show(seen[1], seen[2], math.max(redis.call('TTL', key), 1))
  return seen[2]
end
if seen[1] or seen[3] ~= ARGV[2] then
  redis.call('DEL', KEYS[2])
  return false
end

local slots = {}
local write = {}
for i = 5, #ARGV, 4 do
  slots[ARGV[i]] = { value = ARGV[i + 1], version = tonumber(ARGV[i + 2]), watermarks = ARGV[i + 3] }
  write[#write + 1] = 's' .. ARGV[i]
  write[#write + 1] = ARGV[i + 1] .. ':' .. ARGV[i + 2]
  write[#write + 1] = 'w' .. ARGV[i]
  write[#write + 1] = ARGV[i + 3]
end

local all = redis.call('HGETALL', key)
local pending = {}
local known = {}
for i = 1, #all, 2 do
  local kind = string.sub(all[i], 1, 1)
  if kind == 'p' then
    pending[all[i]] = all[i + 1]
  elseif kind == 's' or kind == 'w' then
    known[all[i]] = all[i + 1]
  end
end

for field, text in pairs(known) do
  if string.sub(field, 1, 1) == 's' then
    local partition = string.sub(field, 2)
    local value, version = string.match(text, '^(-?%d+):(%d+)$')
    local slot = slots[partition]
    if not slot or slot.version < tonumber(version) then
      local watermarks = known['w' .. partition] or ''
      slots[partition] = { value = value, version = tonumber(version), watermarks = watermarks }
      write[#write + 1] = field
      write[#write + 1] = text
      write[#write + 1] = 'w' .. partition
      write[#write + 1] = watermarks
    end
  end
end

local total = 0
for _, slot in pairs(slots) do total = total + tonumber(slot.value) end

local remember = #write > 0
for field, amount in pairs(pending) do
  local partition, sequence, producer = string.match(field, '^p(%d+):(%d+):(%x+)$')
  local slot = slots[partition]
  if slot and contained(slot.watermarks, producer, sequence) then
    redis.call('HDEL', key, field)
  else
    total = total + tonumber(amount)
    remember = true
  end
end

for first = 1, #write, 512 do
  redis.call('HSET', key, unpack(write, first, math.min(first + 511, #write)))
end
local value = string.format('%.0f', total)
redis.call('HSET', key, 'g', ARGV[1], 't', value)
redis.call('HDEL', key, 'a')
local seconds = remember and ARGV[3] or ARGV[4]
redis.call('EXPIRE', key, seconds)
show(ARGV[1], value, seconds)
return value
