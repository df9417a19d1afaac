using Floodgate.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>
/// The transitions of home timelines in Redis. A script works on one timeline, or on several of one bucket, so that Redis Cluster works.
/// </summary>
/// <remarks>
/// <para>
/// A timeline is a list: a head, posts in ascending order, a mark, and what was pushed since, in the order of its arrival. The head <c>z{floor}</c> says that
/// every post from that id on is in the list; 0 that every post is. The mark <c>m:{run}</c> says up to where the list is in order, and of which run of Redis
/// it is: a copy that was restored has missed pushes. Instead of head and mark, <c>b:{mark}:{rebuild}</c> says that the timeline is being built: pushes arrive
/// already, but it cannot be read.
/// </para>
/// <para>
/// So a push is one RPUSHX, which writes only timelines that exist, whatever came before it; who reads sees the newest posts in one LRANGE from the tail, and
/// what is out of order or there twice is put right once there is enough of it (settled). Ids stay text where they can, as Lua writes large numbers with 14
/// digits only.
/// </para>
/// </remarks>
internal static class TimelineScripts
{
    // settle: everything in order, nothing twice, the mark at the end, no more than the cap, nothing below a floor that is raised. Gives the state: 0 there is
    // none, 1 it is being built, 2 it is complete. trim: the lowest go, and the floor rises to the lowest that is left.
    private const string Prelude = """
        local call, sub = redis.call, string.sub

        local function trim(key, surplus)
            local floor = call('LINDEX', key, surplus + 1)
            call('LTRIM', key, surplus + 1, -1)
            call('LPUSH', key, 'z' .. floor)
        end

        -- Redis sorts in place and in a fifth of the time that Lua takes: head and mark make room for a number, which goes again with what is below the floor.
        -- Only what is there twice must go through Lua.
        local function rewrite(key, head, mark)
            local floor, expiry = math.max(tonumber(sub(head, 2)), 1), call('PTTL', key)
            call('LREM', key, -1, mark)
            call('LSET', key, 0, '0')
            call('SORT', key, 'STORE', key)
            local stored, first = call('LRANGE', key, 0, -1), 1
            while stored[first] and tonumber(stored[first]) < floor do first = first + 1 end
            local some = {}
            for i = first, #stored do
                if stored[i] ~= stored[i - 1] then some[#some + 1] = stored[i] end
            end
            if #some == #stored - first + 1 then
                call('LTRIM', key, first - 1, -1)
            else
                call('DEL', key)
                for i = 1, #some, 1000 do call('RPUSH', key, unpack(some, i, math.min(i + 999, #some))) end
            end
            call('LPUSH', key, head)
            call('RPUSH', key, mark)
            if expiry >= 0 then call('PEXPIRE', key, expiry) end
        end

        -- Posts come nearly in order: mostly the last ones of those in order and what was pushed since are all that must be looked at.
        local function merge(key, head, mark, at, tail)
            -- More is sorted faster by Redis.
            if #tail > 200 then return false end
            local floor, ids, last, lowest = tonumber(sub(head, 2)), {}, -1, nil
            for i = 1, #tail do
                local id = tonumber(tail[i])
                if id >= floor then
                    ids[#ids + 1] = id
                    if not lowest or id < lowest then lowest = id end
                end
            end
            local from = math.max(1, at - #tail - 100)
            local near = from < at and call('LRANGE', key, from, at - 1) or {}
            if from > 1 and lowest and lowest <= tonumber(near[1]) then return false end
            for i = 1, #near do ids[#ids + 1] = tonumber(near[i]) end
            table.sort(ids)
            local some = {}
            for i = 1, #ids do
                if ids[i] ~= last then some[#some + 1] = string.format('%.0f', ids[i]) end
                last = ids[i]
            end
            some[#some + 1] = mark
            call('LTRIM', key, 0, from - 1)
            call('RPUSH', key, unpack(some))
            return true
        end

        local function settle(key, mark, cap, floor)
            local head = call('LINDEX', key, 0)
            if not head then return 0 end
            if sub(head, 1, 2) == 'b:' then return 1 end
            local at = call('LPOS', key, mark)
            if not at then call('DEL', key) return 0 end
            local ordered, tail = true, nil
            if floor and floor > tonumber(sub(head, 2)) then
                head = 'z' .. string.format('%.0f', floor)
                ordered = false
            else
                local last = at > 1 and tonumber(call('LINDEX', key, at - 1)) or tonumber(sub(head, 2)) - 1
                tail = call('LRANGE', key, at + 1, -1)
                for i = 1, #tail do
                    local id = tonumber(tail[i])
                    if id <= last then ordered = false break end
                    last = id
                end
                if ordered and #tail > 0 then
                    call('LREM', key, -1, mark)
                    call('RPUSH', key, mark)
                end
            end
            if not ordered and not (tail and merge(key, head, mark, at, tail)) then rewrite(key, head, mark) end
            local surplus = call('LLEN', key) - 2 - cap
            if surplus > 0 then trim(key, surplus) end
            return 2
        end

        -- The lowest are in order as far as the mark: where enough are, nothing else need be looked at. Otherwise, as in a timeline that nobody reads, the
        -- oldest go in the order in which they came, and the floor rises past all of them. What that leaves below the floor goes with the next trim; a few are,
        -- as posts come nearly in order. Where that were most of the next 100 (of twice what goes, where that is fewer), everything is put in order.
        local function shorten(key, mark, cap, length)
            local at, surplus = call('LPOS', key, mark), length - 2 - cap
            if not at then return settle(key, mark, cap) end
            if at - 1 > surplus then return trim(key, surplus) end
            local near, below = call('LRANGE', key, 0, surplus + 1 + math.min(2 * surplus, 100)), 0
            local floor = tonumber(sub(near[1], 2))
            for i = 2, surplus + 2 do
                local id = i ~= at + 1 and tonumber(near[i]) or 0
                if id >= floor then floor = id + 1 end
            end
            for i = surplus + 3, #near do
                if tonumber(near[i]) < floor then below = below + 1 end
            end
            if below * 2 > #near - surplus - 2 then return settle(key, mark, cap) end
            call('LTRIM', key, surplus + 2, -1)
            call('LPUSH', key, mark, 'z' .. string.format('%.0f', floor))
        end

        """;

    // KEYS timelines; ARGV: mark, cap, longest, and for each group of timelines: how many they are, how many posts, posts... Returns in how many of each group
    // they are now. Several posts cost hardly more than one.
    public static readonly RedisScript Push = new(Prelude + """
        local mark, cap, longest, result, first, at = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), {}, 1, 4
        while at < #ARGV do
            local last, from, to, pushed = first + ARGV[at] - 1, at + 2, at + 1 + ARGV[at + 1], 0
            for i = first, last do
                local length = call('RPUSHX', KEYS[i], unpack(ARGV, from, to))
                if length > 0 then pushed = pushed + 1 end
                if length > longest then shorten(KEYS[i], mark, cap, length) end
            end
            result[#result + 1] = pushed
            first, at = last + 1, to + 1
        end
        return result
        """);

    // KEYS timelines; ARGV: mark, cap, longest, floor, 1 where a timeline that is being built is forgotten, posts... Adds posts of one author of which those
    // below the floor are missing. Returns in how many they are now.
    public static readonly RedisScript Add = new(Prelude + """
        local mark, cap, longest, floor, added = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), 0
        for i = 1, #KEYS do
            local key = KEYS[i]
            local head = call('LINDEX', key, 0)
            if head and ARGV[5] == '1' and sub(head, 1, 2) == 'b:' then
                call('DEL', key)
            elseif head then
                local length = call('LLEN', key)
                if #ARGV > 5 then length = call('RPUSH', key, unpack(ARGV, 6)) end
                if floor > 0 or length > longest then settle(key, mark, cap, floor) end
                added = added + 1
            end
        end
        return added
        """);

    // KEYS[1] timeline; ARGV: mark, cap. Returns its state.
    public static readonly RedisScript Settle = new(Prelude + """
        return settle(KEYS[1], ARGV[1], tonumber(ARGV[2]))
        """);

    // KEYS[1] timeline; ARGV: expiry in seconds. Not one that is being built: without its end it must go soon.
    public static readonly RedisScript KeepAlive = new("""
        local head = redis.call('LINDEX', KEYS[1], 0)
        if head and string.sub(head, 1, 1) == 'z' then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
        return 0
        """);

    // KEYS[1] timeline; ARGV: head, time to live in seconds. Returns 1 where the rebuild may go on.
    public static readonly RedisScript Begin = new("""
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
        redis.call('RPUSH', KEYS[1], ARGV[1])
        redis.call('EXPIRE', KEYS[1], ARGV[2])
        return 1
        """);

    // KEYS[1] timeline; ARGV: head, expiry in seconds, mark, cap, floor, posts in ascending order... Returns 1 where it was written: the key still carries
    // this rebuild, so nobody has forgotten the timeline since it began.
    public static readonly RedisScript Complete = new(Prelude + """
        local key = KEYS[1]
        if call('LINDEX', key, 0) ~= ARGV[1] then return 0 end
        local stored = call('LRANGE', key, 1, -1)
        call('RPUSH', key, 'z' .. ARGV[5])
        for i = 6, #ARGV, 1000 do call('RPUSH', key, unpack(ARGV, i, math.min(i + 999, #ARGV))) end
        call('RPUSH', key, ARGV[3])
        for i = 1, #stored, 1000 do call('RPUSH', key, unpack(stored, i, math.min(i + 999, #stored))) end
        call('LTRIM', key, #stored + 1, -1)
        settle(key, ARGV[3], tonumber(ARGV[4]))
        call('EXPIRE', key, ARGV[2])
        return 1
        """);

    // KEYS[1] timeline; ARGV: head. A rebuild that failed takes its key away.
    public static readonly RedisScript Abandon = new("""
        if redis.call('LINDEX', KEYS[1], 0) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        return 0
        """);
}
