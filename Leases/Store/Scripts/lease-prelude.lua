-- Numbers are doubles here: positions stay text of fixed width, whose order is theirs, and milliseconds fit.
-- KEYS: the entry; and the log of changes, which a cluster has not: the number of the last one, and the names of the last 1,000 or more, newest first.
local key = KEYS[1]

local function now()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function whole(number) return string.format('%.0f', number) end

-- Tells in the log that a copy of the value may not be current from now on. A log that was lost begins at the clock, in microseconds: past all that were
-- given out before, as each change takes longer than that.
local function changed()
    if not KEYS[2] then return end
    local number = redis.call('INCR', KEYS[2])
    if number == 1 then
        local time = redis.call('TIME')
        number = tonumber(time[1]) * 1000000 + tonumber(time[2])
        redis.call('SET', KEYS[2], whole(number))
    end
    redis.call('LPUSH', KEYS[3], key)
    if number % 100 == 0 then redis.call('LTRIM', KEYS[3], 0, 999) end
end

-- The LSN of a position on the line of timelines that a history tells ('current timeline=end ...'), and where it stands: what was written past the
-- end of a timeline is lost, and its floor comes down to that end. Nil for a timeline that was never on the line.
local function place(position, history)
    local timeline, lsn, current = string.sub(position, 1, 8), string.sub(position, 10), string.sub(history, 1, 8)
    if timeline == current then return lsn, 'on' end
    if timeline > current then return lsn, 'ahead' end
    local last = string.match(history, timeline .. '=(%x+)')
    if not last then return nil, 'lost' end
    if lsn > last then return last, 'lost' end
    return lsn, 'on'
end

-- Whether a snapshot holds all that was written up to a floor.
local function passes(holds, floor, history)
    local lsn, standing = place(holds, history)
    if standing == 'lost' then return false end
    if string.sub(holds, 1, 8) == string.sub(floor, 1, 8) then return string.sub(holds, 10) >= string.sub(floor, 10) end
    local wanted, of_floor = place(floor, history)
    if standing == 'ahead' or of_floor == 'ahead' then return false end
    return wanted == nil or lsn >= wanted
end

-- Generations are 'epoch:run'. What was written in this run of Redis under this epoch or a later one is believed.
local function believes(theirs, mine)
    if theirs == mine then return true end
    local epoch, run = string.match(mine, '^(%d+):(.*)$')
    local their_epoch, their_run = string.match(theirs, '^(%d+):(.*)$')
    return epoch ~= nil and their_epoch ~= nil and run == their_run and tonumber(their_epoch) > tonumber(epoch)
end

-- m: 'holds shown soft-expiry cost kind generation'; kind is + for a value and - for none.
local function generation_of(meta) return string.match(meta, '^%S+ %S+ %S+ %S+ %S+ (.+)$') end
local function holds_of(meta) return string.match(meta, '^(%S+)') end
local function shown_of(meta) return string.match(meta, '^%S+ (%S+)') end

local function keep_for(milliseconds)
    if redis.call('PTTL', key) < tonumber(milliseconds) then redis.call('PEXPIRE', key, milliseconds) end
end

-- Tells the processes that wait for the key to look again.
local function wake()
    local waiting = redis.call('HGET', key, 'w')
    if not waiting then return end
    redis.call('HDEL', key, 'w')
    for process in string.gmatch(waiting, '%S+') do redis.call('PUBLISH', 'lc:wake:' .. process, key) end
end

-- Raises the floor, where it is not there yet. f: 'position write'.
local function raise_floor(position, write, history)
    local floor = redis.call('HGET', key, 'f')
    if not floor or passes(position, string.match(floor, '^(%S+)'), history) then
        redis.call('HSET', key, 'f', position .. ' ' .. write)
        return true
    end
    return false
end

-- For how many more milliseconds some process may serve the value from memory.
local function held_for(time)
    return math.max(0, tonumber(redis.call('HGET', key, 'o') or '0') - time)
end

-- Tells them to ask again. Gives the same.
local function drop(time)
    local held = held_for(time)
    if held > 0 then redis.call('PUBLISH', 'lc:drop', key) end
    return held
end

-- The value no longer holds what was written at a position; a lease of before does not fill any more. Gives as drop does.
local function invalidate(position, locked, write, history, floor_lifetime, time)
    changed()
    if raise_floor(position, write, history) then
        redis.call('HDEL', key, 'l')
        wake()
    end
    local meta = redis.call('HGET', key, 'm')
    -- At the very position it may hold it or not: on a primary a commit is in the log a moment before it can be seen.
    if meta and (holds_of(meta) == position or not passes(holds_of(meta), position, history)) then
        -- Who has seen nothing from under the write's lock on cannot have seen the write. Where that is not known, anybody may have who has seen anything.
        local stale, from = redis.call('HGET', key, 's'), locked
        if string.sub(locked, 1, 8) == '00000000' then from = '00000000/0000000000000001' end
        if not stale or passes(stale, from, history) then redis.call('HSET', key, 's', from) end
    end
    keep_for(floor_lifetime)
    return drop(time)
end
